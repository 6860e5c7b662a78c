#include "tree/merged_paths.h"

namespace fathom::tree {

void MergedPaths::AddLayer(std::shared_ptr<const layer::LayerIndex> layer) {
  layers_.push_back(std::move(layer));
}

NodeId MergedPaths::Find(NodeId parent, std::string_view name) const {
  return FindHashed(Hash(parent, name), parent, name);
}

NodeId MergedPaths::Add(NodeId parent, StringId name) {
  const std::string_view text = layers_.back()->strings()[name];
  const uint64_t hash = Hash(parent, text);
  const NodeId found = FindHashed(hash, parent, text);
  return found != kNone ? found
                        : AddHashed(hash, parent, name, static_cast<uint16_t>(layers_.size() - 1));
}

NodeId MergedPaths::Add(NodeId parent, std::string_view name) {
  const uint64_t hash = Hash(parent, name);
  const NodeId found = FindHashed(hash, parent, name);
  return found != kNone ? found : AddHashed(hash, parent, names_.Add(name), kOwnNames);
}

std::string_view MergedPaths::name(NodeId node) const {
  const Node& at = nodes_[node];
  return at.layer == kOwnNames ? names_[at.name] : layers_[at.layer]->strings()[at.name];
}

std::string MergedPaths::Path(NodeId node) const {
  return JoinPath(node, [&](NodeId at) { return parent(at); }, [&](NodeId at) { return name(at); });
}

void MergedPaths::Freeze() {
  ids_.Clear();
  names_.Freeze();
}

NodeId MergedPaths::FindHashed(uint64_t hash, NodeId parent, std::string_view name) const {
  return ids_.Find(
      hash, [&](NodeId id) { return nodes_[id].parent == parent && this->name(id) == name; });
}

NodeId MergedPaths::AddHashed(uint64_t hash, NodeId parent, StringId name, uint16_t layer) {
  const auto node = static_cast<NodeId>(nodes_.size());
  nodes_.push_back({parent, name, kNone, nodes_[parent].first_child, layer});
  nodes_[parent].first_child = node;
  ids_.Add(hash, node, [&](NodeId other) { return Hash(nodes_[other].parent, this->name(other)); });
  return node;
}

}  // namespace fathom::tree
