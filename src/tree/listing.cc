#include "tree/listing.h"

#include <algorithm>
#include <cstdint>

namespace fathom::tree {
namespace {

bool SameClassically(const FileTree& tree, const Version& a, const Version& b) {
  const layer::Entry* x = tree.OwnEntry(a);
  const layer::Entry* y = tree.OwnEntry(b);
  if (x == nullptr || y == nullptr) {
    return x == y;
  }
  const auto content = [&](const Version& version) {
    return tree.layer(version.entry_layer).content(version.entry);
  };
  return x->type == y->type && x->mode == y->mode && x->uid == y->uid && x->gid == y->gid &&
         std::ranges::equal(content(a), content(b));
}

class Lister {
 public:
  Lister(const FileTree& tree, const NameOrder& names, Range range, Comparison comparison)
      : tree_(tree), names_(names), range_(range), comparison_(comparison) {}

  std::vector<Row> List(Order order) {
    CollectRows();
    SumUp();
    if (order != Order::kName) {
      Reorder(order);
    }
    MarkLastChildren();
    return std::move(rows_);
  }

 private:
  // Rows in the order of names, each with what it is by itself.
  void CollectRows() {
    std::vector<uint32_t> way;  // rows from the root down to the last one
    uint32_t absent = kNone;    // depth of a path that is not there, nor anything below
    for (const NameOrder::Place& place : names_.places()) {
      if (absent != kNone && place.depth > absent) {
        continue;
      }
      way.resize(place.depth);
      const bool there = AddRow(place.node, place.depth == 0 ? kNone : way.back(), place.depth);
      absent = there ? kNone : place.depth;
      way.push_back(static_cast<uint32_t>(rows_.size() - 1));
    }
  }

  bool AddRow(NodeId node, uint32_t parent, uint32_t depth) {
    const Version* after = tree_.VersionAt(node, range_.last);
    const Version* before = range_.first == 0 ? nullptr : tree_.VersionAt(node, range_.first - 1);
    Row row{node, parent, depth, false, Change::kUnmodified, after, 0, 0};
    if (IsPresent(after)) {
      row.change = IsPresent(before) ? Compare(*before, *after) : Change::kAdded;
    } else {
      row.change = Change::kRemoved;
      row.version = IsPresent(before) ? before : LastPresentInRange(after);
    }
    if (row.version == nullptr) {
      return false;
    }
    row.bytes = BytesOf(*row.version);
    rows_.push_back(row);
    return true;
  }

  // What came and went within the range.
  const Version* LastPresentInRange(const Version* version) const {
    while (version != nullptr && version->layer >= range_.first && !IsPresent(version)) {
      version = tree_.Previous(*version);
    }
    const bool found =
        IsPresent(version) && version->layer >= range_.first && range_.first <= range_.last;
    return found ? version : nullptr;
  }

  Change Compare(const Version& before, const Version& after) const {
    if (&before == &after) {
      return Change::kUnmodified;
    }
    const bool same = comparison_ == Comparison::kExact ? tree_.Same(&before, &after)
                                                        : SameClassically(tree_, before, after);
    return same ? Change::kUnmodified : Change::kModified;
  }

  uint64_t BytesOf(const Version& version) const {
    const layer::Entry* own = tree_.OwnEntry(version);
    return own != nullptr && own->type == layer::EntryType::kFile ? own->size : 0;
  }

  // Children come after their parents, so one pass from the end reaches every parent complete.
  void SumUp() {
    std::vector<uint64_t> wasted(tree_.node_count());
    for (const Waste& waste : tree_.waste()) {
      wasted[waste.node] += tree_.size(tree_.inodes()[waste.inode]);
    }
    for (size_t i = rows_.size(); i-- > 0;) {
      Row& row = rows_[i];
      row.wasted_bytes += wasted[row.node];
      if (row.parent == kNone) {
        continue;
      }
      Row& parent = rows_[row.parent];
      parent.wasted_bytes += row.wasted_bytes;
      if (row.change != Change::kRemoved || parent.change == Change::kRemoved) {
        parent.bytes += row.bytes;
      }
      // A directory that is new or gone as a whole stays that, whatever happened inside.
      if (parent.change == Change::kUnmodified && row.change != Change::kUnmodified) {
        parent.change = Change::kModified;
      }
    }
  }

