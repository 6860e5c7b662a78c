// Bytes to blobs: compression in the shapes that registries hold, and SHA-256.
#pragma once

#include <string>
#include <string_view>

namespace fathom::testing {

// One gzip member with a zeroed header time.
std::string Gzip(std::string_view data, int level = 6);

// One zstd frame.
std::string Zstd(std::string_view data, int level = 3);

// A frame that decoders must skip; the first bytes of eStargz-like and zstd:chunked blobs.
std::string ZstdSkippableFrame(std::string_view payload);

std::string Sha256Hex(std::string_view data);

// How a layer is stored in an OCI layout.
enum class LayerCompression {
  kPlain,
  kGzip,
  kZstd,
  kGzipMultiMember,  // three members, the last of them empty
  kZstdSkippable,    // skippable frame, two frames, skippable frame
};

std::string Compress(std::string_view data, LayerCompression compression);

}  // namespace fathom::testing
