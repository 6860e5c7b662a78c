#include "tree/classic.h"

#include <algorithm>

namespace fathom::tree {
namespace {

constexpr std::string_view kUnionPrefix = ".wh..wh.";
constexpr PathId kAbsentPath = IdHash::kNone;

}  // namespace

PathId ClassicCounter::AddPath(PathId parent, std::string_view name) {
  const PathId path = paths_.Add(parent, names_.Add(name));
  if (path == nodes_.size()) {
    nodes_.emplace_back().next_sibling = nodes_[parent].first_child;
    nodes_[parent].first_child = path;
  }
  return path;
}

// The counter's path for each path of the layer; a whiteout has that of its target, names of union
// file systems have none.
std::vector<PathId> ClassicCounter::PathsOf(const layer::LayerIndex& layer) {
  const PathTable& table = layer.paths();
  std::vector<PathId> paths(table.size(), kRootPath);
  for (PathId id = 1; id < table.size(); ++id) {
    const PathId parent = paths[table.parent(id)];
    std::string_view name = layer.strings()[table.name(id)];
    if (parent == kAbsentPath || name.starts_with(kUnionPrefix)) {
      paths[id] = kAbsentPath;
      continue;
    }
    if (name.starts_with(layer::kWhiteoutPrefix)) {
      name.remove_prefix(layer::kWhiteoutPrefix.size());
    }
    paths[id] = AddPath(parent, name);
  }
  return paths;
}

void ClassicCounter::Add(const layer::LayerIndex& layer) {
  const PathTable& table = layer.paths();
  const std::vector<PathId> paths = PathsOf(layer);
  std::vector<layer::EntryId> payload(table.size(), IdHash::kNone);
  std::vector<bool> has_children(table.size());
  uint64_t layer_bytes = 0;
  for (layer::EntryId id = 0; id < layer.entry_count(); ++id) {
    payload[layer.entry(id).path] = id;
    layer_bytes += layer.entry(id).size;
  }
  layer_bytes_.push_back(layer_bytes);
  for (PathId id = 1; id < table.size(); ++id) {
    if (paths[id] != kAbsentPath) {
      has_children[table.parent(id)] = true;
    }
  }
  const auto is_whiteout = [&](PathId id) {
    return layer.strings()[table.name(id)].starts_with(layer::kWhiteoutPrefix);
  };

  // Leaves are judged against the stack of the layers below, then the layer goes on top of it.
  for (PathId id = 1; id < table.size(); ++id) {
    if (paths[id] == kAbsentPath || has_children[id]) {
      continue;
    }
    const Node& below = nodes_[paths[id]];
    if (!is_whiteout(id)) {
      Count(paths[id], payload[id] == IdHash::kNone ? 0 : layer.entry(payload[id]).size);
    } else if (below.present) {
      Count(paths[id], below.directory ? BytesBelow(paths[id]) : 0);
    }
  }
  for (PathId id = 1; id < table.size(); ++id) {
    if (paths[id] != kAbsentPath && is_whiteout(id)) {
      Remove(paths[id]);
    }
  }
  for (PathId id = 1; id < table.size(); ++id) {
    if (paths[id] == kAbsentPath || is_whiteout(id)) {
      continue;
    }
    Node& node = nodes_[paths[id]];
    const bool implied = payload[id] == IdHash::kNone;
    node.present = true;
    node.size = implied ? 0 : layer.entry(payload[id]).size;
    node.directory = !implied && layer.entry(payload[id]).type == layer::EntryType::kDirectory;
  }
}

void ClassicCounter::Count(PathId path, uint64_t bytes) {
  Node& node = nodes_[path];
  node.least = node.count == 0 ? bytes : std::min(node.least, bytes);
  node.sum += bytes;
  ++node.count;
}

uint64_t ClassicCounter::BytesBelow(PathId top) const {
  uint64_t bytes = 0;
  std::vector<PathId> pending{top};
  while (!pending.empty()) {
    const PathId path = pending.back();
    pending.pop_back();
    bytes += nodes_[path].size;
    for (PathId child = nodes_[path].first_child; child != IdHash::kNone;
         child = nodes_[child].next_sibling) {
      if (nodes_[child].present) {
        pending.push_back(child);
      }
    }
  }
  return bytes;
}

void ClassicCounter::Remove(PathId top) {
  std::vector<PathId> pending{top};
  while (!pending.empty()) {
    const PathId path = pending.back();
    pending.pop_back();
    nodes_[path].present = nodes_[path].directory = false;
    nodes_[path].size = 0;
    for (PathId child = nodes_[path].first_child; child != IdHash::kNone;
         child = nodes_[child].next_sibling) {
      if (nodes_[child].present) {
        pending.push_back(child);
      }
    }
  }
}

ClassicNumbers ClassicCounter::Finish() const {
  ClassicNumbers numbers;
  numbers.layer_bytes = layer_bytes_;
  for (size_t i = 0; i < layer_bytes_.size(); ++i) {
    numbers.size_bytes += layer_bytes_[i];
    numbers.user_size_bytes += i > 0 ? layer_bytes_[i] : 0;
  }
  uint64_t least = 0;
  uint64_t sum = 0;
  for (PathId path = 1; path < nodes_.size(); ++path) {
    const Node& node = nodes_[path];
    least += node.least;
    sum += node.sum;
    if (node.count >= 2) {
      numbers.wasted_bytes += node.sum;
      numbers.inefficiencies.push_back({paths_.Path(path, names_), node.count, node.sum});
    }
  }
  if (sum > 0) {
    numbers.efficiency = static_cast<double>(least) / static_cast<double>(sum);
  }
  std::ranges::sort(numbers.inefficiencies, [](const auto& a, const auto& b) {
    return a.bytes != b.bytes ? a.bytes > b.bytes : a.path < b.path;
  });
  return numbers;
}

}  // namespace fathom::tree
