// Gives the terminal back when the program dies, and tells of signals.
//
// There is one terminal, so what the handlers need is global; they call only what is safe in a
// handler of signals.
#pragma once

#include <termios.h>

#include <string>

#include "base/io.h"

namespace fathom::tui {

// While it lives, a signal that kills the program (SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT) first
// restores the terminal; the program then dies of it as usual. SIGTERM, SIGHUP, SIGINT and SIGQUIT
// do not kill but ask to end; SIGTSTP, SIGWINCH and SIGCONT are told, too. One at a time.
class TerminalRescue {
 public:
  // `terminal` stays the caller's; `farewell` is what ends the program's hold on it.
  TerminalRescue(int terminal, const termios& modes, std::string farewell);
  ~TerminalRescue();
  TerminalRescue(const TerminalRescue&) = delete;
  TerminalRescue& operator=(const TerminalRescue&) = delete;

  // Readable when a signal has come, or Wake() was called.
  int descriptor() const { return pipe_read_.get(); }
  void Wake();

  struct Seen {
    bool resized = false;
    bool suspends = false;  // SIGTSTP
    bool continued = false;
    bool interrupted = false;  // SIGINT, SIGQUIT: somebody at the terminal asked to end
    bool ends = false;         // SIGTERM, SIGHUP
    bool woken = false;
  };
  Seen Take();

  // Between these nothing is restored: somebody else has the terminal.
  void Hold(bool held);

 private:
  Fd pipe_read_;
  Fd pipe_write_;
};

}  // namespace fathom::tui
