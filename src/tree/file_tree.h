// FileTree: all layers of an image as one merged tree.
//
// A node is a path at which any layer ever had something. Instead of a tree for each layer, each
// node has a list of versions: the layers that changed it, and what it was from then on. The state
// of the file system after any layer, and the change over any range of layers, is read off these
// lists in any order; nothing is rebuilt. A node costs 24 bytes, a version 20.
//
// Made by Stack. Immutable and thread-safe once made. It shares the layer indexes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "layer/layer_index.h"
#include "tree/merged_paths.h"

namespace fathom::tree {

// What a path holds. A hard link holds what its target holds.
enum class State : uint8_t { kAbsent, kDirectory, kFile, kSymlink, kOther };

// What a node is from one layer on. 20 bytes.
struct Version {
  uint32_t previous;     // the version before; kNone for the first
  layer::EntryId entry;  // the row that says so; kNone for an implied directory or nothing
  uint32_t inode;        // of a regular file or a hard link to one; else kNone
  uint16_t layer;        // the layer that made it so
  uint16_t entry_layer;  // the layer that `entry` is a row of
  State state;
};

// Whether the path is there; null is no version.
inline bool IsPresent(const Version* version) {
  return version != nullptr && version->state != State::kAbsent;
}

// One stored content and its metadata, which all hard links to it share.
struct Inode {
  layer::EntryId entry;
  uint32_t links;  // paths that hold it after the last layer
  uint16_t layer;  // that stored it
};

// Why stored bytes are not visible in the end.
enum class Cause : uint8_t { kRewritten, kMetadata, kIdentical, kRemoved, kHidden };
inline constexpr Cause kCauses[] = {Cause::kRewritten, Cause::kMetadata, Cause::kIdentical,
                                    Cause::kRemoved, Cause::kHidden};
inline constexpr size_t kCauseCount = std::size(kCauses);
std::string_view CauseName(Cause cause);

// Stored content that lost its last path.
struct Waste {
  NodeId node;  // the path it was lost at
  uint32_t inode;
  uint16_t hidden_by;  // layer
  Cause cause;
};

// Numbers of one layer. Bytes are of regular files' content.
struct LayerNumbers {
  uint64_t stored_bytes = 0;
  uint64_t entries = 0;
  uint64_t wasted_here_bytes = 0;  // stored here, hidden by this or a later layer
  uint64_t hidden_bytes = 0;       // hidden by this layer, wherever stored
  uint64_t added = 0;              // non-directory paths that differ from the tree below
  uint64_t modified = 0;
  uint64_t removed = 0;
  uint64_t linked_parents = 0;  // entries below a link of a lower layer: overlay drivers disagree
  uint64_t dangling_links = 0;  // hard links to something absent
};

class FileTree {
 public:
  size_t layer_count() const { return paths_.layer_count(); }
  const layer::LayerIndex& layer(size_t number) const { return paths_.layer(number); }
  const LayerNumbers& numbers(size_t number) const { return numbers_[number]; }

  size_t node_count() const { return paths_.size(); }
  NodeId parent(NodeId node) const { return paths_.parent(node); }
  std::string_view name(NodeId node) const { return paths_.name(node); }
  std::string Path(NodeId node) const { return paths_.Path(node); }
  NodeId first_child(NodeId node) const { return paths_.first_child(node); }
  NodeId next_sibling(NodeId node) const { return paths_.next_sibling(node); }

  // The version in force after `layer`; null when the path was never there up to then.
  const Version* VersionAt(NodeId node, size_t layer) const;
  // The latest version, and the one before a version; null at the end.
  const Version* Latest(NodeId node) const { return Get(latest_[node]); }
  const Version* Previous(const Version& version) const { return Get(version.previous); }

  // The row that gives the version its metadata (that of the inode for a regular file), or null
  // for an implied directory.
  const layer::Entry* Metadata(const Version& version) const;
  // The row as the layer has it: of a hard link the link itself.
  const layer::Entry* OwnEntry(const Version& version) const;
  std::string_view LinkTarget(const Version& version) const;

  const PagedVector<Inode>& inodes() const { return inodes_; }
  const layer::Entry& entry(const Inode& inode) const {
    return layer(inode.layer).entry(inode.entry);
  }
  ByteView content(const Inode& inode) const { return layer(inode.layer).content(inode.entry); }
  uint64_t size(const Inode& inode) const { return entry(inode).size; }

  const std::vector<Waste>& waste() const { return waste_; }

  // Whether two versions hold the same. Exact: content, mode, owner, time in whole seconds,
  // attributes, link target, device; a directory's time is left out, as it changes with what is in
  // it. Either may be null, which is absent.
  bool Same(const Version* a, const Version* b) const;

 private:
  friend class Stack;

  const Version* Get(uint32_t version) const {
    return version == kNone ? nullptr : &versions_[version];
  }
  bool SameMetadata(const Version& a, const Version& b) const;

  MergedPaths paths_;
  PagedVector<uint32_t> latest_;  // version of each node
  std::vector<LayerNumbers> numbers_;
  PagedVector<Version> versions_;
  PagedVector<Inode> inodes_;
  std::vector<Waste> waste_;
};

}  // namespace fathom::tree
