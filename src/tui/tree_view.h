// The file tree on the screen as a model: which rows there are, which of them show, and where the
// cursor is. Drawn by tree_pane.h.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "tree/listing.h"
#include "tui/path_filter.h"

namespace fathom::tui {

// A tree that is looked at, sorted once. Shared by whoever shows it.
struct SortedTree {
  explicit SortedTree(std::shared_ptr<const tree::FileTree> shown)
      : tree(std::move(shown)), names(*tree) {}

  std::shared_ptr<const tree::FileTree> tree;
  tree::NameOrder names;
};

// Which rows show, and how, apart from the cursor. Kept when the layer changes.
struct TreeSettings {
  tree::Comparison comparison = tree::Comparison::kExact;
  tree::Order order = tree::Order::kName;
  bool hidden[4] = {};  // of each tree::Change
  // dive's way: what is hidden hides all below it, whatever that is, and directories have the bytes
  // of what shows. Otherwise a directory shows as long as anything below does, with all its bytes.
  bool as_dive = false;
  PathFilter filter;
};

// Not thread-safe. Moving the cursor costs nothing that grows with the tree; folding a directory
// and filtering cost one pass over the rows, another range or order one over the nodes.
class TreeView {
 public:
  static constexpr uint32_t kEveryDepth = UINT32_MAX;

  // Shows the change of `range` in a tree. Settings stay, and so do cursor and folded directories
  // where the nodes are those of the tree before, as in trees that begin with the same layers.
  enum class Nodes { kSame, kOther };
  void Show(std::shared_ptr<const SortedTree> tree, tree::Range range, Nodes nodes = Nodes::kSame);
  // Nothing is shown.
  void Clear();

  const tree::FileTree* tree() const { return tree_ == nullptr ? nullptr : tree_->tree.get(); }
  tree::Range range() const { return range_; }
  const TreeSettings& settings() const { return settings_; }
  void Set(TreeSettings settings);

  // The rows that show, from above.
  size_t size() const { return visible_.size(); }
  const tree::Row& row(size_t index) const { return rows_[visible_[index].row]; }
  bool IsLast(size_t index) const { return visible_[index].last; }  // of its directory's that show
  // The index of the directory that holds it; kNone for what lies in the root.
  size_t ParentOf(size_t index) const;
  uint64_t BytesOf(size_t index) const;
  bool HasChildren(size_t index) const { return HasBelow(visible_[index].row); }
  bool IsFolded(size_t index) const { return Folds(visible_[index].row); }
  // How many paths match the filter; 0 without one.
  size_t matches() const { return matches_; }
  bool Matches(size_t index) const;

  size_t cursor() const { return cursor_; }
  const tree::Row* selected() const { return size() == 0 ? nullptr : &row(cursor_); }
  // The first row on a screen of `height` rows, so that the cursor is on it.
  size_t top() const { return top_; }
  void SetHeight(size_t height);
  size_t height() const { return height_; }

  void MoveBy(ptrdiff_t rows);
  void MoveTo(size_t index);
  void PageBy(ptrdiff_t pages);   // a page is a screen less a row, and scrolls by as much
  void ScrollBy(ptrdiff_t rows);  // the cursor stays where it can
  bool MoveToParent();
  // To the next or previous path that matches the filter, around the end. False without any.
  bool MoveToMatch(bool forward);
  // To a node, opening the directories above it. False when it does not show.
  bool MoveToNode(tree::NodeId node);

  void ToggleFold();               // of the directory under the cursor
  void Open();                     // it, and moves to its first child
  void FoldBelow(uint32_t depth);  // directories at that depth and deeper: 0 is all of them
  uint32_t fold_depth() const { return fold_depth_; }
  uint32_t deepest() const { return deepest_; }

 private:
  struct Visible {
    uint32_t row;
    bool last;
  };

  void List();
  void FindMatches();
  std::vector<bool> FindShown() const;
  void SumUpShown(const std::vector<bool>& shows);
  void FindVisible();
  void KeepCursor(tree::NodeId node, size_t index);
  bool HasBelow(uint32_t row) const {
    return row + 1 < rows_.size() && rows_[row + 1].depth > rows_[row].depth;
  }
  bool Folds(uint32_t row) const;
  void Turn(tree::NodeId directory);  // folded or not
  void Settle();

  std::shared_ptr<const SortedTree> tree_;
  tree::Range range_ = {0, 0};
  TreeSettings settings_;
  std::vector<tree::Row> rows_;
  std::vector<bool> matching_;  // of each row; empty without a filter
  size_t matches_ = 0;
  std::vector<uint64_t> shown_bytes_;  // of each row, where they are not the row's own
  std::vector<Visible> visible_;
  uint32_t deepest_ = 0;

  // A directory is folded when it lies at this depth or deeper, or, when it is among the turned
  // ones, when it does not.
  uint32_t fold_depth_ = kEveryDepth;
  std::unordered_set<tree::NodeId> turned_;

  size_t cursor_ = 0;
  size_t top_ = 0;
  size_t height_ = 1;
};

}  // namespace fathom::tui
