// The terminal: the only thing here that knows ncurses. It shows canvases, and gives the bytes that
// the terminal sends.
//
// One at a time in a process. Not thread-safe, but for Wake(). However the program ends, by its own
// will, by a signal that kills it or by abort(), the terminal is as it was before.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "tui/canvas.h"
#include "tui/input_parser.h"
#include "tui/theme.h"

namespace fathom::tui {

struct TerminalOptions {
  std::string theme = "auto";
  bool ascii = false;  // no character outside of ASCII is shown; also where the locale has none
  bool mouse = true;
};

class Terminal {
 public:
  // Takes over /dev/tty, so that standard input and output may be something else. Errors: kNotFound
  // when there is no terminal or terminfo does not know $TERM; kDenied.
  static Result<std::unique_ptr<Terminal>> Open(const TerminalOptions& options);
  virtual ~Terminal() = default;

  virtual Size size() const = 0;
  virtual bool ascii() const = 0;
  virtual InputParser::Extra key_sequences() const = 0;

  virtual void SetTheme(const Theme& theme) = 0;
  virtual const Theme& theme() const = 0;

  // Shows a canvas of size(), writing what differs from the one before.
  virtual void Show(const Canvas& canvas) = 0;
  // The next Show() writes everything.
  virtual void Forget() = 0;

  // What there is to react to.
  struct Happening {
    std::string bytes;     // that the terminal sent
    bool resized = false;  // size() may be another
    bool woken = false;    // by Wake()
    bool closed = false;   // the terminal is gone, or somebody asked to end (SIGTERM, SIGHUP)
  };
  // Waits for one, at most until `until`.
  virtual Happening Wait(std::optional<std::chrono::steady_clock::time_point> until) = 0;
  // Ends Wait(). From any thread.
  virtual void Wake() = 0;

  // Puts text on the clipboard of the person in front, by OSC 52. What tmux and screen need to pass
  // it on is taken care of.
  virtual void Copy(std::string_view text) = 0;

  // Gives the terminal back, stops the process as ^Z does, and takes it again when it goes on.
  virtual void Suspend() = 0;
  // The same around a call, for a program that wants the terminal.
  virtual void Lend(const std::function<void()>& use) = 0;
};

}  // namespace fathom::tui
