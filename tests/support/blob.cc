#include "tests/support/blob.h"

#include <openssl/sha.h>
#include <zlib.h>
#include <zstd.h>

#include <cstdint>
#include <stdexcept>

namespace fathom::testing {

std::string Gzip(std::string_view data, int level) {
  constexpr int kGzipWrapper = 15 + 16, kMemory = 8;
  z_stream stream{};
  if (deflateInit2(&stream, level, Z_DEFLATED, kGzipWrapper, kMemory, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::runtime_error("deflateInit2 failed");
  }
  std::string out(deflateBound(&stream, data.size()), '\0');
  std::string in(data);  // zlib wants a pointer that is not const
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int status = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (status != Z_STREAM_END) {
    throw std::runtime_error("deflate failed");
  }
  return out;
}

std::string Zstd(std::string_view data, int level) {
  std::string out(ZSTD_compressBound(data.size()), '\0');
  const size_t size = ZSTD_compress(out.data(), out.size(), data.data(), data.size(), level);
  if (ZSTD_isError(size) != 0) {
    throw std::runtime_error(ZSTD_getErrorName(size));
  }
  out.resize(size);
  return out;
}

std::string ZstdSkippableFrame(std::string_view payload) {
  std::string out{"\x50\x2a\x4d\x18"};
  for (uint32_t size = static_cast<uint32_t>(payload.size()), i = 0; i < 4; ++i, size >>= 8) {
    out += static_cast<char>(size & 0xff);
  }
  return out.append(payload);
}

std::string Sha256Hex(std::string_view data) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(data.data()), data.size(), digest);
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (unsigned char byte : digest) {
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

std::string Compress(std::string_view data, LayerCompression compression) {
  const size_t half = data.size() / 2;
  switch (compression) {
    case LayerCompression::kPlain:
      return std::string(data);
    case LayerCompression::kGzip:
      return Gzip(data);
    case LayerCompression::kZstd:
      return Zstd(data);
    case LayerCompression::kGzipMultiMember:
      return Gzip(data.substr(0, half)) + Gzip(data.substr(half)) + Gzip("");
    case LayerCompression::kZstdSkippable:
      return ZstdSkippableFrame("head") + Zstd(data.substr(0, half)) + Zstd(data.substr(half)) +
             ZstdSkippableFrame("table of contents");
  }
  throw std::invalid_argument("no such compression");
}

}  // namespace fathom::testing
