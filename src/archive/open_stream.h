// Any byte stream to its decoded bytes: gzip and zstd are recognised and undone, once.
#pragma once

#include <memory>

#include "archive/compression.h"
#include "base/io.h"
#include "base/limits.h"

namespace fathom::archive {

struct DecodedStream {
  Compression compression;
  std::unique_ptr<ByteSource> bytes;  // reads `source`, which it owns
};

// Looks at the first bytes of `source` and returns what it decodes to. Errors while reading name
// the byte of the compressed stream. `limits` must outlive the stream.
Result<DecodedStream> OpenStream(std::unique_ptr<ByteSource> source, const Limits& limits);

}  // namespace fathom::archive
