// Reads a tar archive entry by entry from a source that may seek.
#pragma once

#include <memory>

#include "archive/tar_parser.h"
#include "base/io.h"

namespace fathom::archive {

// Not thread-safe. `source` and `limits` must outlive the reader.
class TarReader {
 public:
  TarReader(ByteSource& source, const Limits& limits) : source_(source), parser_(limits) {}

  // The next entry, or null at the end. The entry is valid until the next call; what was not read
  // of the previous entry's content is passed over.
  Result<const TarEntry*> Next();

  // The stored bytes of the current entry, as a source that ends with them. Reading it is optional.
  // Valid until the next call of Next().
  ByteSource& content() { return content_; }

 private:
  class Content final : public ByteSource {
   public:
    explicit Content(TarReader& reader) : reader_(reader) {}
    Result<size_t> Read(ByteSpan out) override;
    Result<uint64_t> Skip(uint64_t count) override;

   private:
    TarReader& reader_;
  };

  Status PassContent();

  ByteSource& source_;
  TarParser parser_;
  Content content_{*this};
  bool in_entry_ = false;
  uint64_t content_left_ = 0;  // stored bytes not yet read
  uint64_t padding_ = 0;
};

}  // namespace fathom::archive
