#include "image/member_index.h"

#include <optional>

#include "image/file_set.h"
#include "image/rootfs.h"

namespace fathom::image {
namespace {

using archive::EntryType;
using archive::TarEntry;

constexpr int kMostLinks = 40;

// The memory that names may take is bounded by this for each entry that is allowed: short names
// may be many, long ones few.
constexpr uint64_t kNameBytesPerEntry = 256;

// What a link leads to: a symbolic link from the folder it lies in, a hard link from the root.
std::string TargetOf(const std::string& name, const TarEntry& entry) {
  if (entry.type == EntryType::kHardLink) {
    return CleanName(entry.link).value_or("");
  }
  if (entry.link.starts_with('/')) {
    return "";
  }
  const size_t slash = name.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : name.substr(0, slash + 1);
  return CleanName(folder + entry.link).value_or("");
}

}  // namespace

Status MemberIndex::CheckLimits(const TarEntry& entry) {
  if (++entries_ > limits_.archive_entries) {
    return OverLimit(&Limits::archive_entries, limits_, "one more entry");
  }
  name_bytes_ += entry.path.size() + entry.link.size();
  if (name_bytes_ / kNameBytesPerEntry > limits_.archive_entries) {
    return OverLimit(
        &Limits::archive_entries, limits_,
        fmt::format("{} bytes of names, at {} an entry,", name_bytes_, kNameBytesPerEntry));
  }
  return {};
}

Result<MemberIndex::Files::value_type*> MemberIndex::Add(const TarEntry& entry) {
  TRY(CheckLimits(entry));
  std::optional<std::string> name = CleanName(entry.path);
  if (!name) {
    return nullptr;
  }
  rootfs_names_ = rootfs_names_ || IsRootfsName(*name);
  image_names_ = image_names_ || IsPartOfImage(*name);
  if (entry.type == EntryType::kSymlink || entry.type == EntryType::kHardLink) {
    AddLink(std::move(*name), entry);
    return nullptr;
  }
  if (entry.type != EntryType::kFile) {
    return nullptr;
  }
  links_.erase(*name);
  auto& file = *files_.insert_or_assign(std::move(*name), Member{}).first;
  file.second.offset = entry.data_offset;
  file.second.size = entry.size;
  file.second.sparse = entry.sparse;
  return &file;
}

void MemberIndex::AddLink(std::string name, const TarEntry& entry) {
  std::string target = TargetOf(name, entry);
  // A hard link to itself says nothing new.
  if (entry.type == EntryType::kHardLink && target == name && files_.contains(name)) {
    return;
  }
  files_.erase(name);
  links_.insert_or_assign(std::move(name), std::move(target));
}

Result<const MemberIndex::Files::value_type*> MemberIndex::Find(std::string_view name) const {
  std::optional<std::string> at = CleanName(name);
  if (!at) {
    return Fail(Code::kCorrupt, "'{}' is no name of a member", name);
  }
  for (int hops = 0; hops <= kMostLinks; ++hops) {
    if (const auto file = files_.find(*at); file != files_.end()) {
      if (file->second.sparse) {
        return Fail(Code::kCorrupt, "'{}' is stored as a sparse file; pack it again without", name);
      }
      return &*file;
    }
    const auto link = links_.find(*at);
    if (link == links_.end()) {
      return hops == 0 ? Fail(Code::kNotFound, "'{}' is not in the archive", name)
                       : Fail(Code::kCorrupt, "'{}' is a link to '{}', which is not in the archive",
                              name, *at);
    }
    if (link->second.empty()) {
      return Fail(Code::kCorrupt, "'{}' is a link that leads out of the archive", name);
    }
    at = link->second;
  }
  return Fail(Code::kCorrupt, "'{}' is a link that leads in circles", name);
}

std::unexpected<Error> MemberIndex::Blame(Error error) const {
  if (empty() && error.code == Code::kCorrupt) {
    return Wrap(std::move(error), "it is no tar archive, or a damaged one");
  }
  return std::unexpected(std::move(error));
}

}  // namespace fathom::image
