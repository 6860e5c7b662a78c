#include "tree/lookup.h"

#include <vector>

#include "base/nearest.h"
#include "tree/stack.h"

namespace fathom::tree {
namespace {

class Walker {
 public:
  Walker(const FileTree& tree, std::string_view path, size_t layer)
      : tree_(tree), path_(path), layer_(layer) {}

  Result<NodeId> Walk(LastLink last) {
    PushComponents(path_);
    NodeId at = kRoot;
    while (!todo_.empty()) {
      const std::string_view step = todo_.back();
      todo_.pop_back();
      if (step == ".") {
        continue;
      }
      if (step == "..") {
        at = tree_.parent(at);
        continue;
      }
      if (StateOf(at) != State::kDirectory) {
        return Fail(Code::kNotFound, "'{}' is not in the image: '{}' is no directory", path_,
                    tree_.Path(at));
      }
      const NodeId child = Child(at, step);
      const State state = child == kNone ? State::kAbsent : StateOf(child);
      if (state == State::kAbsent) {
        return Absent(at, child, step);
      }
      if (state == State::kSymlink && (!todo_.empty() || last == LastLink::kFollow)) {
        if (++links_ > Stack::kMostLinks) {
          return Fail(Code::kInvalidArgument, "'{}': links without end", path_);
        }
        const std::string_view target = tree_.LinkTarget(*tree_.VersionAt(child, layer_));
        at = target.starts_with('/') ? kRoot : at;
        PushComponents(target);
        continue;
      }
      at = child;
    }
    return at;
  }

 private:
  // A slash at the end asks for what is behind a link, as "." does.
  void PushComponents(std::string_view path) {
    if (path.ends_with('/')) {
      todo_.emplace_back(".");
    }
    while (!path.empty()) {
      const size_t slash = path.rfind('/');
      const std::string_view name = slash == std::string_view::npos ? path : path.substr(slash + 1);
      if (!name.empty()) {
        todo_.push_back(name);
      }
      path = path.substr(0, slash == std::string_view::npos ? 0 : slash);
    }
  }

  State StateOf(NodeId node) const {
    const Version* version = tree_.VersionAt(node, layer_);
    return version == nullptr ? State::kAbsent : version->state;
  }

  NodeId Child(NodeId parent, std::string_view name) const {
    NodeId child = tree_.first_child(parent);
    while (child != kNone && tree_.name(child) != name) {
      child = tree_.next_sibling(child);
    }
    return child;
  }

  // What is known of the missing: who took it away, who brings it, or what it may have meant.
  std::unexpected<Error> Absent(NodeId parent, NodeId gone, std::string_view name) const {
    const std::string full = (parent == kRoot ? "" : tree_.Path(parent)) + "/" + std::string(name);
    const std::string subject = full == path_ ? "it" : fmt::format("'{}'", full);
    const Version* version = gone == kNone ? nullptr : tree_.VersionAt(gone, layer_);
    if (version != nullptr && tree_.Previous(*version) != nullptr) {
      return Fail(Code::kNotFound,
                  "'{}' is not there after layer {}: layer {} removed {}; before that it can be "
                  "had with --layer {}",
                  path_, layer_, version->layer, subject, version->layer - 1);
    }
    if (gone != kNone && version == nullptr) {
      for (version = tree_.Latest(gone); tree_.Previous(*version) != nullptr;) {
        version = tree_.Previous(*version);
      }
      return Fail(Code::kNotFound, "'{}' is not there after layer {}: layer {} adds {}", path_,
                  layer_, version->layer, subject);
    }
    std::vector<std::string_view> names;
    for (NodeId child = tree_.first_child(parent); child != kNone;
         child = tree_.next_sibling(child)) {
      if (StateOf(child) != State::kAbsent) {
        names.push_back(tree_.name(child));
      }
    }
    const std::string_view near = NearestWord(name, names);
    return Fail(Code::kNotFound, "'{}' is not in the image{}", path_,
                near.empty() ? full == path_ ? "" : fmt::format(": there is no '{}'", full)
                             : fmt::format(" (did you mean '{}/{}'?)",
                                           parent == kRoot ? "" : tree_.Path(parent), near));
  }

  const FileTree& tree_;
  std::string_view path_;
  size_t layer_;
  unsigned links_ = 0;
  std::vector<std::string_view> todo_;  // components, the next one last
};

}  // namespace

Result<NodeId> LookUp(const FileTree& tree, std::string_view path, size_t layer, LastLink last) {
  if (tree.layer_count() == 0) {
    return Fail(Code::kNotFound, "'{}' is not in the image: it has no layers", path);
  }
  return Walker(tree, path, layer).Walk(last);
}

}  // namespace fathom::tree
