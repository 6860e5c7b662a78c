#include "tui/tree_view.h"

#include <algorithm>

namespace fathom::tui {

void TreeView::Show(std::shared_ptr<const SortedTree> tree, tree::Range range, Nodes nodes) {
  const bool same = nodes == Nodes::kSame;
  const tree::NodeId node = selected() == nullptr || !same ? tree::kRoot : selected()->node;
  if (!same) {
    turned_.clear();
  }
  const size_t index = cursor_;
  tree_ = std::move(tree);
  range_ = range;
  List();
  FindMatches();
  FindVisible();
  KeepCursor(node, index);
}

void TreeView::Clear() {
  tree_ = nullptr;
  rows_.clear();
  matching_.clear();
  visible_.clear();
  Settle();
}

void TreeView::Set(TreeSettings settings) {
  const bool lists =
      settings.order != settings_.order || settings.comparison != settings_.comparison;
  const bool matches = lists || !(settings.filter == settings_.filter);
  settings_ = std::move(settings);
  if (tree_ == nullptr) {
    return;
  }
  // Whoever is at the top when the order changes wants to see what comes first now.
  const bool stays = cursor_ > 0 || !lists;
  const tree::NodeId node = selected() == nullptr || !stays ? tree::kRoot : selected()->node;
  const size_t index = cursor_;
  if (lists) {
    List();
  }
  if (matches) {
    FindMatches();
  }
  FindVisible();
  KeepCursor(node, index);
}

void TreeView::List() {
  rows_ = tree::List(*tree_->tree, tree_->names, range_, settings_.comparison, settings_.order);
  deepest_ = 0;
  for (const tree::Row& row : rows_) {
    deepest_ = std::max(deepest_, row.depth);
  }
}

// Rows come parents first, so the path of a row is that of the one before, cut at its depth.
void TreeView::FindMatches() {
  matching_.clear();
  matches_ = 0;
  if (settings_.filter.empty()) {
    return;
  }
  matching_.resize(rows_.size());
  std::string path;
  std::vector<size_t> ends;  // of the path's components
  for (size_t i = 0; i < rows_.size(); ++i) {
    const tree::Row& row = rows_[i];
    ends.resize(row.depth);
    path.resize(ends.empty() ? 0 : ends.back());
    path.append("/").append(tree_->tree->name(row.node));
    ends.push_back(path.size());
    matching_[i] = settings_.filter.Matches(path);
    matches_ += matching_[i] ? 1 : 0;
  }
}

// What shows by itself, and from the end, so that each directory knows whether anything below it
// does.
std::vector<bool> TreeView::FindShown() const {
  std::vector<bool> shows(rows_.size());
  for (size_t i = rows_.size(); i-- > 0;) {
    const tree::Row& row = rows_[i];
    const bool hidden = settings_.hidden[static_cast<size_t>(row.change)];
    const bool match = matching_.empty() || matching_[i];
    shows[i] = hidden ? shows[i] && !settings_.as_dive : match || shows[i];
    if (shows[i] && row.parent != tree::kNone) {
      shows[row.parent] = true;
    }
  }
  return shows;
}

void TreeView::SumUpShown(const std::vector<bool>& shows) {
  shown_bytes_.resize(rows_.size());
  for (size_t i = rows_.size(); i-- > 0;) {
    const tree::Row& row = rows_[i];
    if (!HasBelow(static_cast<uint32_t>(i))) {
      shown_bytes_[i] = row.bytes;
    }
    const bool counts = row.parent != tree::kNone && shows[i] &&
                        (row.change != tree::Change::kRemoved ||
                         rows_[row.parent].change == tree::Change::kRemoved);
    if (counts) {
      shown_bytes_[row.parent] += shown_bytes_[i];
    }
  }
}

// Goes past what does not show, with all below it, and what is folded.
void TreeView::FindVisible() {
  const std::vector<bool> shows = FindShown();
  shown_bytes_.clear();
  if (settings_.as_dive) {
    SumUpShown(shows);
  }
  visible_.clear();
  for (uint32_t i = 0; i < rows_.size();) {
    const bool shown = shows[i];
    if (shown) {
      visible_.push_back({i, false});
    }
    const bool skips = !shown || Folds(i);
    const uint32_t depth = rows_[i].depth;
    ++i;
    while (skips && i < rows_.size() && rows_[i].depth > depth) {
      ++i;
    }
  }
  std::vector<bool> seen(deepest_ + 2);  // at each depth: whether a later sibling shows
  uint32_t before = 0;
  for (size_t i = visible_.size(); i-- > 0;) {
    const uint32_t depth = rows_[visible_[i].row].depth;
    for (uint32_t deeper = depth + 1; deeper <= before; ++deeper) {
      seen[deeper] = false;
    }
    visible_[i].last = !seen[depth];
    seen[depth] = true;
    before = depth;
  }
}

bool TreeView::Folds(uint32_t row) const {
  return HasBelow(row) && (rows_[row].depth >= fold_depth_) != turned_.contains(rows_[row].node);
}

void TreeView::Turn(tree::NodeId directory) {
  if (!turned_.insert(directory).second) {
    turned_.erase(directory);
  }
}

bool TreeView::Matches(size_t index) const {
  return !matching_.empty() && matching_[visible_[index].row];
}

uint64_t TreeView::BytesOf(size_t index) const {
  return shown_bytes_.empty() ? row(index).bytes : shown_bytes_[visible_[index].row];
}

size_t TreeView::ParentOf(size_t index) const {
  const uint32_t parent = row(index).parent;
  if (parent == tree::kNone) {
    return tree::kNone;
  }
  const auto found = std::ranges::lower_bound(visible_, parent, {}, &Visible::row);
  return static_cast<size_t>(found - visible_.begin());
}

// The cursor stays on its path; where that does not show any more, on the nearest directory above
// it that does, else at its height.
void TreeView::KeepCursor(tree::NodeId node, size_t index) {
  const size_t offset = index - std::min(index, top_);
  cursor_ = std::min(index, visible_.empty() ? 0 : visible_.size() - 1);
  std::unordered_set<tree::NodeId> way;  // the path and the directories above it
  while (tree_ != nullptr && node != tree::kRoot && node < tree_->tree->node_count()) {
    way.insert(node);
    node = tree_->tree->parent(node);
  }
  for (size_t i = 0; i < visible_.size() && !way.empty(); ++i) {
    if (way.erase(row(i).node) > 0) {
      cursor_ = i;  // the one further down comes later
    }
  }
  top_ = cursor_ - std::min(cursor_, offset);
  Settle();
}

void TreeView::SetHeight(size_t height) {
  height_ = std::max<size_t>(height, 1);
  Settle();
}

void TreeView::Settle() {
  cursor_ = std::min(cursor_, visible_.empty() ? 0 : visible_.size() - 1);
  if (cursor_ < top_) {
    top_ = cursor_;
  } else if (cursor_ >= top_ + height_) {
    top_ = cursor_ + 1 - height_;
  }
  // No blank rows below the last one while there are rows above the first.
  top_ = std::min(top_, visible_.size() - std::min(visible_.size(), height_));
}

void TreeView::MoveBy(ptrdiff_t rows) {
  const auto last = static_cast<ptrdiff_t>(visible_.size()) - 1;
  const ptrdiff_t target = static_cast<ptrdiff_t>(cursor_) + rows;
  MoveTo(static_cast<size_t>(std::clamp<ptrdiff_t>(target, 0, std::max<ptrdiff_t>(last, 0))));
}

void TreeView::MoveTo(size_t index) {
  cursor_ = index;
  Settle();
}

void TreeView::PageBy(ptrdiff_t pages) {
  const ptrdiff_t rows = pages * static_cast<ptrdiff_t>(std::max<size_t>(height_, 2) - 1);
  const size_t last_top = visible_.size() - std::min(visible_.size(), height_);
  top_ = static_cast<size_t>(std::clamp<ptrdiff_t>(static_cast<ptrdiff_t>(top_) + rows, 0,
                                                   static_cast<ptrdiff_t>(last_top)));
  MoveBy(rows);
}

void TreeView::ScrollBy(ptrdiff_t rows) {
  const auto last_top =
      static_cast<ptrdiff_t>(visible_.size() - std::min(visible_.size(), height_));
  top_ =
      static_cast<size_t>(std::clamp<ptrdiff_t>(static_cast<ptrdiff_t>(top_) + rows, 0, last_top));
  cursor_ = std::clamp(cursor_, top_, top_ + height_ - 1);
  Settle();
}

bool TreeView::MoveToParent() {
  const size_t parent = size() == 0 ? tree::kNone : ParentOf(cursor_);
  if (parent == tree::kNone) {
    return false;
  }
  MoveTo(parent);
  return true;
}

bool TreeView::MoveToMatch(bool forward) {
  for (size_t step = 1; step <= size(); ++step) {
    const size_t index = forward ? (cursor_ + step) % size() : (cursor_ + size() - step) % size();
    if (Matches(index)) {
      MoveTo(index);
      return true;
    }
  }
  return false;
}

bool TreeView::MoveToNode(tree::NodeId node) {
  const auto at = std::ranges::find(rows_, node, &tree::Row::node);
  if (at == rows_.end()) {
    return false;
  }
  bool opened = false;
  for (uint32_t parent = at->parent; parent != tree::kNone; parent = rows_[parent].parent) {
    if (Folds(parent)) {
      Turn(rows_[parent].node);
      opened = true;
    }
  }
  if (opened) {
    FindVisible();
  }
  const auto row = static_cast<uint32_t>(at - rows_.begin());
  const auto found = std::ranges::lower_bound(visible_, row, {}, &Visible::row);
  if (found == visible_.end() || found->row != row) {
    return false;
  }
  MoveTo(static_cast<size_t>(found - visible_.begin()));
  return true;
}

void TreeView::ToggleFold() {
  if (size() == 0 || !HasChildren(cursor_)) {
    return;
  }
  Turn(row(cursor_).node);
  FindVisible();
  Settle();
}

void TreeView::Open() {
  if (size() == 0 || !HasChildren(cursor_)) {
    return;
  }
  if (IsFolded(cursor_)) {
    ToggleFold();
  }
  if (cursor_ + 1 < size() && row(cursor_ + 1).depth > row(cursor_).depth) {
    MoveBy(1);
  }
}

void TreeView::FoldBelow(uint32_t depth) {
  const tree::NodeId node = selected() == nullptr ? tree::kRoot : selected()->node;
  const size_t index = cursor_;
  fold_depth_ = depth;
  turned_.clear();
  FindVisible();
  KeepCursor(node, index);
}

}  // namespace fathom::tui
