#include "gate/path_search.h"

#include <algorithm>
#include <unordered_map>

namespace fathom::gate {
namespace {

using tree::FileTree;
using tree::NodeId;
using tree::State;
using tree::Version;

bool HoldsSomething(const Version& version) {
  return version.state != State::kAbsent && version.state != State::kDirectory;
}

// Components of a node's path from the root on.
void ComponentsOf(const FileTree& tree, NodeId node, std::vector<std::string_view>& components) {
  components.clear();
  for (; node != tree::kRoot; node = tree.parent(node)) {
    components.push_back(tree.name(node));
  }
  std::ranges::reverse(components);
}

// Calls visit(node, globs) for every node that globs match itself.
template <typename Visit>
void ForMatches(const FileTree& tree, const PathGlobs& globs, Visit visit) {
  std::vector<std::string_view> components;
  std::vector<uint32_t> found;
  for (NodeId node = tree::kRoot + 1; node < tree.node_count(); ++node) {
    if (!globs.MayMatch(tree.name(node))) {
      continue;
    }
    ComponentsOf(tree, node, components);
    globs.Match(components, found);
    if (!found.empty()) {
      visit(node, found);
    }
  }
}

// Causes of lost contents; of what has none of its own: by what took its place.
class Causes {
 public:
  explicit Causes(const FileTree& tree) {
    for (const tree::Waste& waste : tree.waste()) {
      of_inode_.emplace(waste.inode, waste);
    }
  }

  tree::Cause Of(NodeId node, const Version& version, const Version& next) const {
    const auto found =
        version.inode == tree::kNone ? of_inode_.end() : of_inode_.find(version.inode);
    if (found != of_inode_.end() && found->second.node == node) {
      return found->second.cause;
    }
    return next.state == State::kAbsent  ? tree::Cause::kRemoved
           : next.state == version.state ? tree::Cause::kRewritten
                                         : tree::Cause::kHidden;
  }

 private:
  std::unordered_map<uint32_t, tree::Waste> of_inode_;
};

}  // namespace

std::vector<bool> Covered(const FileTree& tree, const PathGlobs& globs) {
  std::vector<bool> covered(tree.node_count());
  if (globs.empty()) {
    return covered;
  }
  ForMatches(tree, globs, [&](NodeId node, const std::vector<uint32_t>&) { covered[node] = true; });
  for (NodeId node = tree::kRoot + 1; node < tree.node_count(); ++node) {
    covered[node] = covered[node] || covered[tree.parent(node)];  // parents come first
  }
  return covered;
}

void FindOccurrences(const FileTree& tree, const PathGlobs& globs,
                     const std::function<void(const Occurrence&, uint32_t glob)>& visit) {
  const Causes causes(tree);
  const auto look_at = [&](NodeId node, const std::vector<uint32_t>& matched) {
    const Version* next = nullptr;
    for (const Version* version = tree.Latest(node); version != nullptr;
         next = version, version = tree.Previous(*version)) {
      if (!HoldsSomething(*version)) {
        continue;
      }
      Occurrence occurrence{node, version, 0, next, tree::Cause::kRemoved};
      if (version->inode != tree::kNone) {
        occurrence.bytes = tree.size(tree.inodes()[version->inode]);
      }
      if (next != nullptr) {
        occurrence.cause = causes.Of(node, *version, *next);
      }
      for (const uint32_t glob : matched) {
        visit(occurrence, glob);
      }
    }
  };
  // A node inherits the globs of its parents.
  std::unordered_map<NodeId, std::vector<uint32_t>> matched;
  ForMatches(tree, globs,
             [&](NodeId node, const std::vector<uint32_t>& found) { matched[node] = found; });
  if (matched.empty()) {
    return;
  }
  for (NodeId node = tree::kRoot + 1; node < tree.node_count(); ++node) {
    if (const auto above = matched.find(tree.parent(node)); above != matched.end()) {
      const std::vector<uint32_t> inherited = above->second;
      std::vector<uint32_t>& own = matched[node];
      own.insert(own.end(), inherited.begin(), inherited.end());
      std::ranges::sort(own);
      own.erase(std::ranges::unique(own).begin(), own.end());
    }
    if (const auto own = matched.find(node); own != matched.end()) {
      look_at(node, own->second);
    }
  }
}

}  // namespace fathom::gate
