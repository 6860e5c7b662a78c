// One record of a tar archive, with everything its headers say.
//
// Formats: POSIX.1-1988 ustar, POSIX.1-2001 pax interchange, GNU tar, v7. See tar(5).
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace fathom::archive {

enum class EntryType : uint8_t {
  kFile,
  kHardLink,
  kSymlink,
  kCharDevice,
  kBlockDevice,
  kDirectory,
  kFifo,
  kOther,  // a type that no file system has, a GNU volume label for instance
};

struct TarEntry {
  std::string path;  // as written, not cleaned; no NUL inside
  std::string link;  // target of a symbolic or hard link, as written
  EntryType type = EntryType::kFile;
  uint32_t mode = 0;  // permission, setuid, setgid and sticky bits (07777)
  int64_t uid = 0;
  int64_t gid = 0;
  uint64_t size = 0;  // bytes of content; of a sparse file its logical size
  int64_t mtime = 0;  // seconds since 1970, rounded down
  uint32_t dev_major = 0;
  uint32_t dev_minor = 0;
  bool sparse = false;
  std::vector<std::pair<std::string, std::string>> xattrs;  // by name, sorted
  uint64_t header_offset = 0;  // of the entry's own header block, bytes from the archive's start
  uint64_t data_offset = 0;    // of the first stored byte of content
  uint64_t stored_bytes = 0;   // content bytes in the archive; less than `size` when sparse
};

}  // namespace fathom::archive
