#include "tree/find.h"

#include <algorithm>

#include "base/units.h"

namespace fathom::tree {
namespace {

bool Holds(const SizeTest& test, uint64_t bytes) {
  switch (test.relation) {
    case SizeTest::Relation::kMore:
      return bytes > test.bytes;
    case SizeTest::Relation::kLess:
      return bytes < test.bytes;
    case SizeTest::Relation::kExactly:
      break;
  }
  return bytes == test.bytes;
}

class Finder {
 public:
  Finder(const FileTree& tree, const Query& query) : tree_(tree), query_(query) {}

  std::vector<Match> Run() {
    struct Pending {
      NodeId node;
      size_t path_size;  // of the parent's path
    };
    std::vector<Pending> pending;
    const auto add_children = [&](NodeId node) {
      const auto first = static_cast<ptrdiff_t>(pending.size());
      for (NodeId child = tree_.first_child(node); child != kNone;
           child = tree_.next_sibling(child)) {
        pending.push_back({child, path_.size()});
      }
      std::sort(pending.begin() + first, pending.end(), [&](const Pending& a, const Pending& b) {
        return tree_.name(a.node) > tree_.name(b.node);
      });
    };
    add_children(kRoot);
    while (!pending.empty()) {
      const Pending next = pending.back();
      pending.pop_back();
      path_.resize(next.path_size);
      path_ += '/';
      path_ += tree_.name(next.node);
      Consider(next.node);
      add_children(next.node);
    }
    return std::move(matches_);
  }

 private:
  void Consider(NodeId node) {
    const Version* latest = tree_.Latest(node);
    const Version* shown = Shown(latest);
    if (shown == nullptr || !MeetsFacts(*shown)) {
      return;
    }
    if (query_.pattern && !query_.pattern->Matches(path_, tree_.name(node))) {
      return;
    }
    matches_.push_back({node, shown, IsPresent(latest), Touches(tree_, node)});
  }

  // The version that is judged; null when the path is not asked for.
  const Version* Shown(const Version* latest) const {
    const Version* version = latest;
    if (query_.layer) {
      while (version != nullptr && version->layer > *query_.layer) {
        version = tree_.Previous(*version);
      }
      if (version == nullptr || version->layer != *query_.layer) {
        return nullptr;
      }
    } else if (!IsPresent(latest) && !query_.all) {
      return nullptr;
    }
    while (version != nullptr && !IsPresent(version)) {
      version = tree_.Previous(*version);
    }
    return version;
  }

  bool MeetsFacts(const Version& version) const {
    if (!query_.types.empty() && !query_.types.contains(TypeLetter(tree_, version))) {
      return false;
    }
    if (!query_.sizes.empty() && (version.state != State::kFile ||
                                  !std::ranges::all_of(query_.sizes, [&](const SizeTest& test) {
                                    return Holds(test, ContentBytes(tree_, version));
                                  }))) {
      return false;
    }
    const layer::Entry* entry = tree_.Metadata(version);
    const uint16_t mode = entry == nullptr ? 0755 : entry->mode;
    return (mode & query_.mode) == query_.mode &&
           (!query_.setuid || (version.state == State::kFile && (mode & 06000) != 0));
  }

  const FileTree& tree_;
  const Query& query_;
  std::string path_;
  std::vector<Match> matches_;
};

}  // namespace

Result<SizeTest> ParseSizeTest(std::string_view text) {
  SizeTest test{SizeTest::Relation::kExactly, 0};
  if (text.starts_with('+') || text.starts_with('-')) {
    test.relation = text[0] == '+' ? SizeTest::Relation::kMore : SizeTest::Relation::kLess;
    text.remove_prefix(1);
  }
  TRY_ASSIGN(test.bytes, ParseBytes(text));
  return test;
}

std::vector<Touch> Touches(const FileTree& tree, NodeId node) {
  std::vector<Touch> touches;
  for (const Version* version = tree.Latest(node); version != nullptr;
       version = tree.Previous(*version)) {
    const Version* before = tree.Previous(*version);
    if (!IsPresent(version) && !IsPresent(before)) {
      continue;  // there for a part of the layer only
    }
    const Change change = !IsPresent(version)          ? Change::kRemoved
                          : !IsPresent(before)         ? Change::kAdded
                          : tree.Same(before, version) ? Change::kUnmodified
                                                       : Change::kModified;
    touches.push_back({version->layer, change, ContentBytes(tree, *version)});
  }
  std::ranges::reverse(touches);
  return touches;
}

std::vector<Match> Find(const FileTree& tree, const Query& query) {
  return tree.layer_count() == 0 ? std::vector<Match>() : Finder(tree, query).Run();
}

char TypeLetter(const FileTree& tree, const Version& version) {
  switch (version.state) {
    case State::kDirectory:
      return 'd';
    case State::kFile:
      return 'f';
    case State::kSymlink:
      return 'l';
    default:
      break;
  }
  const layer::Entry* entry = tree.OwnEntry(version);
  switch (entry == nullptr ? layer::EntryType::kOther : entry->type) {
    case layer::EntryType::kCharDevice:
      return 'c';
    case layer::EntryType::kBlockDevice:
      return 'b';
    case layer::EntryType::kFifo:
      return 'p';
    default:
      return 'o';
  }
}

uint64_t ContentBytes(const FileTree& tree, const Version& version) {
  return version.inode == kNone ? 0 : tree.size(tree.inodes()[version.inode]);
}

}  // namespace fathom::tree
