#include "tree/stack.h"

#include <algorithm>

namespace fathom::tree {

using layer::Entry;
using layer::EntryId;
using layer::EntryType;
using layer::Mark;

Status Stack::Add(std::shared_ptr<const layer::LayerIndex> layer) {
  if (tree_.layer_count() >= MergedPaths::kMostLayers) {
    return Fail(Code::kLimit, "more than {} layers", MergedPaths::kMostLayers);
  }
  if (tree_.latest_.empty()) {
    tree_.versions_.push_back({kNone, kNone, kNone, 0, 0, State::kDirectory});
    tree_.latest_.push_back(0);
  }
  layer_ = static_cast<uint16_t>(tree_.layer_count());
  tree_.paths_.AddLayer(std::move(layer));
  tree_.numbers_.emplace_back().entries = current().entry_count();
  found_.assign(current().paths().size(), {});
  touched_.clear();
  directories_made_.reset();
  ++epoch_;

  TRY(ApplyWhiteouts());
  for (EntryId id = 0; id < current().entry_count(); ++id) {
    ApplyEntry(id);
    TRY(CheckSteps(current().entry(id)));
  }
  CountChanges();
  return {};
}

Status Stack::CheckSteps(const Entry& entry) const {
  if (steps_ <= limits_.merge_steps) {
    return {};
  }
  return Wrap(
      OverLimit(&Limits::merge_steps, limits_, "its way through links and directories").error(),
      "layer {}: tar entry '{}'", layer_, current().Path(entry.path).substr(0, 200));
}

FileTree Stack::Finish() {
  for (const Waste& waste : tree_.waste_) {
    const Inode& inode = tree_.inodes_[waste.inode];
    tree_.numbers_[inode.layer].wasted_here_bytes += tree_.size(inode);
    tree_.numbers_[waste.hidden_by].hidden_bytes += tree_.size(inode);
  }
  tree_.paths_.Freeze();
  return std::move(tree_);
}

std::string_view Stack::NameOf(PathId path) const {
  return current().strings()[current().paths().name(path)];
}

// ---- Whiteouts

Status Stack::ApplyWhiteouts() {
  for (const Entry& entry : current().entries()) {
    if (entry.mark != Mark::kNone && entry.mark != Mark::kIgnored) {
      ApplyWhiteout(entry);
      TRY(CheckSteps(entry));
    }
  }
  return {};
}

void Stack::ApplyWhiteout(const Entry& entry) {
  const bool whole = entry.mark == Mark::kOpaqueDirectory;
  const PathId place = whole ? entry.path : current().paths().parent(entry.path);
  const auto directory = FindDirectory(place, Purpose::kWhiteout);
  if (!directory) {
    return;  // nothing below that it could speak of
  }
  if (entry.mark != Mark::kWhiteout) {
    DropChildren(directory->node, Cause::kHidden);
    return;
  }
  std::string_view name = NameOf(entry.path);
  if (entry.type != EntryType::kCharDevice || name.starts_with(layer::kWhiteoutPrefix)) {
    name.remove_prefix(layer::kWhiteoutPrefix.size());
  }
  const NodeId gone = tree_.paths_.Find(directory->node, name);
  if (gone != kNone && StateOf(gone) != State::kAbsent) {
    Drop(gone, Cause::kRemoved);
    SetAbsent(gone);
  }
}

// ---- Entries

void Stack::ApplyEntry(EntryId id) {
  const Entry& entry = current().entry(id);
  if (entry.mark != Mark::kNone && entry.mark != Mark::kOpaqueDirectory) {
    return;
  }
  if (entry.path == kRootPath) {
    if (entry.type == EntryType::kDirectory) {
      PutDirectory(kRoot, id);
    }
    return;
  }
  const auto parent = FindDirectory(current().paths().parent(entry.path), Purpose::kCreate);
  if (!parent) {
    return;  // links without end: no engine could put it anywhere
  }
  tree_.numbers_.back().linked_parents += parent->linked;
  const NodeId node = AddChild(parent->node, current().paths().name(entry.path));
  switch (entry.type) {
    case EntryType::kDirectory:
      return PutDirectory(node, id);
    case EntryType::kFile:
      return PutFile(node, id);
    case EntryType::kHardLink:
      return PutHardLink(node, id);
    case EntryType::kSymlink:
      return Put(node, {kNone, id, kNone, layer_, layer_, State::kSymlink});
    default:
      return Put(node, {kNone, id, kNone, layer_, layer_, State::kOther});
  }
}

void Stack::PutDirectory(NodeId node, EntryId id) {
  const State old = StateOf(node);
  if (old != State::kDirectory && old != State::kAbsent) {
    Drop(node, Cause::kHidden);
  }
  SetVersion(node, {kNone, id, kNone, layer_, layer_, State::kDirectory});
}

void Stack::PutFile(NodeId node, EntryId id) {
  const auto inode = static_cast<uint32_t>(tree_.inodes_.size());
  tree_.inodes_.push_back({id, 0, layer_});
  tree_.numbers_.back().stored_bytes += current().entry(id).size;
  Put(node, {kNone, id, inode, layer_, layer_, State::kFile});
}

// The link is another name of what its target holds at this point of the tar.
void Stack::PutHardLink(NodeId node, EntryId id) {
  const auto target = FindLinkTarget(current().link(current().entry(id)));
  if (target == node && StateOf(node) != State::kAbsent) {
    return;
  }
  const Version* held = target ? tree_.Latest(*target) : nullptr;
  if (held == nullptr || held->state == State::kAbsent || held->state == State::kDirectory) {
    ++tree_.numbers_.back().dangling_links;
    return Put(node, {kNone, id, kNone, layer_, layer_, State::kFile});
  }
  if (held->inode != kNone) {
    return Put(node, {kNone, id, held->inode, layer_, layer_, State::kFile});
  }
  Put(node, {kNone, held->entry, kNone, layer_, held->entry_layer, held->state});
}

// Puts anything but a directory in the node's place. The new link counts before the old is dropped,
// so that replacing a name by another link to the same content wastes nothing.
void Stack::Put(NodeId node, Version version) {
  if (version.inode != kNone) {
    ++tree_.inodes_[version.inode].links;
  }
  if (const Version* old = tree_.Latest(node); old != nullptr && old->state != State::kAbsent) {
    Drop(node, CauseOfReplacement(*old, version));
  }
  SetVersion(node, version);
}

Cause Stack::CauseOfReplacement(const Version& old, const Version& fresh) const {
  if (old.inode == kNone || fresh.inode == kNone) {
    return Cause::kHidden;
  }
  if (!std::ranges::equal(tree_.content(tree_.inodes_[old.inode]),
                          tree_.content(tree_.inodes_[fresh.inode]))) {
    return Cause::kRewritten;
  }
  return tree_.SameMetadata(old, fresh) ? Cause::kIdentical : Cause::kMetadata;
}

void Stack::CountChanges() {
  LayerNumbers& numbers = tree_.numbers_.back();
  for (const NodeId node : touched_) {
    const Version* after = tree_.Latest(node);
    const Version* before = tree_.Previous(*after);
    const State old = before == nullptr ? State::kAbsent : before->state;
    const auto is_plain = [](State state) {
      return state != State::kAbsent && state != State::kDirectory;
    };
    if (!is_plain(old) && !is_plain(after->state)) {
      continue;
    }
    if (old == State::kAbsent) {
      ++numbers.added;
    } else if (after->state == State::kAbsent) {
      ++numbers.removed;
    } else if (!tree_.Same(before, after)) {
      ++numbers.modified;
    }
  }
}

// ---- Changing nodes

State Stack::StateOf(NodeId node) const {
  const Version* version = tree_.Latest(node);
  return version == nullptr ? State::kAbsent : version->state;
}

// Makes `version` the node's state; a layer leaves one version a node.
void Stack::SetVersion(NodeId node, Version version) {
  const uint32_t latest = tree_.latest_[node];
  const State old = StateOf(node);
  if (old == State::kSymlink || (old == State::kDirectory && version.state != old)) {
    ++epoch_;
  }
  const bool again = latest != kNone && tree_.versions_[latest].layer == layer_ &&
                     !(node == kRoot && latest == 0 && layer_ == 0 && touched_.empty());
  if (again) {
    version.previous = tree_.versions_[latest].previous;
    tree_.versions_[latest] = version;
    return;
  }
  version.previous = latest;
  tree_.latest_[node] = static_cast<uint32_t>(tree_.versions_.size());
  tree_.versions_.push_back(version);
  touched_.push_back(node);
}

void Stack::SetAbsent(NodeId node) {
  SetVersion(node, {kNone, kNone, kNone, layer_, layer_, State::kAbsent});
}

// Takes away what the node holds; the caller says what it holds then.
void Stack::Drop(NodeId node, Cause cause) {
  if (StateOf(node) == State::kDirectory) {
    DropChildren(node, cause);
  } else {
    Unlink(node, cause);
  }
}

void Stack::Unlink(NodeId node, Cause cause) {
  const uint32_t inode = tree_.Latest(node)->inode;
  if (inode != kNone && --tree_.inodes_[inode].links == 0) {
    tree_.waste_.push_back({node, inode, layer_, cause});
  }
}

// Depth first in the order of names, so that of several links to one content it is always the same
// one that is lost last.
void Stack::DropChildren(NodeId node, Cause cause) {
  std::vector<NodeId> pending = PresentChildren(node);
  std::ranges::reverse(pending);
  while (!pending.empty()) {
    const NodeId child = pending.back();
    pending.pop_back();
    if (StateOf(child) == State::kDirectory) {
      const std::vector<NodeId> below = PresentChildren(child);
      pending.insert(pending.end(), below.rbegin(), below.rend());
    } else {
      Unlink(child, cause);
    }
    SetAbsent(child);
  }
}

std::vector<NodeId> Stack::PresentChildren(NodeId node) {
  std::vector<NodeId> children;
  for (NodeId child = tree_.first_child(node); child != kNone; child = tree_.next_sibling(child)) {
    ++steps_;
    if (StateOf(child) != State::kAbsent) {
      children.push_back(child);
    }
  }
  std::ranges::sort(children, {}, [&](NodeId child) { return tree_.name(child); });
  return children;
}

}  // namespace fathom::tree
