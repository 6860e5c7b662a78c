// How far a mirror is, on stderr.
#pragma once

#include <chrono>
#include <string>

#include "cli/status_line.h"
#include "registry/mirror.h"

namespace fathom::cli {

class PullProgress {
 public:
  PullProgress(const registry::Mirror& mirror, const std::string& style)
      : mirror_(mirror), line_(style, [this] { return Text(); }) {}

 private:
  std::string Text() const;

  const registry::Mirror& mirror_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  StatusLine line_;  // last, as it calls
};

}  // namespace fathom::cli
