#include "base/digest.h"

#include <gtest/gtest.h>

#include <string>

namespace fathom {
namespace {

// FIPS 180-2, appendices B.1 and C.1.
constexpr std::string_view kSha256OfAbc =
    "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr std::string_view kSha512OfAbc =
    "sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f";

TEST(Digest, IsThatOfTheStandard) {
  EXPECT_EQ(DigestOf(AsBytes("abc")).ToString(), kSha256OfAbc);
  EXPECT_EQ(DigestOf(AsBytes("abc"), DigestAlgorithm::kSha512).ToString(), kSha512OfAbc);
}

TEST(Digest, ParsesWhatItWrites) {
  for (const std::string_view text : {kSha256OfAbc, kSha512OfAbc}) {
    const Result<Digest> digest = Digest::Parse(text);
    ASSERT_TRUE(digest) << digest.error().message;
    EXPECT_EQ(digest->ToString(), text);
    EXPECT_EQ(text.substr(7), digest->Hex());
  }
}

TEST(Digest, RefusesEverythingElse) {
  const std::string good(kSha256OfAbc);
  const std::string bad[] = {
      "",
      "sha256:",
      good.substr(7),
      good.substr(0, good.size() - 1),
      good + "0",
      good + " ",
      "sha512:" + good.substr(7),
      "SHA256:" + good.substr(7),
      "sha256-" + good.substr(7),
      "md5:d41d8cd98f00b204e9800998ecf8427e",
      "sha256:BA" + good.substr(9),
      "sha256:g" + good.substr(8),
      "sha256:../" + good.substr(10),
      std::string("sha256:\0", 8) + good.substr(8),
  };
  for (const std::string& text : bad) {
    const Result<Digest> digest = Digest::Parse(text);
    ASSERT_FALSE(digest) << text;
    EXPECT_EQ(digest.error().code, Code::kCorrupt);
  }
}

TEST(Digest, ErrorDoesNotRepeatALongText) {
  const Result<Digest> digest = Digest::Parse(std::string(100'000, 'x'));
  ASSERT_FALSE(digest);
  EXPECT_LT(digest.error().message.size(), 1000u);
}

TEST(Digest, EmptyOneEqualsNoDigest) {
  const Digest empty;
  EXPECT_TRUE(empty.empty());
  EXPECT_EQ(empty.ToString(), "");
  EXPECT_EQ(empty, Digest());
  EXPECT_NE(empty, DigestOf({}));
}

TEST(Digest, OrdersAndComparesByAlgorithmAndBytes) {
  const Digest a = DigestOf(AsBytes("a"));
  const Digest b = DigestOf(AsBytes("b"));
  EXPECT_EQ(a, DigestOf(AsBytes("a")));
  EXPECT_NE(a, b);
  EXPECT_NE(a < b, b < a);
  EXPECT_NE(a, DigestOf(AsBytes("a"), DigestAlgorithm::kSha512));
}

TEST(Hasher, GivesTheSameForAnyPieces) {
  std::string text;
  for (int i = 0; i < 300; ++i) {
    text += static_cast<char>(i * 7);
  }
  for (const DigestAlgorithm algorithm : {DigestAlgorithm::kSha256, DigestAlgorithm::kSha512}) {
    for (size_t piece = 1; piece <= text.size(); piece += 13) {
      Hasher hasher(algorithm);
      for (size_t at = 0; at < text.size(); at += piece) {
        hasher.Update(AsBytes(std::string_view(text).substr(at, piece)));
      }
      EXPECT_EQ(hasher.Finish(), DigestOf(AsBytes(text), algorithm));
    }
  }
}

TEST(Hasher, StartsAnewAfterFinish) {
  Hasher hasher;
  hasher.Update(AsBytes("first"));
  EXPECT_EQ(hasher.Finish(), DigestOf(AsBytes("first")));
  hasher.Update(AsBytes("abc"));
  EXPECT_EQ(hasher.Finish().ToString(), kSha256OfAbc);
  EXPECT_EQ(hasher.Finish(), DigestOf({}));
}

TEST(Hasher, MovesWithItsState) {
  Hasher first;
  first.Update(AsBytes("a"));
  Hasher second(std::move(first));
  second.Update(AsBytes("bc"));
  Hasher third(DigestAlgorithm::kSha512);
  third = std::move(second);
  EXPECT_EQ(third.Finish().ToString(), kSha256OfAbc);
}

TEST(HexOf, WritesTwoLowerCaseDigitsAByte) {
  EXPECT_EQ(HexOf({}), "");
  EXPECT_EQ(HexOf(AsBytes(std::string_view("\x00\x0f\xa0\xff", 4))), "000fa0ff");
}

}  // namespace
}  // namespace fathom
