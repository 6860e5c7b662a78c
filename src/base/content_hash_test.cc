#include "base/content_hash.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/digest.h"

namespace fathom {
namespace {

constexpr ContentAlgorithm kAlgorithms[] = {ContentAlgorithm::kXxh3_128, ContentAlgorithm::kSha256};

std::string Whole(ContentHasher& hasher, std::string_view text) {
  std::vector<uint8_t> out(ContentHashSize(hasher.algorithm()));
  hasher.HashWhole(AsBytes(text), out);
  return HexOf(out);
}

std::string Finished(ContentHasher& hasher) {
  std::vector<uint8_t> out(ContentHashSize(hasher.algorithm()));
  hasher.Finish(out);
  return HexOf(out);
}

TEST(ContentHash, IsThatOfTheAlgorithm) {
  ContentHasher xxh3(ContentAlgorithm::kXxh3_128);
  // The canonical form that `xxhsum -H128` prints of no bytes.
  EXPECT_EQ(Whole(xxh3, ""), "99aa06d3014798d86001c324468d497f");
  ContentHasher sha256(ContentAlgorithm::kSha256);
  EXPECT_EQ(Whole(sha256, "abc"), DigestOf(AsBytes("abc")).Hex());
}

TEST(ContentHash, OfPiecesIsThatOfTheWhole) {
  std::string text;
  for (int i = 0; i < 5000; ++i) {
    text += static_cast<char>(i % 251);
  }
  for (const ContentAlgorithm algorithm : kAlgorithms) {
    ContentHasher hasher(algorithm);
    for (const size_t piece : {1u, 7u, 64u, 255u, 1024u, 4999u}) {
      hasher.Start();
      for (size_t at = 0; at < text.size(); at += piece) {
        hasher.Update(AsBytes(std::string_view(text).substr(at, piece)));
      }
      const std::string finished = Finished(hasher);
      EXPECT_EQ(finished, Whole(hasher, text)) << piece;
    }
  }
}

TEST(ContentHash, ZerosNeedNotBeStored) {
  for (const ContentAlgorithm algorithm : kAlgorithms) {
    ContentHasher hasher(algorithm);
    for (const size_t zeros : {0u, 1u, 4096u, 65536u, 65537u, 200'000u}) {
      hasher.Start();
      hasher.Update(AsBytes("a"));
      hasher.UpdateZeros(zeros);
      hasher.Update(AsBytes("b"));
      const std::string finished = Finished(hasher);
      EXPECT_EQ(finished, Whole(hasher, "a" + std::string(zeros, '\0') + "b")) << zeros;
    }
  }
}

TEST(ContentHash, OneContentLeavesNoTraceInTheNext) {
  for (const ContentAlgorithm algorithm : kAlgorithms) {
    ContentHasher hasher(algorithm);
    const std::string expected = Whole(hasher, "second");
    hasher.Start();
    hasher.Update(AsBytes("first"));
    Finished(hasher);
    hasher.Start();
    hasher.Update(AsBytes("second"));
    EXPECT_EQ(Finished(hasher), expected);
    EXPECT_EQ(Whole(hasher, "second"), expected);
  }
}

}  // namespace
}  // namespace fathom
