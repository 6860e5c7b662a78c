#include "extract/plan.h"

#include <algorithm>
#include <charconv>

namespace fathom::extract {
namespace {

using tree::kNone;
using tree::NodeId;
using tree::State;
using tree::Version;

constexpr std::string_view kCapability = "security.capability";

const layer::LayerIndex& LayerOf(const tree::FileTree& tree, const Version& version) {
  return tree.layer(version.inode == kNone ? version.entry_layer
                                           : tree.inodes()[version.inode].layer);
}

// "MAJOR:MINOR"
void ReadDevice(std::string_view text, Facts& facts) {
  const size_t colon = text.find(':');
  if (colon != std::string_view::npos) {
    std::from_chars(text.data(), text.data() + colon, facts.major);
    std::from_chars(text.data() + colon + 1, text.data() + text.size(), facts.minor);
  }
}

class Planner {
 public:
  Planner(const tree::FileTree& tree, size_t layer, bool keep_special)
      : tree_(tree), layer_(layer), taken_(tree.node_count(), false) {
    plan_.keep_special = keep_special;
  }

  void Take(NodeId top) {
    std::vector<NodeId> pending = {top};
    while (!pending.empty()) {
      const NodeId node = pending.back();
      pending.pop_back();
      const Version* version = tree_.VersionAt(node, layer_);
      if (version == nullptr || version->state == State::kAbsent || taken_[node]) {
        continue;
      }
      taken_[node] = true;
      TakeOne({node, version});
      const auto first = static_cast<ptrdiff_t>(pending.size());
      for (NodeId child = tree_.first_child(node); child != kNone;
           child = tree_.next_sibling(child)) {
        pending.push_back(child);
      }
      std::sort(pending.begin() + first, pending.end(),
                [&](NodeId a, NodeId b) { return tree_.name(a) > tree_.name(b); });
    }
  }

  Plan Finish() {
    for (auto& [layer, wants] : plan_.wants) {
      std::ranges::sort(wants, {}, &Want::entry);
    }
    return std::move(plan_);
  }

 private:
  void TakeOne(Item item) {
    const Version& version = *item.version;
    if (version.state == State::kDirectory) {
      plan_.items.push_back(item);
      return;
    }
    if (version.state == State::kFile && version.inode == kNone) {
      ++plan_.losses.dangling;
      return;
    }
    if (version.state == State::kOther && !TakesSpecial(version)) {
      return;
    }
    if (version.state == State::kSymlink && tree_.LinkTarget(version).empty()) {
      ++plan_.losses.unknown;
      return;
    }
    // Names of one file: what has an inode by it, anything else by the row that made it.
    const std::pair identity(version.inode == kNone ? version.entry_layer : kNone,
                             version.inode == kNone ? version.entry : version.inode);
    const auto [known, is_first] = files_.emplace(identity, plan_.items.size());
    if (!is_first) {
      item.same_as = known->second;
    } else if (version.inode != kNone) {
      const tree::Inode& inode = tree_.inodes()[version.inode];
      plan_.wants[inode.layer].push_back({inode.entry, plan_.items.size()});
      plan_.bytes += tree_.size(inode);
    }
    plan_.items.push_back(item);
  }

  bool TakesSpecial(const Version& version) {
    const layer::Entry* entry = tree_.OwnEntry(version);
    if (entry == nullptr || entry->type == EntryType::kOther) {
      ++plan_.losses.unknown;
      return false;
    }
    if (!plan_.keep_special) {
      ++(entry->type == EntryType::kFifo ? plan_.losses.fifos : plan_.losses.devices);
    }
    return plan_.keep_special;
  }

  const tree::FileTree& tree_;
  size_t layer_;
  std::vector<bool> taken_;
  std::map<std::pair<uint32_t, uint32_t>, size_t> files_;
  Plan plan_;
};

// The chain of names from the root, to sort by.
std::vector<std::string_view> NamesOf(const tree::FileTree& tree, NodeId node) {
  std::vector<std::string_view> names;
  for (; node != tree::kRoot; node = tree.parent(node)) {
    names.push_back(tree.name(node));
  }
  std::ranges::reverse(names);
  return names;
}

}  // namespace

Result<Plan> MakePlan(const tree::FileTree& tree, std::span<const NodeId> tops, size_t layer,
                      bool keep_special, const Limits& limits) {
  std::vector<NodeId> sorted(tops.begin(), tops.end());
  std::ranges::sort(sorted, {}, [&](NodeId node) { return NamesOf(tree, node); });
  Planner planner(tree, layer, keep_special);
  for (const NodeId top : sorted) {
    planner.Take(top);
  }
  Plan plan = planner.Finish();
  if (plan.bytes > limits.layer_bytes) {
    return OverLimit(&Limits::layer_bytes, limits,
                     fmt::format("files of {} bytes to write", plan.bytes));
  }
  return plan;
}

Facts FactsOf(const tree::FileTree& tree, const Item& item, bool keep_special, Losses& losses) {
  const Version& version = *item.version;
  const layer::Entry* entry = tree.Metadata(version);
  Facts facts;
  if (entry == nullptr) {
    facts.type = EntryType::kDirectory;
    facts.implied = true;
    return facts;
  }
  const layer::LayerIndex& index = LayerOf(tree, version);
  facts.type = entry->type;
  facts.mode = entry->mode;
  facts.uid = entry->uid;
  facts.gid = entry->gid;
  facts.mtime = entry->mtime;
  facts.size = entry->type == EntryType::kFile ? entry->size : 0;
  facts.link = index.link(*entry);
  ReadDevice(index.device(*entry), facts);
  facts.xattrs = layer::ReadXattrs(index.xattrs(*entry));
  if (keep_special) {
    return facts;
  }
  if (entry->type != EntryType::kSymlink && (facts.mode & 06000) != 0) {
    facts.mode &= 01777;
    ++losses.setuid;
  }
  losses.capabilities +=
      std::erase_if(facts.xattrs, [](const auto& xattr) { return xattr.first == kCapability; });
  return facts;
}

std::string RelativePath(const tree::FileTree& tree, NodeId node) {
  return node == tree::kRoot ? "." : tree.Path(node).substr(1);
}

}  // namespace fathom::extract
