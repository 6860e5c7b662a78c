// Other programs: started without a shell, with bounded error output, and always reaped.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "base/io.h"

namespace fathom {

// A pipe, whose ends no program inherits unless it is given them.
struct Pipe {
  Fd reading;
  Fd writing;
};
Result<Pipe> MakePipe();

// A program that runs. The destructor ends it, when it has not ended by itself, and waits for it.
// Not thread-safe.
class ChildProcess {
 public:
  // Starts arguments[0], which is looked up in PATH. `input` and `output` become its standard input
  // and output; -1 is /dev/null. They stay the caller's, who closes his ends. Errors: kNotFound
  // when there is no such program, kDenied when it may not be run.
  static Result<std::unique_ptr<ChildProcess>> Start(const std::vector<std::string>& arguments,
                                                     int input, int output);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // Its standard error can be read here; -1 once that has ended. Whoever waits for something else
  // of the program waits for this too and calls DrainErrors(), or the program may stop writing.
  int error_pipe() const { return errors_pipe_.get(); }
  void DrainErrors();

  // The first 4 KiB of what it wrote to standard error, as far as that is in, without white space
  // at the end.
  std::string errors() const;

  // Waits for its end. An error, with what it wrote to standard error, unless it exited with 0.
  Status Wait();

  // The same, but does not wait long: one that still runs is no error.
  Status WaitBriefly();

 private:
  ChildProcess(std::string name, pid_t process, Fd errors)
      : name_(std::move(name)), process_(process), errors_pipe_(std::move(errors)) {}
  bool HasEnded();
  bool EndsWithin(int milliseconds);
  Status HowItEnded() const;

  std::string name_;
  pid_t process_;
  Fd errors_pipe_;  // does not block
  std::string errors_;
  bool reaped_ = false;
  int status_ = 0;
};

// Runs a program that talks to the person in front of ours: it has our standard input, and writes
// its output and errors to our standard error. Its exit code, or 128 and the signal that ended it.
// Errors: as ChildProcess::Start().
Result<int> RunInFront(const std::vector<std::string>& arguments);

// Runs a program that has the terminal (/dev/tty) for its input, output and errors, whatever ours
// are. Its exit code, or 128 and the signal that ended it. Errors: as ChildProcess::Start();
// kNotFound when there is no terminal.
Result<int> RunOnTerminal(const std::vector<std::string>& arguments);

// What a program writes to its standard output. The end of the bytes is an error unless it exited
// with 0: code kIo, with what it wrote to standard error.
Result<std::unique_ptr<ByteSource>> OutputOf(const std::vector<std::string>& arguments);

}  // namespace fathom
