#include "archive/compression.h"

namespace fathom::archive {

Compression Sniff(ByteView first_bytes) {
  if (first_bytes.size() >= 2 && first_bytes[0] == 0x1f && first_bytes[1] == 0x8b) {
    return Compression::kGzip;
  }
  if (first_bytes.size() >= 4) {
    uint32_t magic = 0;
    std::memcpy(&magic, first_bytes.data(), sizeof(magic));
    // RFC 8878: frames, and skippable frames 0x184D2A50 to 0x184D2A5F.
    if (magic == 0xFD2FB528 || (magic & 0xFFFFFFF0) == 0x184D2A50) {
      return Compression::kZstd;
    }
  }
  return Compression::kNone;
}

std::string_view CompressionName(Compression compression) {
  switch (compression) {
    case Compression::kGzip:
      return "gzip";
    case Compression::kZstd:
      return "zstd";
    case Compression::kNone:
      break;
  }
  return "none";
}

}  // namespace fathom::archive
