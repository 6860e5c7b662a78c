// Where the paths of an image are that globs mean: in which layer, until which, and why no longer.
#pragma once

#include <functional>
#include <vector>

#include "gate/path_globs.h"
#include "tree/file_tree.h"

namespace fathom::gate {

// For each node of the tree whether a glob matches it or a directory above it.
std::vector<bool> Covered(const tree::FileTree& tree, const PathGlobs& globs);

// One time that a path held something other than a directory.
struct Occurrence {
  tree::NodeId node;
  const tree::Version* version;
  uint64_t bytes;             // of a regular file
  const tree::Version* next;  // what took its place; null when it is visible in the end
  tree::Cause cause;          // only with `next`
};

// Calls `visit` for each time that a path held something that a glob means, with the number of the
// glob; paths in the order of nodes, latest first. Several globs: once for each.
void FindOccurrences(const tree::FileTree& tree, const PathGlobs& globs,
                     const std::function<void(const Occurrence&, uint32_t glob)>& visit);

}  // namespace fathom::gate