  // What rows are sorted by, the largest first.
  int64_t Key(const Row& row, Order order) const {
    if (order == Order::kTime) {
      const layer::Entry* entry = tree_.Metadata(*row.version);
      return entry == nullptr ? INT64_MIN : entry->mtime;
    }
    return static_cast<int64_t>(order == Order::kSize ? row.bytes : row.wasted_bytes);
  }

  void Reorder(Order order) {
    const auto key = [&](uint32_t row) { return Key(rows_[row], order); };
    std::vector<std::vector<uint32_t>> children(rows_.size() + 1);
    for (uint32_t i = 0; i < rows_.size(); ++i) {
      children[rows_[i].parent == kNone ? rows_.size() : rows_[i].parent].push_back(i);
    }
    std::vector<Row> ordered;
    ordered.reserve(rows_.size());
    struct Pending {
      uint32_t row;
      uint32_t new_parent;
    };
    std::vector<Pending> pending;
    const auto add = [&](std::vector<uint32_t>& rows, uint32_t new_parent) {
      std::ranges::stable_sort(rows, std::greater<>(), key);
      for (auto at = rows.rbegin(); at != rows.rend(); ++at) {
        pending.push_back({*at, new_parent});
      }
    };
    add(children.back(), kNone);
    while (!pending.empty()) {
      const Pending next = pending.back();
      pending.pop_back();
      ordered.push_back(rows_[next.row]);
      ordered.back().parent = next.new_parent;
      add(children[next.row], static_cast<uint32_t>(ordered.size() - 1));
    }
    rows_ = std::move(ordered);
  }

  void MarkLastChildren() {
    std::vector<bool> seen(rows_.size() + 1);
    for (size_t i = rows_.size(); i-- > 0;) {
      const size_t parent = rows_[i].parent == kNone ? rows_.size() : rows_[i].parent;
      rows_[i].last_child = !seen[parent];
      seen[parent] = true;
    }
  }

  const FileTree& tree_;
  const NameOrder& names_;
  Range range_;
  Comparison comparison_;
  std::vector<Row> rows_;
};

}  // namespace

std::string_view ChangeName(Change change) {
  switch (change) {
    case Change::kModified:
      return "modified";
    case Change::kAdded:
      return "added";
    case Change::kRemoved:
      return "removed";
    case Change::kUnmodified:
      break;
  }
  return "unmodified";
}

NameOrder::NameOrder(const FileTree& tree) {
  places_.reserve(tree.node_count());
  std::vector<Place> pending;
  const auto add_children = [&](NodeId node, uint32_t depth) {
    const auto first = static_cast<ptrdiff_t>(pending.size());
    for (NodeId child = tree.first_child(node); child != kNone; child = tree.next_sibling(child)) {
      pending.push_back({child, depth});
    }
    std::sort(pending.begin() + first, pending.end(), [&](const Place& a, const Place& b) {
      return tree.name(a.node) > tree.name(b.node);
    });
  };
  add_children(kRoot, 0);
  while (!pending.empty()) {
    const Place next = pending.back();
    pending.pop_back();
    places_.push_back(next);
    add_children(next.node, next.depth + 1);
  }
}

std::vector<Row> List(const FileTree& tree, const NameOrder& names, Range range,
                      Comparison comparison, Order order) {
  return Lister(tree, names, range, comparison).List(order);
}

std::vector<Row> List(const FileTree& tree, Range range, Comparison comparison, Order order) {
  return List(tree, NameOrder(tree), range, comparison, order);
}

}  // namespace fathom::tree
