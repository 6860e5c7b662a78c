// The exact numbers of an image, read off its tree. Sizes are bytes of regular files' content.
#pragma once

#include <array>
#include <cstdint>

#include "tree/file_tree.h"

namespace fathom::tree {

struct Summary {
  uint64_t stored_bytes = 0;     // over all layers
  uint64_t visible_bytes = 0;    // in the merged file system
  uint64_t duplicate_bytes = 0;  // visible content that is there more than once, less one copy
  uint64_t entries = 0;          // tar entries of all layers
  std::array<uint64_t, kCauseCount> wasted_by_cause{};
  // Stored in a layer above the first and not visible: what the image's own author can get back
  // when the base is the first layer.
  uint64_t user_stored_bytes = 0;
  uint64_t user_wasted_bytes = 0;

  uint64_t wasted_bytes() const { return stored_bytes - visible_bytes; }
  double efficiency() const;           // visible / stored, 1 when nothing is stored
  double user_wasted_percent() const;  // a ratio of 0 to 1; 0 when the user stored nothing
};

// `base_layers` leading layers belong to the base image.
Summary Summarize(const FileTree& tree, size_t base_layers);

}  // namespace fathom::tree
