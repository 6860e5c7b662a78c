// The classic numbers: dive's efficiency, wasted bytes and user-wasted percent, for people who move
// over and for their thresholds. Formulas as dive 0.13 has them:
//
//   s(leaf)           = size in the header; of a whiteout: the bytes below, if it removes a
//   directory cum(p), min(p)    = sum and minimum of s over the layers in which path p is a leaf
//   efficiency        = sum of min / sum of cum              (1 when nothing was counted)
//   wastedBytes       = sum of cum(p) over paths that are leaves in two layers or more
//   userSizeBytes     = sizes of all layers but the first
//   wastedUserPercent = wastedBytes / userSizeBytes          (a ratio; may be infinite or NaN)
//
// A leaf has no children within its own layer. Links in paths are not followed, opaque directories
// are unknown, a directory that a layer merely implies loses its being one. Not imitated: a
// whiteout of something absent, which makes dive lose the rest of the layer, counts nothing here.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "layer/layer_index.h"

namespace fathom::tree {

struct ClassicNumbers {
  // A path stored more than once: how often, and the bytes of all copies.
  struct Inefficiency {
    std::string path;
    uint64_t count;
    uint64_t bytes;
  };

  uint64_t size_bytes = 0;
  uint64_t user_size_bytes = 0;
  uint64_t wasted_bytes = 0;
  double efficiency = 1;
  std::vector<uint64_t> layer_bytes;
  std::vector<Inefficiency> inefficiencies;  // largest first, then by path

  // Infinity or NaN where dive has them.
  double wasted_user_percent() const {
    return static_cast<double>(wasted_bytes) / static_cast<double>(user_size_bytes);
  }
};

// Counts layer by layer. Not thread-safe. It keeps a tree of its own, as dive's follows other rules
// than FileTree.
class ClassicCounter {
 public:
  void Add(const layer::LayerIndex& layer);
  ClassicNumbers Finish() const;

 private:
  // A path in the stack of the layers so far, and what was counted for it.
  struct Node {
    PathId first_child = IdHash::kNone;
    PathId next_sibling = IdHash::kNone;
    bool present = false;
    bool directory = false;
    uint32_t count = 0;  // layers in which it was a leaf
    uint64_t size = 0;   // in the stack
    uint64_t sum = 0;
    uint64_t least = 0;
  };

  PathId AddPath(PathId parent, std::string_view name);
  std::vector<PathId> PathsOf(const layer::LayerIndex& layer);
  uint64_t BytesBelow(PathId top) const;
  void Remove(PathId top);
  void Count(PathId path, uint64_t bytes);

  StringPool names_;
  PathTable paths_;
  std::vector<Node> nodes_{Node{}};
  std::vector<uint64_t> layer_bytes_;
};

}  // namespace fathom::tree
