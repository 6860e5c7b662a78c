// The files of the cache: how they are called, and how they are read, replaced and removed.
//
// Below the cache's own folder no symbolic link is ever followed and no name is touched that the
// cache would not give itself, so that nothing outside can be read, written or removed through a
// folder that somebody else has prepared. The cache's folder itself may be a link.
#pragma once

#include <sys/stat.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/content_hash.h"
#include "base/digest.h"
#include "base/io.h"

namespace fathom::layer {

struct CachePath {
  std::string folder;  // "layers/sha256/ab", below the cache's folder
  std::string name;    // "abc1...9f.xxh3.index"
};

CachePath IndexPath(const Digest& diff_id, ContentAlgorithm algorithm);
CachePath FacetPath(const Digest& diff_id, std::string_view facet, uint32_t version);
CachePath ConfigPath(const Digest& digest);
CachePath RecordPath(const Digest& digest);

// True for what can be part of a file's name: [a-z-]+, at most 64 letters.
bool IsFacetName(std::string_view name);

enum class CacheKind : uint8_t { kIndex, kFacet, kConfig, kRecord };

struct CacheFile {
  CacheKind kind;
  std::string name;  // "xxh3", "sha256", "file-kind-v1"; of a config "config", of a record "image"
  Digest digest;     // the layer's diff ID, the config's digest, or that of the record's key
  CachePath path;
  uint64_t bytes;
  std::chrono::system_clock::time_point last_used;
};

// A file that was written but not yet renamed to its place.
struct TemporaryFile {
  CachePath path;
  uint64_t bytes;
  std::chrono::system_clock::time_point last_written;
};

struct CacheFileList {
  std::vector<CacheFile> files;
  std::vector<TemporaryFile> temporaries;
};

// The bytes of a file, and the file itself held open.
class CacheBytes {
 public:
  ByteView view() const { return {bytes_.get(), size_}; }

 private:
  friend class CacheFiles;
  Fd file_;
  struct stat state_{};
  std::unique_ptr<uint8_t[]> bytes_;
  size_t size_ = 0;
};

// Holds no state but the folder's name: any thread, and any number of processes.
class CacheFiles {
 public:
  // The folder need not exist; the first Write() makes it.
  explicit CacheFiles(std::string directory) : directory_(std::move(directory)) {}

  // The whole of a regular file of at most `most` bytes.
  Result<CacheBytes> Read(const CachePath& path, uint64_t most) const;

  // Replaces a file at once. Not durable: see docs/decisions/0001-cache-without-fsync.md.
  Status Write(const CachePath& path, ByteView bytes) const;

  // Notes that a file was used now, so far as the file system allows.
  void Touch(const CacheBytes& bytes) const;

  // Removes a regular file; false when it is another's, or gone, or may not be removed.
  bool Remove(const CachePath& path) const;

  // Removes the file that these bytes were read from, not one that has taken its place since.
  bool Remove(const CachePath& path, const CacheBytes& bytes) const;

  // Removes a temporary file that no living process writes, or that is older than an hour.
  bool RemoveAbandoned(const TemporaryFile& temporary) const;

  // All files with names that the cache gives, in no order.
  CacheFileList List() const;

 private:
  Result<Fd> OpenFolder(const std::string& folder, bool create) const;
  void ListFolder(const std::string& folder, CacheFileList& list) const;

  std::string directory_;
};

}  // namespace fathom::layer
