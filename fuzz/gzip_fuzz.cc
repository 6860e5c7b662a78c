// The gzip decoder against zlib: the same bytes, or both refuse.
//
// Three streams are made of each input, since a random one hardly ever has the right checksum: the
// input itself; the input as deflate data in a member whose trailer is right; and members that
// zlib compressed the input to, which must come back whole.
//
// A known difference is let pass: ISA-L takes some incomplete sets of Huffman codes, and codes that
// no valid stream uses, which zlib refuses when it reads the block's header. Then only the reverse
// is checked: what zlib takes, we take, with the same bytes.
#include <zlib.h>

#include "fuzz/decode.h"

namespace fathom::fuzz {
namespace {

using archive::Compression;

// One stream of zlib's; bits of the window choose the wrapper.
class Inflater {
 public:
  explicit Inflater(int window) { FUZZ_CHECK(inflateInit2(&stream_, window) == Z_OK); }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  // Decodes one member or deflate stream from the front of `input` and takes it off. False when it
  // is invalid, ends early or decodes to too much.
  bool Take(ByteView& input, std::string& output) {
    inflateReset(&stream_);
    stream_.next_in = const_cast<Bytef*>(input.data());
    stream_.avail_in = static_cast<uInt>(input.size());
    int code = Z_OK;
    while (code == Z_OK && output.size() <= kMostDecoded) {
      Bytef room[16384];
      stream_.next_out = room;
      stream_.avail_out = sizeof(room);
      code = inflate(&stream_, Z_NO_FLUSH);
      output += AsText(ByteView(room, sizeof(room) - stream_.avail_out));
    }
    input = input.last(stream_.avail_in);
    return code == Z_STREAM_END && output.size() <= kMostDecoded;
  }

 private:
  z_stream stream_{};
};

constexpr int kGzipWindow = 15 + 16;
constexpr int kRawWindow = -15;

// What zlib makes of a gzip stream, framed as fathom's documentation says.
std::optional<std::string> Reference(ByteView stream) {
  Inflater inflater(kGzipWindow);
  std::string output;
  do {
    if (!inflater.Take(stream, output)) {
      return std::nullopt;
    }
  } while (!stream.empty() && stream[0] != 0);
  return AllZero(stream) ? std::optional(output) : std::nullopt;
}

void AppendLittleEndian(std::string& text, uint64_t value) {
  for (int i = 0; i < 4; ++i) {
    text += static_cast<char>(value >> 8 * i & 0xff);
  }
}

std::string WithTrailer(std::string member, std::string_view data) {
  const ByteView bytes = AsBytes(data);
  AppendLittleEndian(member, crc32(0, bytes.data(), static_cast<uInt>(bytes.size())));
  AppendLittleEndian(member, data.size());
  return member;
}

const std::string kPlainHeader("\x1f\x8b\x08\0\0\0\0\0\0\xff", 10);

void Compare(ByteView stream, Pieces next_size, bool same_refusals) {
  const Limits limits;
  const Decoded whole = DecodeAll(Compression::kGzip, stream, limits, [] { return kWhole; });
  const Decoded pieces = DecodeAll(Compression::kGzip, stream, limits, next_size);
  if (whole.too_much || pieces.too_much) {
    return;
  }
  FUZZ_CHECK(whole.error.has_value() == pieces.error.has_value());
  FUZZ_CHECK(whole.error || whole.bytes == pieces.bytes);
  const std::optional<std::string> reference = Reference(stream);
  if (reference) {
    FUZZ_CHECK(!whole.error && whole.bytes == *reference);
  } else if (same_refusals) {
    FUZZ_CHECK(whole.error);
  }
}

// The input as deflate data, whose end decides where the member ends.
void CompareDeflate(ByteView input, const Pieces& next_size) {
  ByteView rest = input;
  std::string output;
  Inflater inflater(kRawWindow);
  const bool good = inflater.Take(rest, output);
  const ByteView deflated = good ? input.first(input.size() - rest.size()) : input;
  const std::string member = WithTrailer(kPlainHeader + std::string(AsText(deflated)), output);
  Compare(AsBytes(member), next_size, false);
  Compare(AsBytes(member + member + std::string(3, '\0')), next_size, false);
}

std::string Deflate(ByteView data, int level) {
  z_stream stream{};
  FUZZ_CHECK(deflateInit2(&stream, level, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, data.size()), '\0');
  stream.next_in = const_cast<Bytef*>(data.data());
  stream.avail_in = static_cast<uInt>(data.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  FUZZ_CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

void RoundTrip(ByteView input, Pieces next_size) {
  std::string stream;
  ByteView rest = input;
  do {
    const size_t size = std::min(rest.size(), next_size() * 8);
    stream += Deflate(rest.first(size), static_cast<int>(next_size() % 10));
    rest = rest.subspan(size);
  } while (!rest.empty());
  const Limits limits;
  const Decoded decoded = DecodeAll(Compression::kGzip, AsBytes(stream), limits, next_size);
  FUZZ_CHECK(decoded.too_much || (!decoded.error && decoded.bytes == AsText(input)));
}

}  // namespace
}  // namespace fathom::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace fathom;
  const ByteView input(data, size);
  const fuzz::Pieces next_size(input);
  if (size > 0) {
    fuzz::Compare(input, next_size, true);
  }
  fuzz::CompareDeflate(input, next_size);
  fuzz::RoundTrip(input, next_size);
  return 0;
}
