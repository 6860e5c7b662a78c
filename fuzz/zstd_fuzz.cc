// The zstd decoder: pieces change no byte, and what libzstd decodes in one call comes out the same.
//
// Whether a stream is refused may differ, since libzstd 1.5.4 itself differs: a frame that comes in
// pieces is not checked against its content size when its last block is empty, and one that is
// decoded in one call may have blocks larger than its window. Streams made by libzstd are never
// refused.
#include <zstd.h>

#include "fuzz/decode.h"

namespace fathom::fuzz {
namespace {

using archive::Compression;

// What libzstd makes of all frames at once; nothing when it refuses or lacks room.
std::optional<std::string> Reference(ByteView stream) {
  std::string output(kMostDecoded, '\0');
  const size_t size = ZSTD_decompress(output.data(), output.size(), stream.data(), stream.size());
  if (ZSTD_isError(size) != 0) {
    return std::nullopt;
  }
  output.resize(size);
  return output;
}

void Compare(ByteView stream, Pieces next_size) {
  Limits limits;
  limits.zstd_window_bytes = 8 << 20;
  const Decoded whole = DecodeAll(Compression::kZstd, stream, limits, [] { return kWhole; });
  const Decoded pieces = DecodeAll(Compression::kZstd, stream, limits, next_size);
  if (whole.too_much || pieces.too_much) {
    return;
  }
  FUZZ_CHECK(whole.error || pieces.error || whole.bytes == pieces.bytes);
  const std::optional<std::string> reference = Reference(stream);
  FUZZ_CHECK(whole.error || !reference || whole.bytes == *reference);
}

void RoundTrip(ByteView input, Pieces next_size) {
  std::string stream;
  ByteView rest = input;
  do {
    const size_t size = std::min(rest.size(), next_size() * 8);
    std::string frame(ZSTD_compressBound(size), '\0');
    const size_t used = ZSTD_compress(frame.data(), frame.size(), rest.data(), size,
                                      static_cast<int>(next_size() % 10));
    FUZZ_CHECK(ZSTD_isError(used) == 0);
    stream.append(frame, 0, used);
    rest = rest.subspan(size);
  } while (!rest.empty());
  const Limits limits;
  const Decoded decoded = DecodeAll(Compression::kZstd, AsBytes(stream), limits, next_size);
  FUZZ_CHECK(decoded.too_much || (!decoded.error && decoded.bytes == AsText(input)));
}

}  // namespace
}  // namespace fathom::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace fathom;
  const ByteView input(data, size);
  const fuzz::Pieces next_size(input);
  fuzz::Compare(input, next_size);
  fuzz::RoundTrip(input, next_size);
  return 0;
}
