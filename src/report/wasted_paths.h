// Wasted content, path by path, in the order that reports show it.
#pragma once

#include <string>
#include <vector>

#include "analyze/analysis.h"

namespace fathom::report {

struct WastedPath {
  std::string path;
  uint64_t bytes;
  tree::Cause cause;
  size_t stored_in;  // layer
  size_t hidden_by;  // layer
};

// Largest first, then by path and layers. Contents of no bytes waste none and are left out.
std::vector<WastedPath> WastedPaths(const analyze::Analysis& analysis);

}  // namespace fathom::report
