#include "cli/progress.h"

#include <fmt/format.h>

#include <cstdio>

#include "base/units.h"

namespace fathom::cli {
namespace {

constexpr auto kMoment = std::chrono::milliseconds(500);
constexpr auto kFrame = std::chrono::milliseconds(100);

}  // namespace

StderrProgress::StderrProgress(Style style) : style_(style) {
  if (style_ == Style::kLine) {
    drawer_ = std::jthread([this](const std::stop_token& stop) {
      std::unique_lock lock(mutex_);
      while (!wake_.wait_for(lock, stop, kFrame, [&] { return stop.stop_requested(); })) {
        if (std::chrono::steady_clock::now() - start_ > kMoment) {
          Draw();
        }
      }
    });
  }
}

StderrProgress::~StderrProgress() {
  if (drawer_.joinable()) {
    drawer_.request_stop();
    drawer_.join();
  }
  if (drawn_) {
    fmt::print(stderr, "\r\x1b[K");
  }
}

void StderrProgress::OnStart(size_t layers, uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  layers_ = layers;
  bytes_ = bytes;
}

void StderrProgress::OnLayer(size_t layer, uint64_t bytes, bool cached) {
  const std::lock_guard lock(mutex_);
  done_ += cached ? 0 : 1;
  if (style_ == Style::kPlain && std::chrono::steady_clock::now() - start_ > kMoment) {
    fmt::print(stderr, "layer {}: {}{}\n", layer, cached ? "from the cache" : "read",
               bytes > 0 ? ", " + HumanBytes(bytes) : "");
  }
}

void StderrProgress::Draw() {
  drawn_ = true;
  fmt::print(stderr, "\r\x1b[Kreading: {} of {} layers, {}", done_, layers_,
             HumanBytes(bytes_read.load()));
  if (bytes_ > 0) {
    fmt::print(stderr, " of {}", HumanBytes(bytes_));
  }
  std::fflush(stderr);
}

}  // namespace fathom::cli
