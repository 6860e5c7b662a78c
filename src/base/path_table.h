// Paths kept as a tree of names behind 32-bit ids: eight bytes a path.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/id_hash.h"
#include "base/string_pool.h"

namespace fathom {

using PathId = uint32_t;
constexpr PathId kRootPath = 0;

// A parent's id is always smaller than its children's. Not thread-safe while adding.
class PathTable {
 public:
  struct Node {
    PathId parent;
    StringId name;
  };

  PathTable() : nodes_{{kRootPath, 0}} {}

  // The child of `parent` with this name, added if it is not there.
  PathId Add(PathId parent, StringId name);

  // The child, or IdHash::kNone.
  PathId Find(PathId parent, StringId name) const;

  PathId parent(PathId id) const { return nodes_[id].parent; }
  StringId name(PathId id) const { return nodes_[id].name; }
  size_t size() const { return nodes_.size(); }

  // "/a/b", or "/" for the root; `names` is the pool that the names are from.
  std::string Path(PathId id, const StringPool& names) const;

  const std::vector<Node>& nodes() const { return nodes_; }
  static PathTable FromNodes(std::vector<Node> nodes);

  // Gives back what only Add() and Find() need.
  void Freeze();

 private:
  static uint64_t Hash(PathId parent, StringId name) {
    return MixHash(uint64_t{parent} << 32 | name);
  }

  std::vector<Node> nodes_;
  IdHash ids_;
};

// "/a/b" from a node and its ancestors, or "/" for the root, which is kRootPath. `parent_of(id)`
// and `name_of(id)` give a node's parent and its name.
template <typename ParentOf, typename NameOf>
std::string JoinPath(uint32_t id, ParentOf parent_of, NameOf name_of) {
  if (id == kRootPath) {
    return "/";
  }
  size_t size = 0;
  for (uint32_t at = id; at != kRootPath; at = parent_of(at)) {
    size += name_of(at).size() + 1;
  }
  std::string path(size, '/');
  for (uint32_t at = id; at != kRootPath; at = parent_of(at)) {
    const std::string_view name = name_of(at);
    size -= name.size();
    name.copy(path.data() + size, name.size());
    --size;
  }
  return path;
}

// Splits at '/' and cleans away empty components, "." and "..", which never leads above the root.
// The views point into `path`.
void CleanComponents(std::string_view path, std::vector<std::string_view>& components);

}  // namespace fathom
