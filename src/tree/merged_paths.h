// The paths of all layers of an image as one tree of nodes, each path once.
//
// Names are not copied: a node refers to a string of the layer that had the path first. A node
// costs 20 bytes and about 8 of the table that finds it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/id_hash.h"
#include "base/paged_vector.h"
#include "base/path_table.h"
#include "layer/layer_index.h"

namespace fathom::tree {

using NodeId = uint32_t;
constexpr NodeId kRoot = kRootPath;
constexpr uint32_t kNone = IdHash::kNone;

// Shares the layers. A parent's id is smaller than its children's. Not thread-safe while adding.
class MergedPaths {
 public:
  static constexpr size_t kMostLayers = 65'535;

  MergedPaths() { nodes_.push_back({kRoot, 0, kNone, kNone, kOwnNames}); }

  // Puts a layer on top, at most kMostLayers of them. Its paths are not added by that.
  void AddLayer(std::shared_ptr<const layer::LayerIndex> layer);
  size_t layer_count() const { return layers_.size(); }
  const layer::LayerIndex& layer(size_t number) const { return *layers_[number]; }

  // The child of `parent` with this name, or kNone.
  NodeId Find(NodeId parent, std::string_view name) const;

  // The child, added if it is not there; by a string of the uppermost layer, or by any other.
  NodeId Add(NodeId parent, StringId name);
  NodeId Add(NodeId parent, std::string_view name);

  size_t size() const { return nodes_.size(); }
  NodeId parent(NodeId node) const { return nodes_[node].parent; }
  NodeId first_child(NodeId node) const { return nodes_[node].first_child; }
  NodeId next_sibling(NodeId node) const { return nodes_[node].next_sibling; }
  std::string_view name(NodeId node) const;
  std::string Path(NodeId node) const;

  // Gives back what only Find() and Add() need.
  void Freeze();

 private:
  struct Node {
    NodeId parent;
    StringId name;
    NodeId first_child;
    NodeId next_sibling;
    uint16_t layer;  // whose string the name is
  };
  static constexpr uint16_t kOwnNames = kMostLayers;  // as a layer: names_

  static uint64_t Hash(NodeId parent, std::string_view name) {
    return MixHash(StringPool::Hash(name) + parent);
  }
  NodeId FindHashed(uint64_t hash, NodeId parent, std::string_view name) const;
  NodeId AddHashed(uint64_t hash, NodeId parent, StringId name, uint16_t layer);

  std::vector<std::shared_ptr<const layer::LayerIndex>> layers_;
  PagedVector<Node> nodes_;
  StringPool names_;  // that no layer has as they stand
  IdHash ids_;
};

}  // namespace fathom::tree
