// gzip and zstd streams: the same bytes as their own libraries give, or an error.
#include "archive/decoder.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <optional>
#include <string>

#include "tests/support/blob.h"

namespace fathom::archive {
namespace {

using testing::Gzip;
using testing::Zstd;
using testing::ZstdSkippableFrame;

constexpr size_t kAll = ~size_t{0};

// Decodes in pieces of `piece` bytes with room for `room` at a time.
Result<std::string> Decode(Compression compression, std::string_view stream, size_t piece = kAll,
                           size_t room = 4096, const Limits& limits = {}) {
  const std::unique_ptr<Decoder> decoder = MakeDecoder(compression, limits);
  std::string decoded;
  std::string output(room, '\0');
  const auto step = [&](ByteView input) -> Result<Decoder::Step> {
    auto made = decoder->Decode(input, {reinterpret_cast<uint8_t*>(output.data()), room});
    if (made) {
      decoded.append(output, 0, made->produced);
    }
    return made;
  };
  while (!stream.empty()) {
    const std::string_view input = stream.substr(0, piece);
    TRY_ASSIGN(const Decoder::Step made, step(AsBytes(input)));
    if (made.consumed == 0 && made.produced == 0) {
      return Fail(Code::kIo, "no progress with {} bytes left", stream.size());
    }
    stream.remove_prefix(made.consumed);
  }
  while (true) {
    TRY_ASSIGN(const Decoder::Step made, step({}));
    if (made.produced == 0) {
      break;
    }
  }
  TRY(decoder->Finish());
  return decoded;
}

std::string Show(const Result<std::string>& result) {
  return result ? "bytes: " + *result : "error: " + std::to_string(ExitCode(result.error().code));
}

const std::string kCorruptStream = "error: 5";

std::string Text() {
  std::string text;
  for (int i = 0; i < 400; ++i) {
    text += "line " + std::to_string(i * i) + "\n";
  }
  return text;
}

std::string Noise(size_t size) {
  std::string noise;
  uint64_t state = 1;
  while (noise.size() < size) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    noise += static_cast<char>(state >> 56);
  }
  return noise;
}

// ---- gzip

// What zlib makes of all members; nothing when it refuses.
std::optional<std::string> ZlibDecode(std::string_view stream) {
  z_stream zlib{};
  inflateInit2(&zlib, 15 + 16);
  zlib.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(stream.data()));
  zlib.avail_in = static_cast<uInt>(stream.size());
  std::string decoded;
  int code = Z_OK;
  do {
    char out[4096];
    zlib.next_out = reinterpret_cast<Bytef*>(out);
    zlib.avail_out = sizeof(out);
    code = inflate(&zlib, Z_NO_FLUSH);
    decoded.append(out, sizeof(out) - zlib.avail_out);
    if (code == Z_STREAM_END && zlib.avail_in > 0) {
      code = inflateReset(&zlib);
    }
  } while (code == Z_OK);
  inflateEnd(&zlib);
  return code == Z_STREAM_END ? std::optional(decoded) : std::nullopt;
}

// A member with the header fields that `flags` names.
std::string MemberWithFields(const std::string& data, uint8_t flags) {
  const std::string plain = Gzip(data);
  std::string header = plain.substr(0, 3) + static_cast<char>(flags) + plain.substr(4, 6);
  if ((flags & 4) != 0) {
    header += std::string("\x06\0SB\x02\0zz", 8);
  }
  if ((flags & 8) != 0) {
    header += std::string("name.tar\0", 9);
  }
  if ((flags & 16) != 0) {
    header += std::string("a comment\0", 10);
  }
  if ((flags & 2) != 0) {
    const uLong crc =
        crc32(0, reinterpret_cast<const Bytef*>(header.data()), static_cast<uInt>(header.size()));
    header += static_cast<char>(crc & 0xff);
    header += static_cast<char>(crc >> 8 & 0xff);
  }
  return header + plain.substr(10);
}

