// How a stream of bytes is compressed, told by its first bytes and never by its name.
#pragma once

#include <string_view>

#include "base/bytes.h"

namespace fathom::archive {

enum class Compression { kNone, kGzip, kZstd };

constexpr size_t kSniffBytes = 4;

// Judges by the first kSniffBytes of a stream (fewer when the stream is shorter). A zstd stream may
// begin with a skippable frame.
Compression Sniff(ByteView first_bytes);

std::string_view CompressionName(Compression compression);  // "none", "gzip", "zstd"

}  // namespace fathom::archive
