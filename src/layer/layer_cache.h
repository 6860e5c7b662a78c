// The cache on disk: what reading a layer gave, by its diff ID; configs by their digest; and what
// images are made of, by what engines call them.
//
// It makes the second look at a layer free, across images. Entries are written only under digests
// that we computed, and may be looked up by a digest that an image declares. Whatever is damaged,
// misplaced or of another version is a miss, never an error and never a wrong answer. The total
// size is capped; what was not used for the longest time goes first.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "layer/cache_files.h"
#include "layer/layer_scan.h"

namespace fathom::layer {

// As if the layer had just been scanned: the index and the facets asked for, in that order.
using CachedLayer = ScanResult;

// Any thread; any number of processes over one folder, of which each may die at any point.
class LayerCache {
 public:
  struct Removed {
    uint64_t files = 0;
    uint64_t bytes = 0;
  };

  // The folder need not exist. `most_bytes` caps the sum of the files' sizes; a file that alone is
  // larger is neither written nor read.
  LayerCache(std::string directory, uint64_t most_bytes);

  // The index and all of these facets, or nothing. An index with SHA-256 serves a request for
  // XXH3-128 too, never the reverse. Counts as a use.
  std::optional<CachedLayer> Find(const Digest& diff_id, ContentAlgorithm algorithm,
                                  std::span<const FacetKind> kinds) const;

  // Keeps what a scan gave, and trims. `computed_diff_id` must be what the scan itself computed.
  // A failure costs nothing but the next scan: see failures().
  void Put(const Digest& computed_diff_id, const LayerIndex& index, std::span<const Facet> facets);

  // The config with this digest, its bytes verified. Counts as a use.
  std::optional<std::string> FindConfig(const Digest& digest) const;
  void PutConfig(const Digest& digest, std::string_view json);

  // What was kept under `key`, as it was. A record is about an image and its meaning is not
  // checked. Counts as a use.
  std::optional<std::string> FindRecord(std::string_view key) const;
  void PutRecord(std::string_view key, std::string_view record);

  // All files, the most recently used first.
  std::vector<CacheFile> List() const;

  // Removes every file of the cache, and nothing else.
  Removed Clear();

  // When the files have more than `most_bytes`, removes the least recently used down to 90 % of
  // it. Always removes temporary files that killed processes left.
  Removed Trim(uint64_t most_bytes);
  Removed Trim() { return Trim(most_bytes_); }

  // How many files could not be written, and why the first could not; "" when all could.
  uint64_t failures() const;
  std::string first_failure() const;

 private:
  std::optional<std::shared_ptr<const LayerIndex>> FindIndex(const Digest& diff_id,
                                                             ContentAlgorithm algorithm) const;
  std::optional<Facet> FindFacet(const Digest& diff_id, const FacetKind& kind) const;
  void Write(const CachePath& path, ByteView bytes);
  void NoteFailure(std::string message);
  void TrimIfDue(uint64_t written);

  const CacheFiles files_;
  const uint64_t most_bytes_;

  mutable Mutex mutex_;
  bool counted_ GUARDED_BY(mutex_) = false;        // the files were counted by this object
  uint64_t total_ GUARDED_BY(mutex_) = 0;          // their bytes then
  uint64_t written_since_ GUARDED_BY(mutex_) = 0;  // and what was added
  uint64_t failures_ GUARDED_BY(mutex_) = 0;
  std::string first_failure_ GUARDED_BY(mutex_);
};

}  // namespace fathom::layer
