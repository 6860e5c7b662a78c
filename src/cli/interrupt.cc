#include "cli/interrupt.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace fathom::cli {
namespace {

constexpr std::array kSignals = {SIGINT, SIGTERM, SIGHUP};

int pipe_for_handler = -1;
struct sigaction before[kSignals.size()];

// SA_RESETHAND makes the next one kill.
void Tell(int /*number*/) {
  const int error = errno;
  const char byte = 1;
  [[maybe_unused]] const ssize_t written = ::write(pipe_for_handler, &byte, 1);
  errno = error;
}

}  // namespace

Interrupt::Interrupt() {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    return;  // then they kill, as ever
  }
  reading_ = Fd(ends[0]);
  writing_ = Fd(ends[1]);
  pipe_for_handler = writing_.get();
  for (size_t i = 0; i < kSignals.size(); ++i) {
    struct sigaction action = {};
    action.sa_handler = Tell;
    action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
    ::sigemptyset(&action.sa_mask);
    ::sigaction(kSignals[i], &action, &before[i]);
  }
  watcher_ = std::thread([this] {
    char byte = 0;
    while (::read(reading_.get(), &byte, 1) < 0 && errno == EINTR) {
    }
    if (byte == 1) {
      stop_.request_stop();
    }
  });
}

Interrupt::~Interrupt() {
  if (!watcher_.joinable()) {
    return;
  }
  for (size_t i = 0; i < kSignals.size(); ++i) {
    ::sigaction(kSignals[i], &before[i], nullptr);
  }
  writing_ = Fd();
  pipe_for_handler = -1;
  watcher_.join();
}

}  // namespace fathom::cli
