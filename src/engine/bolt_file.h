// The buckets, keys and values of a bbolt database, in which containerd keeps its metadata.
//
// Format: bbolt's page.go, meta.go and bucket.go, version 2. Pages are copied on write, and the
// newer of two meta pages with a good checksum names the root, so that the bytes of a file in use
// are a consistent database as long as they were read at once. The file is hostile like any other:
// every offset is checked, and no read visits more pages than there are.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace fathom::engine {

class BoltFile {
 public:
  // A bucket: the page of its root, or, of a small one, a page within its value.
  struct Bucket {
    uint64_t root = 0;
    ByteView inlined;
  };
  struct Entry {
    std::string_view key;
    ByteView value;  // of a bucket see AsBucket()
    bool is_bucket = false;
  };

  // kCorrupt without a usable meta page.
  static Result<BoltFile> Parse(std::string bytes);

  // Counts the transactions; equal numbers mean equal contents.
  uint64_t transaction() const { return transaction_; }

  Bucket root() const { return root_; }

  // All entries in the order of their keys, until `visit` fails. kCorrupt for pages that contradict
  // the format.
  using Visitor = std::function<Status(const Entry& entry)>;
  Status Visit(const Bucket& bucket, const Visitor& visit) const;

  // The bucket or the value under a key; nothing when there is none.
  Result<std::optional<Bucket>> FindBucket(const Bucket& in, std::string_view key) const;
  Result<std::optional<std::string_view>> FindValue(const Bucket& in, std::string_view key) const;

  static Result<Bucket> AsBucket(const Entry& entry);

 private:
  struct Walk;

  explicit BoltFile(std::string bytes) : bytes_(std::move(bytes)) {}
  bool ReadMeta(uint64_t offset);
  Result<ByteView> PageAt(uint64_t number) const;
  Status VisitPage(ByteView page, Walk& walk, unsigned depth) const;
  Result<std::optional<Entry>> Find(const Bucket& in, std::string_view key) const;

  std::string bytes_;
  uint64_t page_size_ = 0;
  uint64_t transaction_ = 0;
  Bucket root_;
};

}  // namespace fathom::engine
