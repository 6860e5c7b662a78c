// Decompression one step at a time: bytes in, bytes out, whoever holds the buffers.
#pragma once

#include <memory>

#include "archive/compression.h"
#include "base/bytes.h"
#include "base/limits.h"
#include "base/result.h"

namespace fathom::archive {

// Decodes one compressed stream: all members of a gzip file, all frames of a zstd file. Zero bytes
// after the last gzip member are allowed, other bytes are not. Not thread-safe.
class Decoder {
 public:
  struct Step {
    size_t consumed;  // bytes taken from the input
    size_t produced;  // bytes put into the output
  };

  virtual ~Decoder() = default;

  // Goes as far as input and output allow. Makes progress unless the input is empty or the output
  // is full. Errors: kCorrupt, kLimit.
  virtual Result<Step> Decode(ByteView input, ByteSpan output) = 0;

  // Called when the input has ended: an error when the stream has not.
  virtual Status Finish() const = 0;
};

// Null for kNone. `limits` must outlive the decoder.
std::unique_ptr<Decoder> MakeDecoder(Compression compression, const Limits& limits);

// Implementations, one file each.
std::unique_ptr<Decoder> MakeGzipDecoder();
std::unique_ptr<Decoder> MakeZstdDecoder(const Limits& limits);

}  // namespace fathom::archive
