// What in an image explains a rule's result: paths and layers, largest first.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "tree/file_tree.h"

namespace fathom::gate {

struct Finding {
  std::string path;                 // "" when it is about a layer as a whole
  std::optional<size_t> stored_in;  // layer; not known of classic numbers
  std::optional<size_t> hidden_by;  // layer; none when visible in the end
  uint64_t bytes = 0;
  std::optional<tree::Cause> cause;  // why it is not visible
  std::string why;                   // what else there is to say; may be ""
};

// The largest findings, and how many more there were.
struct Findings {
  std::vector<Finding> shown;
  uint64_t omitted = 0;
};

// Puts findings in their order, the same for the same image, and keeps the first `most`.
inline Findings Largest(std::vector<Finding> all, size_t most) {
  const auto key = [](const Finding& finding) {
    return std::tie(finding.path, finding.stored_in, finding.hidden_by, finding.why);
  };
  std::ranges::sort(all, [&](const Finding& a, const Finding& b) {
    return a.bytes != b.bytes ? a.bytes > b.bytes : key(a) < key(b);
  });
  Findings findings;
  findings.omitted = all.size() > most ? all.size() - most : 0;
  all.resize(all.size() - findings.omitted);
  findings.shown = std::move(all);
  return findings;
}

}  // namespace fathom::gate
