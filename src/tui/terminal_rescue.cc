#include "tui/terminal_rescue.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace fathom::tui {
namespace {

constexpr std::array kDeadly = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
constexpr std::array kTold = {SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGWINCH, SIGCONT};
constexpr size_t kSignals = kDeadly.size() + kTold.size();
constexpr size_t kStackBytes = 64 << 10;

struct Rescue {
  int terminal = -1;
  termios modes = {};
  char farewell[512] = {};
  size_t farewell_size = 0;
  int pipe = -1;
  struct sigaction before[kSignals] = {};
  stack_t stack_before = {};
};

Rescue rescue;
std::atomic<bool> held = false;

static_assert(std::atomic<bool>::is_always_lock_free);

void GiveBack() {
  for (size_t at = 0; at < rescue.farewell_size;) {
    const ssize_t written =
        ::write(rescue.terminal, rescue.farewell + at, rescue.farewell_size - at);
    if (written <= 0) {
      break;
    }
    at += static_cast<size_t>(written);
  }
  ::tcsetattr(rescue.terminal, TCSANOW, &rescue.modes);
}

// SA_RESETHAND has made the action the default one again, so that raising it kills.
void Die(int number) {
  if (held.exchange(false)) {
    GiveBack();
  }
  ::raise(number);
}

void Tell(int number) {
  const int error = errno;
  const auto byte = static_cast<unsigned char>(number);
  [[maybe_unused]] const ssize_t written = ::write(rescue.pipe, &byte, 1);
  errno = error;
}

void Install(size_t slot, int number, void (*handler)(int), int flags) {
  struct sigaction action = {};
  action.sa_handler = handler;
  action.sa_flags = flags;
  ::sigemptyset(&action.sa_mask);
  ::sigaction(number, &action, &rescue.before[slot]);
}

}  // namespace

TerminalRescue::TerminalRescue(int terminal, const termios& modes, std::string farewell) {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0) {
    pipe_read_ = Fd(ends[0]);
    pipe_write_ = Fd(ends[1]);
  }
  rescue.terminal = terminal;
  rescue.modes = modes;
  rescue.farewell_size = std::min(farewell.size(), sizeof rescue.farewell);
  std::memcpy(rescue.farewell, farewell.data(), rescue.farewell_size);
  rescue.pipe = pipe_write_.get();
  // A stack that has overflowed is no place for a handler.
  stack_t stack = {};
  stack.ss_sp = std::malloc(kStackBytes);
  stack.ss_size = kStackBytes;
  ::sigaltstack(&stack, &rescue.stack_before);
  held = true;
  size_t slot = 0;
  for (const int number : kDeadly) {
    Install(slot++, number, Die, static_cast<int>(SA_RESETHAND | SA_ONSTACK | SA_NODEFER));
  }
  for (const int number : kTold) {
    Install(slot++, number, Tell, SA_RESTART);
  }
}

TerminalRescue::~TerminalRescue() {
  held = false;
  size_t slot = 0;
  for (const int number : kDeadly) {
    ::sigaction(number, &rescue.before[slot++], nullptr);
  }
  for (const int number : kTold) {
    ::sigaction(number, &rescue.before[slot++], nullptr);
  }
  stack_t stack = {};
  ::sigaltstack(nullptr, &stack);
  if (rescue.stack_before.ss_sp != nullptr || (rescue.stack_before.ss_flags & SS_DISABLE) != 0) {
    ::sigaltstack(&rescue.stack_before, nullptr);
  }
  std::free(stack.ss_sp);
  rescue.pipe = -1;
}

void TerminalRescue::Wake() {
  const unsigned char byte = 0;
  [[maybe_unused]] const ssize_t written = ::write(pipe_write_.get(), &byte, 1);
}

TerminalRescue::Seen TerminalRescue::Take() {
  Seen seen;
  unsigned char bytes[64];
  ssize_t got = 0;
  while ((got = ::read(pipe_read_.get(), bytes, sizeof bytes)) > 0) {
    for (ssize_t i = 0; i < got; ++i) {
      switch (bytes[i]) {
        case 0:
          seen.woken = true;
          break;
        case SIGWINCH:
          seen.resized = true;
          break;
        case SIGTSTP:
          seen.suspends = true;
          break;
        case SIGCONT:
          seen.continued = true;
          break;
        case SIGINT:
        case SIGQUIT:
          seen.interrupted = true;
          break;
        default:
          seen.ends = true;
      }
    }
  }
  return seen;
}

void TerminalRescue::Hold(bool hold) { held = hold; }

}  // namespace fathom::tui
