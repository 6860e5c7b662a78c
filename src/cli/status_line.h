// Tells on stderr how far long work is: on a terminal a line that is redrawn, elsewhere a line now
// and then.
#pragma once

#include <functional>
#include <string>
#include <thread>

namespace fathom::cli {

// Calls `text` from a thread of its own, first after a moment. `style` is the value of --progress.
class StatusLine {
 public:
  StatusLine(const std::string& style, std::function<std::string()> text);
  ~StatusLine();
  StatusLine(const StatusLine&) = delete;
  StatusLine& operator=(const StatusLine&) = delete;

 private:
  void Draw(const std::stop_token& stop);

  const bool redraws_;
  const std::function<std::string()> text_;
  std::jthread drawer_;  // last, so that it ends first
};

}  // namespace fathom::cli
