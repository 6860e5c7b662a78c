#include "tree/file_tree.h"

#include <algorithm>

namespace fathom::tree {

std::string_view CauseName(Cause cause) {
  switch (cause) {
    case Cause::kRewritten:
      return "rewritten";
    case Cause::kMetadata:
      return "metadata";
    case Cause::kIdentical:
      return "identical";
    case Cause::kRemoved:
      return "removed";
    case Cause::kHidden:
      break;
  }
  return "hidden";
}

const Version* FileTree::VersionAt(NodeId node, size_t layer) const {
  const Version* version = Latest(node);
  while (version != nullptr && version->layer > layer) {
    version = Previous(*version);
  }
  return version;
}

const layer::Entry* FileTree::OwnEntry(const Version& version) const {
  return version.entry == kNone ? nullptr : &layer(version.entry_layer).entry(version.entry);
}

const layer::Entry* FileTree::Metadata(const Version& version) const {
  return version.inode != kNone ? &entry(inodes_[version.inode]) : OwnEntry(version);
}

std::string_view FileTree::LinkTarget(const Version& version) const {
  const layer::Entry* entry = OwnEntry(version);
  return entry == nullptr ? std::string_view() : layer(version.entry_layer).link(*entry);
}

bool FileTree::SameMetadata(const Version& a, const Version& b) const {
  const layer::Entry* x = Metadata(a);
  const layer::Entry* y = Metadata(b);
  if (x == nullptr || y == nullptr) {
    return x == y;
  }
  const auto layer_of = [&](const Version& version) -> const layer::LayerIndex& {
    return layer(version.inode != kNone ? inodes_[version.inode].layer : version.entry_layer);
  };
  return x->mode == y->mode && x->uid == y->uid && x->gid == y->gid &&
         (a.state == State::kDirectory || x->mtime == y->mtime) &&
         layer_of(a).xattrs(*x) == layer_of(b).xattrs(*y);
}

bool FileTree::Same(const Version* a, const Version* b) const {
  const State state = a == nullptr ? State::kAbsent : a->state;
  if (state != (b == nullptr ? State::kAbsent : b->state)) {
    return false;
  }
  if (state == State::kAbsent || a == b) {
    return true;
  }
  if (!SameMetadata(*a, *b)) {
    return false;
  }
  switch (state) {
    case State::kFile:
      if (a->inode == kNone || b->inode == kNone) {
        return a->inode == b->inode;
      }
      return std::ranges::equal(content(inodes_[a->inode]), content(inodes_[b->inode]));
    case State::kSymlink:
      return LinkTarget(*a) == LinkTarget(*b);
    case State::kOther: {
      const layer::Entry* x = OwnEntry(*a);
      const layer::Entry* y = OwnEntry(*b);
      return x->type == y->type &&
             layer(a->entry_layer).device(*x) == layer(b->entry_layer).device(*y);
    }
    default:
      return true;
  }
}

}  // namespace fathom::tree
