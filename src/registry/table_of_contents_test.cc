#include "registry/table_of_contents.h"

#include <gtest/gtest.h>

#include "archive/tar_entry.h"

namespace fathom::registry {
namespace {

const Limits kLimits;
const std::string kLayerDigest = "sha256:" + std::string(64, 'a');

TEST(TableOfContents, BecomesTheIndexOfItsLayer) {
  const auto index = ReadTableOfContents(
      R"({"version":1,"entries":[
        {"type":"dir","name":"usr/","mode":493,"modtime":"2025-01-16T20:27:12+01:00"},
        {"type":"reg","name":"usr/a","mode":36333,"size":7,"uid":5,"gid":6,
         "modtime":"2025-01-16T20:27:12.5Z","digest":")" +
          kLayerDigest + R"(","xattrs":{"user.b":"Yg==","user.a":"YQ=="}},
        {"type":"chunk","name":"usr/a","offset":4},
        {"type":"reg","name":"empty"},
        {"type":"symlink","name":"l","linkName":"usr/a"},
        {"type":"hardlink","name":"h","linkName":"usr/a"},
        {"type":"char","name":"c","devMajor":1,"devMinor":3}]})",
      kLimits);
  ASSERT_TRUE(index) << index.error().message;
  EXPECT_EQ((*index)->entry_count(), 6u);
  EXPECT_EQ((*index)->algorithm(), ContentAlgorithm::kSha256);
  EXPECT_GE((*index)->decoded_bytes(), 6 * 512u);
}

TEST(TableOfContents, ThatIsNoneIsAnError) {
  for (const std::string& text :
       {std::string(), std::string("[]"), std::string("{}"), std::string(R"({"entries":{}})"),
        std::string(R"({"entries":[{"type":"reg","name":7}]})"),
        std::string(R"({"entries":[{"type":"reg","name":"x","size":-1}]})"),
        std::string(R"({"entries":[{"type":"reg","name":"x","size":1}]})"),
        std::string(R"({"entries":[{"type":"reg","name":"x","size":1,"digest":"md5:0"}]})"),
        R"({"entries":[{"type":"reg","name":"x","digest":"sha512:)" + std::string(128, 'a') +
            "\"}]}",
        std::string(R"({"entries":[{"type":"reg","name":"a\u0000b"}]})"),
        std::string(R"({"entries":[{"type":"dir","name":"x","xattrs":{"a":"?"}}]})")}) {
    const auto index = ReadTableOfContents(text, kLimits);
    ASSERT_FALSE(index) << text;
    EXPECT_EQ(index.error().code, Code::kCorrupt) << text;
  }
  Limits few;
  few.layer_entries = 1;
  EXPECT_EQ(ReadTableOfContents(
                R"({"entries":[{"type":"dir","name":"a"},{"type":"dir","name":"b"}]})", few)
                .error()
                .code,
            Code::kLimit);
}

TEST(TableOfContents, IsFoundByItsFooter) {
  using namespace std::string_literals;
  const std::string footer = "\x1f\x8b\x08\x04\0\0\0\0\0\xff\x1a\0SG\x16\0"s +
                             "0000000000001038STARGZ" + "\x01\0\0\xff\xff\0\0\0\0\0\0\0\0"s;
  ASSERT_EQ(footer.size(), kStargzFooterBytes);
  EXPECT_EQ(ParseStargzFooter(footer), 0x1038u);
  EXPECT_EQ(ParseStargzFooter("before" + footer), 0x1038u);
  EXPECT_EQ(ParseStargzFooter(footer.substr(1)), std::nullopt);
  EXPECT_EQ(ParseStargzFooter(footer + "x"), std::nullopt);
  const auto position = ParseChunkedPosition("4211:219:300:1");
  ASSERT_TRUE(position);
  EXPECT_EQ(position->offset, 4211u);
  EXPECT_EQ(position->size, 219u);
  EXPECT_EQ(position->unpacked, 300u);
  for (const char* wrong : {"", "1:2", "1:2:3", "a:2:3:1", "-1:2:3:1", "1::3:1"}) {
    EXPECT_FALSE(ParseChunkedPosition(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace fathom::registry