TEST(GzipDecoder, GivesWhatWasCompressed) {
  for (const std::string& data :
       {std::string(), std::string("x"), Text(), Noise(100'000), std::string(1'000'000, 'z')}) {
    for (const int level : {0, 1, 6, 9}) {
      const std::string stream = Gzip(data, level);
      EXPECT_EQ(Show(Decode(Compression::kGzip, stream)), "bytes: " + data);
      EXPECT_EQ(ZlibDecode(stream), data);
    }
  }
}

TEST(GzipDecoder, TakesAnyPiecesAndAnyRoom) {
  const std::string data = Text();
  const std::string stream = Gzip(data) + Gzip("") + Gzip("more") + std::string(9, '\0');
  for (const size_t piece : {size_t{1}, size_t{3}, size_t{18}, size_t{1000}, kAll}) {
    for (const size_t room : {1u, 2u, 100u, 65536u}) {
      EXPECT_EQ(Show(Decode(Compression::kGzip, stream, piece, room)), "bytes: " + data + "more")
          << piece << " " << room;
    }
  }
}

TEST(GzipDecoder, MembersMayBeSplitAtEveryByte) {
  const std::string data = Text().substr(0, 300);
  const std::string stream = Gzip("") + Gzip(data) + Gzip("") + Gzip("tail") + Gzip("");
  for (size_t split = 0; split <= stream.size(); ++split) {
    const Limits limits;
    const auto decoder = MakeDecoder(Compression::kGzip, limits);
    std::string decoded;
    for (ByteView input : {AsBytes(stream).first(split), AsBytes(stream).subspan(split)}) {
      while (!input.empty()) {
        uint8_t output[4096];
        const Result<Decoder::Step> step = decoder->Decode(input, output);
        ASSERT_TRUE(step) << split << step.error().message;
        decoded += AsText(ByteView(output).first(step->produced));
        input = input.subspan(step->consumed);
      }
    }
    EXPECT_TRUE(decoder->Finish()) << split;
    EXPECT_EQ(decoded, data + "tail") << split;
  }
}

TEST(GzipDecoder, ReadsEveryHeaderField) {
  for (const uint8_t flags : std::initializer_list<uint8_t>{0, 1, 2, 4, 8, 16, 28, 30, 31}) {
    const std::string stream = MemberWithFields("first", flags) + MemberWithFields("second", flags);
    ASSERT_EQ(ZlibDecode(stream), "firstsecond") << int{flags};
    for (const size_t piece : {size_t{1}, size_t{2}, size_t{7}, size_t{11}, kAll}) {
      EXPECT_EQ(Show(Decode(Compression::kGzip, stream, piece)), "bytes: firstsecond")
          << int{flags} << " " << piece;
    }
  }
}

TEST(GzipDecoder, ReservedHeaderFlagsAreRefused) {
  for (const uint8_t flags : std::initializer_list<uint8_t>{0x20, 0x40, 0x80, 0xa2}) {
    for (const std::string& stream :
         {MemberWithFields("data", flags), Gzip("data") + MemberWithFields("more", flags)}) {
      for (const size_t piece : {size_t{1}, kAll}) {
        EXPECT_FALSE(Show(Decode(Compression::kGzip, stream, piece)).starts_with("bytes"))
            << int{flags} << " " << piece;
      }
    }
  }
}

TEST(GzipDecoder, LongHeaderFieldsArePassedOver) {
  const std::string plain = Gzip("data");
  std::string header = plain.substr(0, 3) + static_cast<char>(4 + 8) + plain.substr(4, 6);
  header += "\xff\xff" + std::string(65535, 'e') + std::string(100'000, 'n') + '\0';
  const std::string stream = header + plain.substr(10);
  for (const size_t piece : {size_t{1}, size_t{4096}, kAll}) {
    EXPECT_EQ(Show(Decode(Compression::kGzip, stream, piece)), "bytes: data");
  }
}

TEST(GzipDecoder, AllowsZerosBehindTheLastMemberAndNothingElse) {
  const std::string stream = Gzip("data");
  for (const size_t zeros : {1u, 511u, 100'000u}) {
    EXPECT_EQ(Show(Decode(Compression::kGzip, stream + std::string(zeros, '\0'), 512)),
              "bytes: data");
  }
  for (const std::string& tail : {std::string("x"), std::string("\0x", 2), std::string("\x1f"),
                                  std::string("\x1f\x8b"), std::string("\0", 1) + stream}) {
    EXPECT_EQ(Show(Decode(Compression::kGzip, stream + tail)), kCorruptStream);
    EXPECT_EQ(Show(Decode(Compression::kGzip, stream + tail, 1)), kCorruptStream);
  }
}

TEST(GzipDecoder, CutShortAnywhereIsAnError) {
  const std::string first = Gzip("the first member");
  const std::string stream = first + MemberWithFields("the second", 2 + 4 + 8 + 16);
  for (size_t size = 0; size < stream.size(); ++size) {
    if (size == first.size()) {
      continue;
    }
    const std::string_view cut = std::string_view(stream).substr(0, size);
    EXPECT_EQ(Show(Decode(Compression::kGzip, cut)), kCorruptStream) << size;
    EXPECT_EQ(Show(Decode(Compression::kGzip, cut, 1)), kCorruptStream) << size;
  }
}

TEST(GzipDecoder, RefusesAWrongTrailer) {
  const std::string good = Gzip(Text());
  for (size_t from_end = 1; from_end <= 8; ++from_end) {  // length and CRC
    for (const std::string& next : {std::string(), Gzip("next")}) {
      std::string bad = good;
      bad[bad.size() - from_end] ^= 0x40;
      EXPECT_EQ(ZlibDecode(bad), std::nullopt);
      EXPECT_EQ(Show(Decode(Compression::kGzip, bad + next)), kCorruptStream) << from_end;
      EXPECT_EQ(Show(Decode(Compression::kGzip, bad + next, 1)), kCorruptStream) << from_end;
    }
  }
}

TEST(GzipDecoder, NeverGivesOtherBytesForAFlippedBit) {
  const std::string data = Text().substr(0, 200);
  const std::string good = Gzip(data);
  for (size_t bit = 8 * 10; bit < 8 * good.size(); ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ 1 << bit % 8);
    const Result<std::string> decoded = Decode(Compression::kGzip, bad);
    EXPECT_TRUE(!decoded || *decoded == data) << bit;
  }
}

// ---- zstd

TEST(ZstdDecoder, GivesWhatWasCompressed) {
  for (const std::string& data :
       {std::string(), std::string("x"), Text(), Noise(300'000), std::string(1'000'000, 'z')}) {
    for (const size_t piece : {size_t{1}, size_t{1000}, kAll}) {
      EXPECT_EQ(Show(Decode(Compression::kZstd, Zstd(data), piece)), "bytes: " + data);
    }
  }
}

TEST(ZstdDecoder, ReadsFrameAfterFrameAndSkipsWhatIsToBeSkipped) {
  const std::string skip = ZstdSkippableFrame("table of contents");
  const std::string none = ZstdSkippableFrame("");
  const std::string a = Zstd("aaa");
  const std::string b = Zstd("bbb");
  for (const std::string& stream :
       {a + b, skip + a + b, a + skip + b, a + b + skip, none + a + none + none + b + skip,
        Zstd("") + a + b + Zstd("")}) {
    for (const size_t piece : {size_t{1}, size_t{5}, kAll}) {
      for (const size_t room : {1u, 4096u}) {
        EXPECT_EQ(Show(Decode(Compression::kZstd, stream, piece, room)), "bytes: aaabbb");
      }
    }
  }
  EXPECT_EQ(Show(Decode(Compression::kZstd, skip)), "bytes: ");
}

TEST(ZstdDecoder, CutShortAnywhereIsAnError) {
  const std::string first = Zstd(Text());
  const std::string skip = ZstdSkippableFrame("payload");
  const std::string stream = first + skip + Zstd("second");
  for (size_t size = 0; size < stream.size(); ++size) {
    if (size == first.size() || size == first.size() + skip.size()) {
      continue;
    }
    const std::string_view cut = std::string_view(stream).substr(0, size);
    EXPECT_EQ(Show(Decode(Compression::kZstd, cut)), kCorruptStream) << size;
  }
}

TEST(ZstdDecoder, RefusesWhatFollows) {
  for (const char* tail : {"x", "garbage", "\x28\xb5\x2f"}) {
    EXPECT_EQ(Show(Decode(Compression::kZstd, Zstd("data") + tail)), kCorruptStream);
  }
  EXPECT_EQ(Show(Decode(Compression::kZstd, Zstd("data") + std::string(512, '\0'))),
            kCorruptStream);
}

// A frame of one raw block with the given window, RFC 8878 section 3.1.1.1.2.
std::string FrameWithWindow(int log, std::string_view data) {
  std::string frame("\x28\xb5\x2f\xfd\x00", 5);
  frame += static_cast<char>((log - 10) << 3);
  const auto block = static_cast<uint32_t>(data.size()) << 3 | 1;
  frame += static_cast<char>(block & 0xff);
  frame += static_cast<char>(block >> 8 & 0xff);
  frame += static_cast<char>(block >> 16);
  return frame.append(data);
}

TEST(ZstdDecoder, WindowOverTheLimitIsALimitError) {
  EXPECT_EQ(Show(Decode(Compression::kZstd, FrameWithWindow(20, "data"))), "bytes: data");
  const Result<std::string> over = Decode(Compression::kZstd, FrameWithWindow(28, "data"));
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().code, Code::kLimit);
  EXPECT_NE(over.error().message.find("--max-zstd-window"), std::string::npos);
}

TEST(ZstdDecoder, WindowLimitHoldsWhateverItsSize) {
  Limits limits;
  limits.zstd_window_bytes = 1;  // less than libzstd takes as a limit
  EXPECT_EQ(Show(Decode(Compression::kZstd, FrameWithWindow(20, "d"), kAll, 4096, limits)),
            "error: 6");
  limits.zstd_window_bytes = 1ull << 40;  // more than it takes
  EXPECT_EQ(Show(Decode(Compression::kZstd, FrameWithWindow(28, "d"), kAll, 4096, limits)),
            "bytes: d");
}

}  // namespace
}  // namespace fathom::archive
