// The bytes of a blob as they come from its registry.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/digest.h"
#include "base/io.h"
#include "registry/registry.h"

namespace fathom::registry {

// Which bytes of a blob.
struct ByteRange {
  uint64_t begin = 0;
  std::optional<uint64_t> end;  // behind the last; nothing: to the end of the blob
  // A registry that knows no ranges is an error rather than read from the front.
  bool strict = false;
};

// Not thread-safe. When the connection breaks, it goes on from the byte where that was (RFC 9110
// section 14); a registry that knows no ranges is read from the front again, up to there. Whoever
// reads checks the digest.
class BlobStream final : public ByteSource {
 public:
  // Asks for the blob. Errors: those of Registry::Send(); kCorrupt when the registry gives other
  // bytes than it was asked for; kInvalidArgument with the status 200 for a strict range.
  static std::expected<std::unique_ptr<BlobStream>, Refusal> Open(Registry& registry,
                                                                  std::string repository,
                                                                  const Digest& digest,
                                                                  ByteRange range = {});

  // kUnavailable when the bytes stop coming and do not go on.
  Result<size_t> Read(ByteSpan out) override;

  // Of the whole blob, as the registry says; nothing when it does not.
  std::optional<uint64_t> blob_bytes() const { return blob_bytes_; }
  // Whether the range was kept to. Without, the bytes before it were read and dropped.
  bool ranged() const { return ranged_; }

 private:
  BlobStream(Registry& registry, std::string repository, const Digest& digest, ByteRange range)
      : registry_(registry),
        repository_(std::move(repository)),
        digest_(digest),
        range_(range),
        at_(range.begin) {}

  std::expected<void, Refusal> Ask();
  Status SkipTo(uint64_t offset);
  Status GoOn(Error why);

  Registry& registry_;
  const std::string repository_;
  const Digest digest_;
  const ByteRange range_;
  uint64_t at_;  // of the next byte that is handed out
  std::unique_ptr<ByteSource> body_;
  std::optional<uint64_t> blob_bytes_;
  bool ranged_ = false;
  unsigned failures_ = 0;  // since the last byte came
};

}  // namespace fathom::registry
