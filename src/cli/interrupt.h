// Ends long work in an orderly way when somebody presses ^C, and at once when they do it again.
#pragma once

#include <stop_token>
#include <thread>

#include "base/io.h"

namespace fathom::cli {

// While it lives, the first SIGINT, SIGTERM or SIGHUP asks to stop and the second kills. One at a
// time in a process.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  std::stop_token token() const { return stop_.get_token(); }

 private:
  std::stop_source stop_;
  Fd reading_;
  Fd writing_;
  std::thread watcher_;
};

}  // namespace fathom::cli
