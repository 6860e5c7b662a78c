// The members of an archive by name, with the links between them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "archive/compression.h"
#include "archive/tar_entry.h"
#include "base/limits.h"

namespace fathom::image {

// A regular file of an archive.
struct Member {
  uint64_t offset = 0;  // of its content, bytes from the start of the archive
  uint64_t size = 0;
  bool sparse = false;  // its content does not lie there in one piece
  archive::Compression compression = archive::Compression::kNone;  // known of a stream only
  bool is_document = false;                                        // a stream took it for JSON
  bool kept = false;                                               // ... and its text is in `text`
  std::string text;
};

// Of two members with one name the later counts, as when an archive is unpacked. Reading it is
// thread-safe.
class MemberIndex {
 public:
  using Files = std::map<std::string, Member, std::less<>>;

  // `limits` must outlive the index.
  explicit MemberIndex(const Limits& limits) : limits_(limits) {}

  // Takes note of the next entry of the archive. Returns the name and the member to fill in for a
  // regular file, else null; a name that leads outside is passed over. Errors: kLimit.
  Result<Files::value_type*> Add(const archive::TarEntry& entry);

  // The file behind `name`, symbolic and hard links followed. Errors as in FileSet::Find().
  Result<const Files::value_type*> Find(std::string_view name) const;

  // An error of the reader, with a word more when nothing in the archive could be read.
  std::unexpected<Error> Blame(Error error) const;

  // Some names are of a root file system, and none is of an image.
  bool looks_like_rootfs() const { return rootfs_names_ && !image_names_; }
  bool empty() const { return entries_ == 0; }

 private:
  Status CheckLimits(const archive::TarEntry& entry);
  void AddLink(std::string name, const archive::TarEntry& entry);

  const Limits& limits_;
  uint64_t entries_ = 0;
  uint64_t name_bytes_ = 0;
  bool rootfs_names_ = false;
  bool image_names_ = false;
  Files files_;
  std::map<std::string, std::string, std::less<>> links_;  // to cleaned names; "" leads outside
};

}  // namespace fathom::image
