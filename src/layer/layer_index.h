// LayerIndex: all we know of a layer's entries, the immutable product of reading the layer once.
//
// One row an entry, in the order of the tar, in fixed-size records; paths, names, link targets and
// attribute sets are kept once each behind 32-bit ids. About 90 bytes an entry.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "archive/tar_entry.h"
#include "base/content_hash.h"
#include "base/path_table.h"
#include "base/string_pool.h"

namespace fathom::layer {

using archive::EntryType;
using EntryId = uint32_t;

// What a name says beside naming, by the whiteout rules of the OCI image specification.
enum class Mark : uint8_t {
  kNone,
  kWhiteout,         // ".wh.NAME", or a character device 0:0: NAME below is gone
  kOpaque,           // ".wh..wh..opq": all that lies below in this directory is gone
  kOpaqueDirectory,  // a directory that says the same by overlayfs' attribute, and is an entry too
  kIgnored,          // other names of union file systems, and what lies under a whiteout's name
};

// One entry. Written to the cache as it stands: see docs/formats/layer-index.md.
struct Entry {
  PathId path;    // cleaned; a whiteout keeps its own name
  StringId link;  // target as written, of a device "MAJOR:MINOR"; 0 for none
  uint32_t uid;
  uint32_t gid;
  uint32_t xattrs;  // id of an attribute set; 0 for none
  uint16_t mode;    // 07777
  EntryType type;
  Mark mark;
  uint64_t size;    // as the header says; bytes of content only for a regular file
  int64_t mtime;    // whole seconds
  uint64_t offset;  // of the content within the uncompressed tar
};
static_assert(sizeof(Entry) == 48);

constexpr bool IsDevice(EntryType type) {
  return type == EntryType::kCharDevice || type == EntryType::kBlockDevice;
}

class LayerIndex {
 public:
  size_t entry_count() const { return entries_.size(); }
  const Entry& entry(EntryId id) const { return entries_[id]; }
  const std::vector<Entry>& entries() const { return entries_; }

  // Content of a regular file; for other entries all zero.
  ByteView content(EntryId id) const {
    const size_t size = ContentHashSize(algorithm_);
    return ByteView(contents_).subspan(id * size, size);
  }
  ContentAlgorithm algorithm() const { return algorithm_; }

  const PathTable& paths() const { return paths_; }
  const StringPool& strings() const { return strings_; }
  std::string Path(PathId id) const { return paths_.Path(id, strings_); }
  std::string_view link(const Entry& entry) const {
    return IsDevice(entry.type) ? std::string_view() : strings_[entry.link];
  }
  // "MAJOR:MINOR" of a device, "" of anything else.
  std::string_view device(const Entry& entry) const {
    return IsDevice(entry.type) ? strings_[entry.link] : std::string_view();
  }

  // The attribute set as stored: for each attribute its name, NUL, the length of its value as four
  // bytes and the value. Equal sets have equal text within any two indexes.
  std::string_view xattrs(const Entry& entry) const { return xattrs_[entry.xattrs]; }

  uint64_t decoded_bytes() const { return decoded_bytes_; }  // size of the uncompressed tar

 private:
  friend class LayerIndexBuilder;
  friend class IndexFormat;

  ContentAlgorithm algorithm_ = ContentAlgorithm::kXxh3_128;
  std::vector<Entry> entries_;
  std::vector<uint8_t> contents_;
  PathTable paths_;
  StringPool strings_;
  StringPool xattrs_;
  uint64_t decoded_bytes_ = 0;
};

// Name and value of each attribute of a set.
std::vector<std::pair<std::string_view, std::string_view>> ReadXattrs(std::string_view set);

constexpr std::string_view kWhiteoutPrefix = ".wh.";

}  // namespace fathom::layer
