// Stack folds the layers of an image, one after another, into one FileTree.
//
// Layers apply as the OCI image specification says and as drivers that keep one directory for each
// layer do it: a layer's whiteouts speak of the layers below and come before all that it adds;
// after that its entries count in the order of the tar. A parent that is a symbolic link is
// followed inside the root, at most kMostLinks of them for a path.
//
// Cost: linear in the entries, plus the versions that removals make. Directories that were found
// are remembered until something on the way to a directory changes.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "tree/file_tree.h"

namespace fathom::tree {

class Stack {
 public:
  static constexpr unsigned kMostLinks = 255;

  explicit Stack(const Limits& limits = {}) : limits_(limits) {}

  // Puts a layer on top. All layers must use the same content algorithm. kLimit when
  // it takes more than Limits::merge_steps: chains of long links, or directories that come and go.
  Status Add(std::shared_ptr<const layer::LayerIndex> layer);

  // The tree; the stack is spent.
  FileTree Finish();

 private:
  // Where a directory path of the layer led to, and at which epoch that was true.
  struct Found {
    NodeId node = kNone;
    uint32_t epoch = 0;
    uint16_t links = 0;   // followed on the way
    bool linked = false;  // by way of a lower layer's link
  };
  enum class Purpose { kCreate, kWhiteout, kLookUp };

  Status CheckSteps(const layer::Entry& entry) const;

  const layer::LayerIndex& current() const { return tree_.layer(layer_); }
  std::string_view NameOf(PathId path) const;

  // Steps of Add().
  Status ApplyWhiteouts();
  void ApplyWhiteout(const layer::Entry& entry);
  void ApplyEntry(layer::EntryId id);
  void PutDirectory(NodeId node, layer::EntryId id);
  void PutFile(NodeId node, layer::EntryId id);
  void PutHardLink(NodeId node, layer::EntryId id);
  void Put(NodeId node, Version version);
  void CountChanges();

  // Finding.
  std::optional<Found> FindDirectory(PathId path, Purpose purpose);
  bool Walk(Found& at, std::string_view name, Purpose purpose);
  std::optional<NodeId> FindLinkTarget(std::string_view target);
  bool MadeDirectoryHere(NodeId link);
  template <typename Name>
  NodeId AddChild(NodeId parent, Name name) {
    const NodeId node = tree_.paths_.Add(parent, name);
    tree_.latest_.grow(tree_.paths_.size(), kNone);
    return node;
  }
  std::vector<NodeId> PresentChildren(NodeId node);

  // Changing.
  State StateOf(NodeId node) const;
  void SetVersion(NodeId node, Version version);
  void SetAbsent(NodeId node);
  void Drop(NodeId node, Cause cause);
  void DropChildren(NodeId node, Cause cause);
  void Unlink(NodeId node, Cause cause);
  Cause CauseOfReplacement(const Version& old, const Version& fresh) const;

  Limits limits_;
  uint64_t steps_ = 0;
  FileTree tree_;
  uint16_t layer_ = 0;
  uint32_t epoch_ = 1;           // grows when a path that led to a directory may lead elsewhere
  std::vector<Found> found_;     // for each directory path of the current layer
  std::vector<NodeId> touched_;  // nodes with a version of the current layer
  std::optional<std::vector<NodeId>> directories_made_;  // see MadeDirectoryHere
  std::vector<std::string_view> todo_;
};

}  // namespace fathom::tree
