#include "extract/stream_target.h"

#include <ranges>

#include "archive/tar_writer.h"

namespace fathom::extract {

Status TarTarget::Begin(const Plan& plan) {
  plan_ = &plan;
  losses_ = plan.losses;
  return {};
}

archive::TarEntry TarTarget::EntryOf(const Item& item) {
  const Facts facts = FactsOf(tree_, item, plan_->keep_special, losses_);
  archive::TarEntry entry;
  entry.path = RelativePath(tree_, item.node);
  if (facts.type == EntryType::kDirectory) {
    entry.path += '/';
  }
  entry.link = facts.link;
  entry.type = facts.type;
  entry.mode = facts.mode;
  entry.uid = facts.uid;
  entry.gid = facts.gid;
  entry.size = facts.size;
  entry.mtime = facts.mtime;
  entry.dev_major = facts.major;
  entry.dev_minor = facts.minor;
  for (const auto& [name, value] : facts.xattrs) {
    if (name.contains('=')) {
      ++losses_.xattrs;
    } else {
      entry.xattrs.emplace_back(name, value);
    }
  }
  return entry;
}

Status TarTarget::WriteHeader(const Item& item) {
  if (item.node == tree::kRoot) {
    return {};
  }
  return out_.Write(AsBytes(archive::TarHeaderBlocks(EntryOf(item))));
}

Status TarTarget::BeginFile(const Item& item) {
  const archive::TarEntry entry = EntryOf(item);
  size_ = entry.size;
  return out_.Write(AsBytes(archive::TarHeaderBlocks(entry)));
}

Status TarTarget::EndFile() { return out_.Write(AsBytes(archive::TarPadding(size_))); }

Status TarTarget::MakeLink(const Item& item, const Item& existing) {
  // What the file lost was counted at its first name.
  const Losses before = losses_;
  archive::TarEntry entry = EntryOf(item);
  losses_ = before;
  entry.type = EntryType::kHardLink;
  entry.link = RelativePath(tree_, existing.node);
  entry.xattrs.clear();
  return out_.Write(AsBytes(archive::TarHeaderBlocks(entry)));
}

Status TarTarget::Finish() {
  for (const Item& item : std::views::reverse(plan_->items)) {
    if (item.version->state == tree::State::kDirectory) {
      TRY(WriteHeader(item));
    }
  }
  return out_.Write(AsBytes(archive::TarEnd()));
}

}  // namespace fathom::extract
