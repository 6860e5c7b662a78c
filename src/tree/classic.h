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

#include "tree/merged_paths.h"

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
  // Largest first; of equal ones, as dive has few of them, what was met again last, then backwards
  // by path.
  std::vector<Inefficiency> inefficiencies;

  // Infinity or NaN where dive has them.
  double wasted_user_percent() const {
    return static_cast<double>(wasted_bytes) / static_cast<double>(user_size_bytes);
  }
};

// Counts layer by layer. Not thread-safe. It keeps a tree of its own, as dive's follows other rules
// than FileTree.
class ClassicCounter {
 public:
  void Add(std::shared_ptr<const layer::LayerIndex> layer);
  ClassicNumbers Finish() const;

 private:
  // A path in the stack of the layers so far: 17 bytes with size and count.
  struct Node {
    bool present : 1 = false;
    bool directory : 1 = false;
    bool counted : 1 = false;   // it was a leaf in one layer,
    bool repeated : 1 = false;  // or in more
  };
  // What was counted for a path that was a leaf in several layers.
  struct Tally {
    uint64_t count;
    uint64_t sum;
    uint64_t least;
    uint64_t second_layer;  // in which the path was met again
  };

  std::vector<NodeId> NodesOf(const layer::LayerIndex& layer);
  uint64_t BytesBelow(NodeId top) const;
  void Remove(NodeId top);
  void Count(NodeId id, uint64_t bytes);

  MergedPaths paths_;
  PagedVector<Node> nodes_;        // as the paths
  PagedVector<uint64_t> sizes_;    // in the stack
  PagedVector<uint64_t> counted_;  // bytes; of a repeated path its tally
  std::vector<Tally> tallies_;
  std::vector<uint64_t> layer_bytes_;
};

}  // namespace fathom::tree
