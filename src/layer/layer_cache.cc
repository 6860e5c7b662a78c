#include "layer/layer_cache.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "layer/index_format.h"

namespace fathom::layer {
namespace {

// Counting the files costs milliseconds when there are thousands, so it is not done after each
// write: other processes' writes are seen after this part of the cap was written here.
constexpr uint64_t kRecountPart = 32;

constexpr size_t kChecksumText = std::string_view("sha256:").size() + 64;

bool UsedEarlier(const CacheFile& a, const CacheFile& b) {
  return std::tie(a.last_used, a.path.folder, a.path.name) <
         std::tie(b.last_used, b.path.folder, b.path.name);
}

}  // namespace

LayerCache::LayerCache(std::string directory, uint64_t most_bytes)
    : files_(std::move(directory)), most_bytes_(most_bytes) {}

std::optional<std::shared_ptr<const LayerIndex>> LayerCache::FindIndex(
    const Digest& diff_id, ContentAlgorithm algorithm) const {
  const CachePath path = IndexPath(diff_id, algorithm);
  const auto bytes = files_.Read(path, most_bytes_);
  if (!bytes) {
    return std::nullopt;
  }
  auto index = IndexFormat::Read(diff_id, algorithm, bytes->view());
  if (!index) {
    files_.Remove(path, *bytes);
    return std::nullopt;
  }
  files_.Touch(*bytes);
  return *std::move(index);
}

std::optional<Facet> LayerCache::FindFacet(const Digest& diff_id, const FacetKind& kind) const {
  const CachePath path = FacetPath(diff_id, kind.name, kind.version);
  const auto bytes = files_.Read(path, most_bytes_);
  if (!bytes) {
    return std::nullopt;
  }
  auto facet = ReadFacet(diff_id, kind.name, kind.version, bytes->view());
  if (!facet) {
    files_.Remove(path, *bytes);
    return std::nullopt;
  }
  files_.Touch(*bytes);
  return *std::move(facet);
}

std::optional<CachedLayer> LayerCache::Find(const Digest& diff_id, ContentAlgorithm algorithm,
                                            std::span<const FacetKind> kinds) const {
  if (diff_id.empty()) {
    return std::nullopt;
  }
  CachedLayer layer;
  // The small files first: when one is missing, the index need not be read.
  for (const FacetKind& kind : kinds) {
    auto facet = IsFacetName(kind.name) ? FindFacet(diff_id, kind) : std::nullopt;
    if (!facet) {
      return std::nullopt;
    }
    layer.facets.push_back(*std::move(facet));
  }
  auto index = FindIndex(diff_id, algorithm);
  if (!index && algorithm == ContentAlgorithm::kXxh3_128) {
    index = FindIndex(diff_id, ContentAlgorithm::kSha256);
  }
  if (!index) {
    return std::nullopt;
  }
  layer.index = *std::move(index);
  return layer;
}

void LayerCache::Put(const Digest& computed_diff_id, const LayerIndex& index,
                     std::span<const Facet> facets) {
  if (computed_diff_id.empty()) {
    return;
  }
  for (const Facet& facet : facets) {
    if (IsFacetName(facet.name)) {
      Write(FacetPath(computed_diff_id, facet.name, facet.version),
            AsBytes(WriteFacet(computed_diff_id, facet)));
    } else {
      NoteFailure(fmt::format("a facet cannot be called '{}'", facet.name));
    }
  }
  Write(IndexPath(computed_diff_id, index.algorithm()),
        AsBytes(IndexFormat::Write(computed_diff_id, index)));
}

std::optional<std::string> LayerCache::FindConfig(const Digest& digest) const {
  if (digest.empty()) {
    return std::nullopt;
  }
  const CachePath path = ConfigPath(digest);
  const auto bytes = files_.Read(path, most_bytes_);
  if (!bytes) {
    return std::nullopt;
  }
  if (DigestOf(bytes->view(), digest.algorithm()) != digest) {
    files_.Remove(path, *bytes);
    return std::nullopt;
  }
  files_.Touch(*bytes);
  return std::string(AsText(bytes->view()));
}

void LayerCache::PutConfig(const Digest& digest, std::string_view json) {
  if (DigestOf(AsBytes(json), digest.algorithm()) == digest) {
    Write(ConfigPath(digest), AsBytes(json));
  } else {
    NoteFailure(fmt::format("the config is not '{}'", digest.ToString()));
  }
}

// The file of a record is a checksum over the rest, the key, a zero byte, and the record.
std::optional<std::string> LayerCache::FindRecord(std::string_view key) const {
  const CachePath path = RecordPath(DigestOf(AsBytes(key)));
  const auto bytes = files_.Read(path, most_bytes_);
  if (!bytes) {
    return std::nullopt;
  }
  const std::string_view file = AsText(bytes->view());
  const std::string_view rest = file.substr(std::min(file.size(), kChecksumText));
  if (!file.starts_with(DigestOf(AsBytes(rest)).ToString()) || !rest.starts_with(key) ||
      rest.substr(key.size(), 1) != std::string_view("\0", 1)) {
    files_.Remove(path, *bytes);
    return std::nullopt;
  }
  files_.Touch(*bytes);
  return std::string(rest.substr(key.size() + 1));
}

void LayerCache::PutRecord(std::string_view key, std::string_view record) {
  std::string rest(key);
  rest += '\0';
  rest += record;
  Write(RecordPath(DigestOf(AsBytes(key))), AsBytes(DigestOf(AsBytes(rest)).ToString() + rest));
}

void LayerCache::Write(const CachePath& path, ByteView bytes) {
  if (bytes.size() > most_bytes_) {
    return;
  }
  if (const Status status = files_.Write(path, bytes); !status) {
    NoteFailure(status.error().message);
    return;
  }
  TrimIfDue(bytes.size());
}

void LayerCache::TrimIfDue(uint64_t written) {
  {
    const MutexLock lock(mutex_);
    written_since_ += written;
    if (counted_ && total_ + written_since_ <= most_bytes_ &&
        written_since_ <= most_bytes_ / kRecountPart) {
      return;
    }
    // Other threads go on writing meanwhile and leave the count to this one.
    counted_ = true;
    written_since_ = 0;
  }
  Trim();
}

LayerCache::Removed LayerCache::Trim(uint64_t most_bytes) {
  CacheFileList list = files_.List();
  Removed removed;
  uint64_t total = 0;
  for (const TemporaryFile& temporary : list.temporaries) {
    if (files_.RemoveAbandoned(temporary)) {
      ++removed.files;
      removed.bytes += temporary.bytes;
    } else {
      total += temporary.bytes;
    }
  }
  for (const CacheFile& file : list.files) {
    total += file.bytes;
  }
  if (total > most_bytes) {
    const uint64_t enough = most_bytes - most_bytes / 10;
    std::ranges::sort(list.files, UsedEarlier);
    for (const CacheFile& file : list.files) {
      if (total <= enough) {
        break;
      }
      // What is gone already was removed by another process that trims.
      total -= file.bytes;
      if (files_.Remove(file.path)) {
        ++removed.files;
        removed.bytes += file.bytes;
      }
    }
  }
  const MutexLock lock(mutex_);
  total_ = total;
  return removed;
}

LayerCache::Removed LayerCache::Clear() {
  const CacheFileList list = files_.List();
  Removed removed;
  const auto remove = [&](const CachePath& path, uint64_t bytes) {
    if (files_.Remove(path)) {
      ++removed.files;
      removed.bytes += bytes;
    }
  };
  for (const CacheFile& file : list.files) {
    remove(file.path, file.bytes);
  }
  for (const TemporaryFile& temporary : list.temporaries) {
    remove(temporary.path, temporary.bytes);
  }
  return removed;
}

std::vector<CacheFile> LayerCache::List() const {
  std::vector<CacheFile> files = files_.List().files;
  std::ranges::sort(files,
                    [](const CacheFile& a, const CacheFile& b) { return UsedEarlier(b, a); });
  return files;
}

void LayerCache::NoteFailure(std::string message) {
  const MutexLock lock(mutex_);
  if (failures_++ == 0) {
    first_failure_ = std::move(message);
  }
}

uint64_t LayerCache::failures() const {
  const MutexLock lock(mutex_);
  return failures_;
}

std::string LayerCache::first_failure() const {
  const MutexLock lock(mutex_);
  return first_failure_;
}

}  // namespace fathom::layer
