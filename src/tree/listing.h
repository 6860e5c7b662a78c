// What a tree shows: the file system after a layer, or what a range of layers changed in it.
#pragma once

#include <cstdint>
#include <vector>

#include "tree/file_tree.h"

namespace fathom::tree {

enum class Change : uint8_t { kUnmodified, kModified, kAdded, kRemoved };
std::string_view ChangeName(Change change);

// How two versions are compared. kClassic is dive's way, which knows neither times nor attributes
// nor link targets.
enum class Comparison { kExact, kClassic };

// Sizes and times descending, equal ones by name.
enum class Order { kName, kSize, kWaste, kTime };

// The change that layers [first, last] make. With first == last + 1 nothing changes: the plain file
// system after `last`.
struct Range {
  size_t first;
  size_t last;
};

struct Row {
  NodeId node;
  uint32_t parent;  // row of the parent; kNone for what lies in the root
  uint32_t depth;   // 0 for what lies in the root
  bool last_child;
  Change change;           // of a directory: Modified when anything below changed
  const Version* version;  // what is shown: after the range, or before it was removed
  uint64_t bytes;          // content at this path; of a directory, of all below. Links cost nothing
  uint64_t wasted_bytes;   // lost at this path or below, over all layers
};

// All nodes of a tree but the root, parents first, children in the order of their names (by bytes).
// Whoever lists a tree often sorts it once. 8 bytes a node.
class NameOrder {
 public:
  struct Place {
    NodeId node;
    uint32_t depth;  // 0 for what lies in the root
  };

  explicit NameOrder(const FileTree& tree);
  const std::vector<Place>& places() const { return places_; }

 private:
  std::vector<Place> places_;
};

// Rows in the order of the tree, parents first, children in `order`. Paths that the range removed
// are among them; a directory's bytes leave them out unless it is removed itself. The tree must
// outlive the rows.
std::vector<Row> List(const FileTree& tree, const NameOrder& names, Range range,
                      Comparison comparison, Order order = Order::kName);
std::vector<Row> List(const FileTree& tree, Range range, Comparison comparison,
                      Order order = Order::kName);

}  // namespace fathom::tree
