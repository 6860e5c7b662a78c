#include "engine/bolt_file.h"

#include <algorithm>

namespace fathom::engine {
namespace {

constexpr uint32_t kMagic = 0xED0CDAED;
constexpr uint32_t kVersion = 2;
constexpr uint16_t kBranch = 0x01;
constexpr uint16_t kLeaf = 0x02;
constexpr uint16_t kMeta = 0x04;
constexpr size_t kHeader = 16;        // of a page: id, flags, count, overflow
constexpr size_t kElement = 16;       // of a branch or leaf page
constexpr size_t kMetaBytes = 64;     // behind the header
constexpr size_t kBucketHeader = 16;  // root page, sequence
constexpr unsigned kDepth = 64;

template <typename T>
T Number(ByteView bytes, size_t offset) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof(value));
  return value;
}

// FNV-1a of 64 bits.
uint64_t Checksum(ByteView bytes) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const uint8_t byte : bytes) {
    hash = (hash ^ byte) * 0x100000001b3;
  }
  return hash;
}

std::unexpected<Error> Corrupt(std::string_view what) {
  return Fail(Code::kCorrupt, "the bbolt database is damaged: {}", what);
}

}  // namespace

// One visit of a bucket.
struct BoltFile::Walk {
  const Visitor& visit;
  uint64_t pages_left;
};

Result<BoltFile> BoltFile::Parse(std::string bytes) {
  BoltFile file(std::move(bytes));
  // The second meta page is one page further, of a size that only a meta page tells.
  file.ReadMeta(0);
  for (uint64_t size = 1 << 10; size <= 1 << 16; size *= 2) {
    file.ReadMeta(size);
  }
  if (file.page_size_ == 0) {
    return Corrupt("it has no valid meta page");
  }
  return file;
}

// Takes it when it is valid and newer than what is known.
bool BoltFile::ReadMeta(uint64_t offset) {
  const ByteView all = AsBytes(bytes_);
  if (all.size() < offset + kHeader + kMetaBytes) {
    return false;
  }
  const ByteView page = all.subspan(offset);
  const ByteView meta = page.subspan(kHeader, kMetaBytes);
  const auto page_size = Number<uint32_t>(meta, 8);
  const auto transaction = Number<uint64_t>(meta, 48);
  if ((Number<uint16_t>(page, 8) & kMeta) == 0 || Number<uint32_t>(meta, 0) != kMagic ||
      Number<uint32_t>(meta, 4) != kVersion ||
      Number<uint64_t>(meta, 56) != Checksum(meta.first(56)) || page_size < 1 << 10 ||
      page_size > 1 << 16 || (page_size_ != 0 && transaction <= transaction_)) {
    return false;
  }
  page_size_ = page_size;
  transaction_ = transaction;
  root_ = {Number<uint64_t>(meta, 16), {}};
  return true;
}

// The page with those that it runs over into.
Result<ByteView> BoltFile::PageAt(uint64_t number) const {
  const ByteView all = AsBytes(bytes_);
  if (number < 2 || number >= all.size() / page_size_) {
    return Corrupt(fmt::format("page {} is beyond its end", number));
  }
  const ByteView rest = all.subspan(number * page_size_);
  const uint64_t pages = uint64_t{1} + Number<uint32_t>(rest, 12);
  if (pages > rest.size() / page_size_ || Number<uint64_t>(rest, 0) != number) {
    return Corrupt(fmt::format("page {} is not what its header says", number));
  }
  return rest.first(pages * page_size_);
}

Status BoltFile::Visit(const Bucket& bucket, const Visitor& visit) const {
  Walk walk{visit, bytes_.size() / page_size_};
  if (!bucket.inlined.empty()) {
    return VisitPage(bucket.inlined, walk, 0);
  }
  TRY_ASSIGN(const ByteView page, PageAt(bucket.root));
  return VisitPage(page, walk, 0);
}

Status BoltFile::VisitPage(ByteView page, Walk& walk, unsigned depth) const {
  if (depth > kDepth || walk.pages_left-- == 0) {
    return Corrupt("its pages lead in circles");
  }
  const auto flags = Number<uint16_t>(page, 8);
  const auto count = Number<uint16_t>(page, 10);
  if ((flags != kBranch && flags != kLeaf) || kHeader + count * kElement > page.size()) {
    return Corrupt("a page is neither branch nor leaf, or has too many entries");
  }
  for (size_t i = 0; i < count; ++i) {
    const ByteView element = page.subspan(kHeader + i * kElement);
    if (flags == kBranch) {
      TRY_ASSIGN(const ByteView below, PageAt(Number<uint64_t>(element, 8)));
      TRY(VisitPage(below, walk, depth + 1));
      continue;
    }
    const uint64_t position = Number<uint32_t>(element, 4);
    const uint64_t key_size = Number<uint32_t>(element, 8);
    const uint64_t value_size = Number<uint32_t>(element, 12);
    if (position + key_size + value_size > element.size()) {
      return Corrupt("an entry reaches beyond its page");
    }
    Entry entry;
    entry.key = AsText(element.subspan(position, key_size));
    entry.value = element.subspan(position + key_size, value_size);
    entry.is_bucket = (Number<uint32_t>(element, 0) & 1) != 0;
    TRY(walk.visit(entry));
  }
  return {};
}

Result<BoltFile::Bucket> BoltFile::AsBucket(const Entry& entry) {
  if (!entry.is_bucket || entry.value.size() < kBucketHeader) {
    return Corrupt("a bucket is too small");
  }
  Bucket bucket{Number<uint64_t>(entry.value, 0), {}};
  if (bucket.root == 0) {
    bucket.inlined = entry.value.subspan(kBucketHeader);
    if (bucket.inlined.size() < kHeader) {
      return Corrupt("a bucket is too small");
    }
  }
  return bucket;
}

Result<std::optional<BoltFile::Entry>> BoltFile::Find(const Bucket& in,
                                                      std::string_view key) const {
  std::optional<Entry> found;
  TRY(Visit(in, [&](const Entry& entry) -> Status {
    if (entry.key == key) {
      found = entry;
    }
    return {};
  }));
  return found;
}

Result<std::optional<BoltFile::Bucket>> BoltFile::FindBucket(const Bucket& in,
                                                             std::string_view key) const {
  TRY_ASSIGN(const std::optional<Entry> entry, Find(in, key));
  if (!entry || !entry->is_bucket) {
    return std::nullopt;
  }
  return AsBucket(*entry);
}

Result<std::optional<std::string_view>> BoltFile::FindValue(const Bucket& in,
                                                            std::string_view key) const {
  TRY_ASSIGN(const std::optional<Entry> entry, Find(in, key));
  if (!entry || entry->is_bucket) {
    return std::nullopt;
  }
  return AsText(entry->value);
}

}  // namespace fathom::engine
