#include "cli/status_line.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <mutex>

namespace fathom::cli {
namespace {

constexpr std::chrono::milliseconds kFrame{200};
constexpr std::chrono::seconds kLineEvery{10};

int TerminalColumns() {
  winsize window = {};
  constexpr int kUsual = 80;
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 0 ? window.ws_col
                                                                               : kUsual;
}

}  // namespace

StatusLine::StatusLine(const std::string& style, std::function<std::string()> text)
    : redraws_(style == "auto" && ::isatty(STDERR_FILENO) != 0), text_(std::move(text)) {
  if (style != "none") {
    drawer_ = std::jthread([this](const std::stop_token& stop) { Draw(stop); });
  }
}

StatusLine::~StatusLine() {
  if (!drawer_.joinable()) {
    return;
  }
  drawer_.request_stop();
  drawer_.join();
  if (redraws_) {
    fmt::print(stderr, "\r\x1b[K");
  }
}

void StatusLine::Draw(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  const auto never = [] { return false; };
  while (!stop.stop_requested()) {
    if (redraws_) {
      wake.wait_for(lock, stop, kFrame, never);
    } else {
      wake.wait_for(lock, stop, kLineEvery, never);
    }
    if (stop.stop_requested()) {
      return;
    }
    const std::string text = text_();
    if (redraws_) {
      fmt::print(stderr, "\r\x1b[K{}", text.substr(0, static_cast<size_t>(TerminalColumns() - 1)));
    } else {
      fmt::print(stderr, "{}\n", text);
    }
    std::fflush(stderr);
  }
}

}  // namespace fathom::cli
