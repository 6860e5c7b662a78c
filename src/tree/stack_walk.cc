// How a stack finds directories: links followed inside the root, missing parents made.
#include <algorithm>

#include "tree/stack.h"

namespace fathom::tree {

// The directory that a path of the current layer leads to; nothing when it is absent or its links
// have no end. With kCreate missing directories are made, and what is in the way is hidden.
std::optional<Stack::Found> Stack::FindDirectory(PathId path, Purpose purpose) {
  // Down from the nearest ancestor that was found before.
  std::vector<PathId> way;
  Found at{kRoot, epoch_, 0, false};
  for (PathId step = path; step != kRootPath; step = current().paths().parent(step)) {
    if (found_[step].epoch == epoch_) {
      at = found_[step];
      break;
    }
    way.push_back(step);
  }
  for (auto step = way.rbegin(); step != way.rend(); ++step) {
    if (!Walk(at, NameOf(*step), purpose)) {
      return std::nullopt;
    }
    at.epoch = epoch_;
    if (purpose == Purpose::kCreate) {
      found_[*step] = at;
    }
  }
  return at;
}

// One step of a path, and the steps that its links ask for.
bool Stack::Walk(Found& at, std::string_view name, Purpose purpose) {
  todo_.assign(1, name);
  while (!todo_.empty()) {
    const std::string_view step = todo_.back();
    todo_.pop_back();
    ++steps_;
    if (step.empty() || step == ".") {
      continue;
    }
    if (step == "..") {
      at.node = tree_.parent(at.node);
      continue;
    }
    NodeId child = tree_.paths_.Find(at.node, step);
    const State state = child == kNone ? State::kAbsent : StateOf(child);
    if (state == State::kSymlink) {
      const Version& link = *tree_.Latest(child);
      if (++at.links > kMostLinks || (purpose == Purpose::kWhiteout && MadeDirectoryHere(child))) {
        return false;
      }
      at.linked = at.linked || link.layer != layer_;
      std::string_view target = tree_.LinkTarget(link);
      if (target.starts_with('/')) {
        at.node = kRoot;
      }
      while (!target.empty()) {
        const size_t slash = target.rfind('/');
        todo_.push_back(slash == std::string_view::npos ? target : target.substr(slash + 1));
        target = target.substr(0, slash == std::string_view::npos ? 0 : slash);
      }
      continue;
    }
    if (state != State::kDirectory) {
      if (purpose != Purpose::kCreate) {
        return false;
      }
      child = AddChild(at.node, step);
      if (state != State::kAbsent) {
        Drop(child, Cause::kHidden);
      }
      SetVersion(child, {kNone, kNone, kNone, layer_, layer_, State::kDirectory});
    }
    at.node = child;
  }
  return true;
}

// The node a hard link names: parents are followed, the last component is not.
std::optional<NodeId> Stack::FindLinkTarget(std::string_view target) {
  std::vector<std::string_view> components;
  CleanComponents(target, components);
  if (components.empty()) {
    return std::nullopt;
  }
  Found at{kRoot, epoch_, 0, false};
  for (size_t i = 0; i + 1 < components.size(); ++i) {
    if (!Walk(at, components[i], Purpose::kLookUp)) {
      return std::nullopt;
    }
  }
  const NodeId node = tree_.paths_.Find(at.node, components.back());
  return node == kNone ? std::nullopt : std::optional(node);
}

// Whether this layer itself makes a directory of a lower layer's link. Its whiteouts then speak of
// what would be below the directory, where there is nothing.
bool Stack::MadeDirectoryHere(NodeId link) {
  if (!directories_made_) {
    directories_made_.emplace();
    for (const layer::Entry& entry : current().entries()) {
      if (entry.type != layer::EntryType::kDirectory) {
        continue;
      }
      std::vector<PathId> way;
      for (PathId step = entry.path; step != kRootPath; step = current().paths().parent(step)) {
        way.push_back(step);
      }
      NodeId node = kRoot;
      for (auto step = way.rbegin(); step != way.rend() && node != kNone; ++step) {
        node = tree_.paths_.Find(node, NameOf(*step));
      }
      directories_made_->push_back(node);
    }
    std::ranges::sort(*directories_made_);
  }
  return std::ranges::binary_search(*directories_made_, link);
}

}  // namespace fathom::tree
