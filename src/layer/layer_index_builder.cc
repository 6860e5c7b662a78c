#include "layer/layer_index_builder.h"

#include <fmt/format.h>

#include <algorithm>

namespace fathom::layer {
namespace {

constexpr std::string_view kOpaqueName = ".wh..wh..opq";
constexpr std::string_view kUnionPrefix = ".wh..wh.";

bool IsPlainName(std::string_view name) { return !name.empty() && name != "." && name != ".."; }

// overlayfs marks an opaque directory in its upper layer by an attribute; some builders ship that.
bool IsOverlayOpaque(const archive::TarEntry& entry) {
  return entry.type == EntryType::kDirectory &&
         std::ranges::any_of(entry.xattrs, [](const auto& xattr) {
           return (xattr.first == "trusted.overlay.opaque" ||
                   xattr.first == "user.overlay.opaque") &&
                  xattr.second == "y";
         });
}

}  // namespace

std::vector<std::pair<std::string_view, std::string_view>> ReadXattrs(std::string_view set) {
  std::vector<std::pair<std::string_view, std::string_view>> attributes;
  while (!set.empty()) {
    const size_t end = set.find('\0');
    uint32_t size = 0;
    if (end == std::string_view::npos || set.size() - end - 1 < sizeof(size)) {
      break;
    }
    std::memcpy(&size, set.data() + end + 1, sizeof(size));
    attributes.emplace_back(set.substr(0, end), set.substr(end + 1 + sizeof(size), size));
    set.remove_prefix(std::min(set.size(), end + 1 + sizeof(size) + size));
  }
  return attributes;
}

LayerIndexBuilder::LayerIndexBuilder(ContentAlgorithm algorithm, const Limits& limits)
    : limits_(limits) {
  index_.algorithm_ = algorithm;
}

Result<EntryId> LayerIndexBuilder::Add(const archive::TarEntry& from) {
  const size_t id = index_.entries_.size();
  if (id >= limits_.layer_entries || index_.strings_.full() || index_.xattrs_.full()) {
    return OverLimit(&Limits::layer_entries, limits_, "a layer with more entries");
  }
  Entry entry{};
  entry.path = InternPath(from.path);
  entry.link = index_.strings_.Add(
      IsDevice(from.type) ? fmt::format("{}:{}", from.dev_major, from.dev_minor) : from.link);
  // chown() takes 32 bits; so does every file system.
  entry.uid = static_cast<uint32_t>(from.uid);
  entry.gid = static_cast<uint32_t>(from.gid);
  entry.xattrs = from.xattrs.empty() ? 0 : InternXattrs(from);
  entry.mode = static_cast<uint16_t>(from.mode);
  entry.type = from.type;
  entry.mark = MarkOf(from, entry.path);
  entry.size = from.size;
  entry.mtime = from.mtime;
  entry.offset = from.data_offset;
  index_.entries_.push_back(entry);
  index_.contents_.resize((id + 1) * ContentHashSize(index_.algorithm_));
  return static_cast<EntryId>(id);
}

ByteSpan LayerIndexBuilder::ContentOf(EntryId id) {
  const size_t size = ContentHashSize(index_.algorithm_);
  return ByteSpan(index_.contents_).subspan(id * size, size);
}

PathId LayerIndexBuilder::InternPath(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) {
    path.remove_suffix(1);
  }
  const size_t slash = path.rfind('/');
  if (slash != std::string_view::npos && IsPlainName(path.substr(slash + 1))) {
    if (path.substr(0, slash) != last_directory_) {
      CleanComponents(path.substr(0, slash), components_);
      last_directory_id_ = InternComponents();
      last_directory_ = path.substr(0, slash);
    }
    return index_.paths_.Add(last_directory_id_, index_.strings_.Add(path.substr(slash + 1)));
  }
  CleanComponents(path, components_);
  return InternComponents();
}

PathId LayerIndexBuilder::InternComponents() {
  PathId at = kRootPath;
  for (const std::string_view name : components_) {
    at = index_.paths_.Add(at, index_.strings_.Add(name));
  }
  return at;
}

uint32_t LayerIndexBuilder::InternXattrs(const archive::TarEntry& entry) {
  xattr_text_.clear();
  for (const auto& [name, value] : entry.xattrs) {
    const auto size = static_cast<uint32_t>(value.size());
    xattr_text_ += name;
    xattr_text_ += '\0';
    xattr_text_.append(reinterpret_cast<const char*>(&size), sizeof(size));
    xattr_text_ += value;
  }
  return index_.xattrs_.Add(xattr_text_);
}

Mark LayerIndexBuilder::MarkOf(const archive::TarEntry& entry, PathId path) const {
  const std::string_view name = index_.strings_[index_.paths_.name(path)];
  for (PathId at = index_.paths_.parent(path); at != kRootPath; at = index_.paths_.parent(at)) {
    if (index_.strings_[index_.paths_.name(at)].starts_with(kWhiteoutPrefix)) {
      return Mark::kIgnored;
    }
  }
  if (name == kOpaqueName) {
    return Mark::kOpaque;
  }
  if (name.starts_with(kUnionPrefix)) {
    return Mark::kIgnored;
  }
  if (name.starts_with(kWhiteoutPrefix)) {
    return Mark::kWhiteout;
  }
  const bool device_zero =
      entry.type == EntryType::kCharDevice && entry.dev_major == 0 && entry.dev_minor == 0;
  if (device_zero) {
    return Mark::kWhiteout;
  }
  return IsOverlayOpaque(entry) ? Mark::kOpaqueDirectory : Mark::kNone;
}

std::shared_ptr<const LayerIndex> LayerIndexBuilder::Finish(uint64_t decoded_bytes) {
  index_.decoded_bytes_ = decoded_bytes;
  index_.entries_.shrink_to_fit();
  index_.contents_.shrink_to_fit();
  index_.paths_.Freeze();
  index_.strings_.Freeze();
  index_.xattrs_.Freeze();
  return std::make_shared<const LayerIndex>(std::move(index_));
}

}  // namespace fathom::layer
