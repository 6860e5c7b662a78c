#include "archive/open_stream.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/blob.h"

namespace fathom::archive {
namespace {

Result<std::string> ReadStream(std::string_view stored) {
  const Limits limits;
  auto stream = OpenStream(std::make_unique<MemorySource>(AsBytes(stored)), limits);
  if (!stream) {
    return std::unexpected(stream.error());
  }
  return ReadAll(*stream->bytes, 1 << 24);
}

Compression KindOf(std::string_view bytes) { return Sniff(AsBytes(bytes)); }

TEST(Sniff, GoesByTheFirstBytes) {
  EXPECT_EQ(KindOf(testing::Gzip("x")), Compression::kGzip);
  EXPECT_EQ(KindOf("\x1f\x8b"), Compression::kGzip);
  EXPECT_EQ(KindOf(testing::Zstd("x")), Compression::kZstd);
  EXPECT_EQ(KindOf(testing::ZstdSkippableFrame("x")), Compression::kZstd);
  EXPECT_EQ(KindOf("\x5f\x2a\x4d\x18"), Compression::kZstd);
  EXPECT_EQ(KindOf("\x60\x2a\x4d\x18"), Compression::kNone);
  EXPECT_EQ(KindOf("\x28\xb5\x2f"), Compression::kNone);
  EXPECT_EQ(KindOf("\x1f"), Compression::kNone);
  EXPECT_EQ(KindOf(""), Compression::kNone);
  EXPECT_EQ(KindOf("BZh9"), Compression::kNone);
}

TEST(OpenStream, UndoesOneCompression) {
  const std::string data(300'000, 'd');
  for (const std::string& text : {std::string(), std::string("abc"), std::string("abcdef"), data}) {
    for (const std::string& stored : {text, testing::Gzip(text), testing::Zstd(text)}) {
      const Result<std::string> read = ReadStream(stored);
      ASSERT_TRUE(read) << read.error().message;
      EXPECT_EQ(*read, text);
    }
  }
  const std::string inner = testing::Gzip("nested");
  EXPECT_EQ(*ReadStream(testing::Gzip(inner)), inner);
}

TEST(OpenStream, SkipsOverTheBytesItLookedAt) {
  const Limits limits;
  for (const uint64_t skip : {0u, 2u, 4u, 7u}) {
    auto stream = OpenStream(std::make_unique<MemorySource>(AsBytes("0123456789")), limits);
    ASSERT_TRUE(stream);
    EXPECT_EQ(*stream->bytes->Skip(skip), skip);
    EXPECT_EQ(*ReadAll(*stream->bytes, 100), std::string("0123456789").substr(skip));
  }
}

TEST(OpenStream, ErrorsNameTheCompressedByte) {
  std::string stored = testing::Gzip(std::string(1000, 'x'));
  stored.resize(stored.size() - 3);
  const Result<std::string> read = ReadStream(stored);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Code::kCorrupt);
  EXPECT_NE(read.error().message.find("compressed byte"), std::string::npos)
      << read.error().message;
}

}  // namespace
}  // namespace fathom::archive
