#include "base/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>

namespace fathom {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kMostErrorBytes = 4096;
constexpr int kPipeBytes = 1 << 20;
constexpr int kGraceMs = 300;  // for a program to end by itself

// What the child does between fork and exec.
class SpawnPlan {
 public:
  SpawnPlan() {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
  }
  ~SpawnPlan() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  void Connect(int own, int standard) {
    if (own < 0) {
      ::posix_spawn_file_actions_addopen(&actions_, standard, "/dev/null", O_RDWR, 0);
    } else {
      ::posix_spawn_file_actions_adddup2(&actions_, own, standard);
    }
  }

  // A program that writes into a pipe nobody reads is to die of it, as in a shell.
  void ResetSignals() {
    sigset_t signals;
    ::sigemptyset(&signals);
    ::posix_spawnattr_setsigmask(&attributes_, &signals);
    ::sigaddset(&signals, SIGPIPE);
    ::posix_spawnattr_setsigdefault(&attributes_, &signals);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  }

  Result<pid_t> Spawn(const std::vector<std::string>& arguments) {
    std::vector<char*> words;
    words.reserve(arguments.size() + 1);
    for (const std::string& argument : arguments) {
      words.push_back(const_cast<char*>(argument.c_str()));  // exec's own type lacks the const
    }
    words.push_back(nullptr);
    pid_t process = 0;
    const int error =
        ::posix_spawnp(&process, words[0], &actions_, &attributes_, words.data(), environ);
    if (error != 0) {
      return std::unexpected(
          SystemError(error, fmt::format("cannot start the program '{}'", arguments[0])));
    }
    return process;
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

// A program's standard output, watched together with its standard error.
class ProgramOutput final : public ByteSource {
 public:
  ProgramOutput(std::unique_ptr<ChildProcess> child, Fd output)
      : child_(std::move(child)), output_(std::move(output)) {}

  Result<size_t> Read(ByteSpan out) override {
    while (true) {
      std::array<pollfd, 2> waiting = {pollfd{output_.get(), POLLIN, 0},
                                       pollfd{child_->error_pipe(), POLLIN, 0}};
      if (::poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR) {
        return std::unexpected(SystemError(errno, "poll"));
      }
      if (waiting[1].revents != 0) {
        child_->DrainErrors();
      }
      if (waiting[0].revents != 0) {
        PipeSource pipe(output_.get());
        TRY_ASSIGN(const size_t got, pipe.Read(out));
        if (got == 0) {
          TRY(child_->Wait());
        }
        return got;
      }
    }
  }

 private:
  std::unique_ptr<ChildProcess> child_;
  Fd output_;
};

// Waits for the program, which has what the plan connects. Its exit code as a shell tells it.
Result<int> RunToItsEnd(SpawnPlan& plan, const std::vector<std::string>& arguments) {
  plan.ResetSignals();
  TRY_ASSIGN(const pid_t process, plan.Spawn(arguments));
  int status = 0;
  while (::waitpid(process, &status, 0) < 0) {
    if (errno != EINTR) {
      return std::unexpected(SystemError(errno, fmt::format("waiting for '{}'", arguments[0])));
    }
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

Result<Pipe> MakePipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    return std::unexpected(SystemError(errno, "pipe"));
  }
  return Pipe{Fd(ends[0]), Fd(ends[1])};
}

Result<std::unique_ptr<ChildProcess>> ChildProcess::Start(const std::vector<std::string>& arguments,
                                                          int input, int output) {
  TRY_ASSIGN(Pipe errors, MakePipe());
  ::fcntl(errors.reading.get(), F_SETFL, O_NONBLOCK);
  SpawnPlan plan;
  plan.Connect(input, STDIN_FILENO);
  plan.Connect(output, STDOUT_FILENO);
  plan.Connect(errors.writing.get(), STDERR_FILENO);
  plan.ResetSignals();
  TRY_ASSIGN(const pid_t process, plan.Spawn(arguments));
  return std::unique_ptr<ChildProcess>(
      new ChildProcess(arguments[0], process, std::move(errors.reading)));
}

ChildProcess::~ChildProcess() {
  if (EndsWithin(kGraceMs)) {
    return;
  }
  ::kill(process_, SIGTERM);
  if (!EndsWithin(5 * kGraceMs)) {
    ::kill(process_, SIGKILL);
    while (::waitpid(process_, &status_, 0) < 0 && errno == EINTR) {
    }
  }
}

void ChildProcess::DrainErrors() {
  std::array<char, 4096> buffer;
  while (errors_pipe_.valid()) {
    const ssize_t got = ::read(errors_pipe_.get(), buffer.data(), buffer.size());
    if (got > 0) {
      errors_.append(buffer.data(),
                     std::min(static_cast<size_t>(got), kMostErrorBytes - errors_.size()));
    } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
      errors_pipe_ = Fd();
    } else if (errno == EAGAIN) {
      return;
    }
  }
}

std::string ChildProcess::errors() const {
  return errors_.substr(0, errors_.find_last_not_of(" \t\r\n") + 1);
}

bool ChildProcess::HasEnded() {
  if (!reaped_) {
    const pid_t got = ::waitpid(process_, &status_, WNOHANG);
    reaped_ = got == process_ || (got < 0 && errno == ECHILD);
  }
  return reaped_;
}

// It may leave a child of its own behind that keeps standard error open, as ssh does, so the end of
// that is not waited for.
bool ChildProcess::EndsWithin(int milliseconds) {
  constexpr int kStep = 5;
  const auto end = Clock::now() + std::chrono::milliseconds(milliseconds);
  while (!HasEnded()) {
    if (milliseconds >= 0 && Clock::now() >= end) {
      return false;
    }
    pollfd waiting{errors_pipe_.get(), POLLIN, 0};
    static_cast<void>(::poll(&waiting, 1, kStep));
    DrainErrors();
  }
  return true;
}

Status ChildProcess::Wait() {
  EndsWithin(-1);
  DrainErrors();
  return HowItEnded();
}

Status ChildProcess::WaitBriefly() {
  const bool ended = EndsWithin(kGraceMs);
  DrainErrors();
  return ended ? HowItEnded() : Status();
}

Status ChildProcess::HowItEnded() const {
  if (WIFEXITED(status_) && WEXITSTATUS(status_) == 0) {
    return {};
  }
  const std::string said = errors();
  return Fail(Code::kIo, "'{}' ended with {} {}{}{}", name_,
              WIFSIGNALED(status_) ? "signal" : "exit code",
              WIFSIGNALED(status_) ? WTERMSIG(status_) : WEXITSTATUS(status_),
              said.empty() ? "" : ": ", said);
}

Result<int> RunInFront(const std::vector<std::string>& arguments) {
  SpawnPlan plan;
  plan.Connect(STDERR_FILENO, STDOUT_FILENO);
  return RunToItsEnd(plan, arguments);
}

Result<int> RunOnTerminal(const std::vector<std::string>& arguments) {
  const Fd terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC));
  if (terminal.get() < 0) {
    return Fail(Code::kNotFound, "there is no terminal for '{}'", arguments[0]);
  }
  SpawnPlan plan;
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    plan.Connect(terminal.get(), stream);
  }
  return RunToItsEnd(plan, arguments);
}

Result<std::unique_ptr<ByteSource>> OutputOf(const std::vector<std::string>& arguments) {
  TRY_ASSIGN(Pipe output, MakePipe());
  ::fcntl(output.reading.get(), F_SETPIPE_SZ, kPipeBytes);
  TRY_ASSIGN(auto child, ChildProcess::Start(arguments, -1, output.writing.get()));
  return std::make_unique<ProgramOutput>(std::move(child), std::move(output.reading));
}

}  // namespace fathom
