#include "base/path_table.h"

#include <algorithm>

namespace fathom {

PathId PathTable::Find(PathId parent, StringId name) const {
  return ids_.Find(Hash(parent, name), [&](PathId id) {
    return nodes_[id].parent == parent && nodes_[id].name == name;
  });
}

PathId PathTable::Add(PathId parent, StringId name) {
  if (const PathId found = Find(parent, name); found != IdHash::kNone) {
    return found;
  }
  const auto id = static_cast<PathId>(nodes_.size());
  nodes_.push_back({parent, name});
  ids_.Add(Hash(parent, name), id,
           [&](PathId other) { return Hash(nodes_[other].parent, nodes_[other].name); });
  return id;
}

std::string PathTable::Path(PathId id, const StringPool& names) const {
  return JoinPath(
      id, [&](PathId at) { return parent(at); }, [&](PathId at) { return names[name(at)]; });
}

PathTable PathTable::FromNodes(std::vector<Node> nodes) {
  PathTable table;
  table.nodes_ = std::move(nodes);
  return table;
}

void PathTable::Freeze() {
  ids_.Clear();
  nodes_.shrink_to_fit();
}

void CleanComponents(std::string_view path, std::vector<std::string_view>& components) {
  components.clear();
  while (!path.empty()) {
    const size_t slash = path.find('/');
    const std::string_view component = path.substr(0, slash);
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
    if (component == "..") {
      if (!components.empty()) {
        components.pop_back();
      }
    } else if (!component.empty() && component != ".") {
      components.push_back(component);
    }
  }
}

}  // namespace fathom
