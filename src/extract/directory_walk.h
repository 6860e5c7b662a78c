// Directories below an output root, reached step by step through descriptors.
//
// A step is one openat() of one name that is no link, so nothing outside the root can be reached,
// whatever names an image has and whatever links lie in the output already; paths may be longer
// than the system's limit for a path. The directories on the way to the latest one stay open as far
// as that saves steps: the nearest 32, and every 32nd above.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "base/io.h"
#include "tree/file_tree.h"

namespace fathom::extract {

// Whether a system call takes `name` for one name within a directory.
bool IsSingleName(std::string_view name);

// Not thread-safe. Errors are errnos: ENOENT, ENOTDIR also for a link in the way, ...
class DirectoryWalk {
 public:
  // `root` stays the caller's; `tree` gives the names of nodes.
  DirectoryWalk(const tree::FileTree& tree, int root) : tree_(tree), root_(root) {}

  // A descriptor of the directory, valid until the next call, good for *at() calls only.
  std::expected<int, int> Open(tree::NodeId directory) { return Go(directory, false); }
  // The same; directories that are missing are made, with the modes that the umask leaves.
  std::expected<int, int> OpenOrMake(tree::NodeId directory) { return Go(directory, true); }

 private:
  static constexpr size_t kNear = 32;
  static constexpr size_t kEvery = 32;

  struct Level {
    tree::NodeId node;
    Fd directory;  // invalid where it was closed to save descriptors
  };

  std::expected<int, int> Go(tree::NodeId directory, bool make);
  std::expected<Fd, int> Step(int at, tree::NodeId node, bool make) const;

  const tree::FileTree& tree_;
  int root_;
  std::vector<Level> levels_;  // from below the root downwards
  std::vector<tree::NodeId> way_;
};

}  // namespace fathom::extract
