#include "tree/classic.h"

#include <algorithm>

namespace fathom::tree {
namespace {

constexpr std::string_view kUnionPrefix = ".wh..wh.";

}  // namespace

// The counter's node for each path of the uppermost layer; a whiteout has that of its target, names
// of union file systems have none.
std::vector<NodeId> ClassicCounter::NodesOf(const layer::LayerIndex& layer) {
  const PathTable& table = layer.paths();
  std::vector<NodeId> nodes(table.size(), kRoot);
  for (PathId id = 1; id < table.size(); ++id) {
    const NodeId parent = nodes[table.parent(id)];
    const std::string_view name = layer.strings()[table.name(id)];
    if (parent == kNone || name.starts_with(kUnionPrefix)) {
      nodes[id] = kNone;
    } else if (name.starts_with(layer::kWhiteoutPrefix)) {
      nodes[id] = paths_.Add(parent, name.substr(layer::kWhiteoutPrefix.size()));
    } else {
      nodes[id] = paths_.Add(parent, table.name(id));
    }
  }
  nodes_.grow(paths_.size(), {});
  sizes_.grow(paths_.size(), 0);
  counted_.grow(paths_.size(), 0);
  return nodes;
}

void ClassicCounter::Add(std::shared_ptr<const layer::LayerIndex> added) {
  const layer::LayerIndex& layer = *added;
  paths_.AddLayer(std::move(added));
  const PathTable& table = layer.paths();
  const std::vector<NodeId> nodes = NodesOf(layer);
  std::vector<layer::EntryId> payload(table.size(), kNone);
  std::vector<bool> has_children(table.size());
  uint64_t layer_bytes = 0;
  for (layer::EntryId id = 0; id < layer.entry_count(); ++id) {
    payload[layer.entry(id).path] = id;
    layer_bytes += layer.entry(id).size;
  }
  layer_bytes_.push_back(layer_bytes);
  for (PathId id = 1; id < table.size(); ++id) {
    if (nodes[id] != kNone) {
      has_children[table.parent(id)] = true;
    }
  }
  const auto is_whiteout = [&](PathId id) {
    return layer.strings()[table.name(id)].starts_with(layer::kWhiteoutPrefix);
  };

  // Leaves are judged against the stack of the layers below, then the layer goes on top of it.
  for (PathId id = 1; id < table.size(); ++id) {
    if (nodes[id] == kNone || has_children[id]) {
      continue;
    }
    const Node& below = nodes_[nodes[id]];
    if (!is_whiteout(id)) {
      Count(nodes[id], payload[id] == kNone ? 0 : layer.entry(payload[id]).size);
    } else if (below.present) {
      Count(nodes[id], below.directory ? BytesBelow(nodes[id]) : 0);
    }
  }
  for (PathId id = 1; id < table.size(); ++id) {
    if (nodes[id] != kNone && is_whiteout(id)) {
      Remove(nodes[id]);
    }
  }
  for (PathId id = 1; id < table.size(); ++id) {
    if (nodes[id] == kNone || is_whiteout(id)) {
      continue;
    }
    Node& node = nodes_[nodes[id]];
    const bool implied = payload[id] == kNone;
    node.present = true;
    sizes_[nodes[id]] = implied ? 0 : layer.entry(payload[id]).size;
    node.directory = !implied && layer.entry(payload[id]).type == layer::EntryType::kDirectory;
  }
}

void ClassicCounter::Count(NodeId id, uint64_t bytes) {
  Node& node = nodes_[id];
  if (node.repeated) {
    Tally& tally = tallies_[counted_[id]];
    tally = {tally.count + 1, tally.sum + bytes, std::min(tally.least, bytes), tally.second_layer};
  } else if (node.counted) {
    tallies_.push_back(
        {2, counted_[id] + bytes, std::min(counted_[id], bytes), layer_bytes_.size() - 1});
    counted_[id] = tallies_.size() - 1;
    node.repeated = true;
  } else {
    counted_[id] = bytes;
    node.counted = true;
  }
}

uint64_t ClassicCounter::BytesBelow(NodeId top) const {
  uint64_t bytes = 0;
  std::vector<NodeId> pending{top};
  while (!pending.empty()) {
    const NodeId id = pending.back();
    pending.pop_back();
    bytes += sizes_[id];
    for (NodeId child = paths_.first_child(id); child != kNone;
         child = paths_.next_sibling(child)) {
      if (nodes_[child].present) {
        pending.push_back(child);
      }
    }
  }
  return bytes;
}

void ClassicCounter::Remove(NodeId top) {
  std::vector<NodeId> pending{top};
  while (!pending.empty()) {
    const NodeId id = pending.back();
    pending.pop_back();
    nodes_[id].present = nodes_[id].directory = false;
    sizes_[id] = 0;
    for (NodeId child = paths_.first_child(id); child != kNone;
         child = paths_.next_sibling(child)) {
      if (nodes_[child].present) {
        pending.push_back(child);
      }
    }
  }
}

namespace {

struct Found {
  ClassicNumbers::Inefficiency inefficiency;
  uint64_t second_layer;
};

bool ComesBefore(const Found& a, const Found& b) {
  if (a.inefficiency.bytes != b.inefficiency.bytes) {
    return a.inefficiency.bytes > b.inefficiency.bytes;
  }
  if (a.second_layer != b.second_layer) {
    return a.second_layer > b.second_layer;
  }
  // Name by name: a '/' comes before whatever a name may hold.
  const auto rank = [](char c) { return c == '/' ? 0 : 1 + static_cast<unsigned char>(c); };
  return std::ranges::lexicographical_compare(b.inefficiency.path, a.inefficiency.path, {}, rank,
                                              rank);
}

}  // namespace

ClassicNumbers ClassicCounter::Finish() const {
  ClassicNumbers numbers;
  numbers.layer_bytes = layer_bytes_;
  for (size_t i = 0; i < layer_bytes_.size(); ++i) {
    numbers.size_bytes += layer_bytes_[i];
    numbers.user_size_bytes += i > 0 ? layer_bytes_[i] : 0;
  }
  uint64_t least = 0;
  uint64_t sum = 0;
  std::vector<Found> found;
  for (NodeId id = 1; id < nodes_.size(); ++id) {
    if (!nodes_[id].repeated) {
      least += counted_[id];
      sum += counted_[id];
      continue;
    }
    const Tally& tally = tallies_[counted_[id]];
    least += tally.least;
    sum += tally.sum;
    numbers.wasted_bytes += tally.sum;
    found.push_back({{paths_.Path(id), tally.count, tally.sum}, tally.second_layer});
  }
  if (sum > 0) {
    numbers.efficiency = static_cast<double>(least) / static_cast<double>(sum);
  }
  std::ranges::sort(found, ComesBefore);
  for (Found& one : found) {
    numbers.inefficiencies.push_back(std::move(one.inefficiency));
  }
  return numbers;
}

}  // namespace fathom::tree
