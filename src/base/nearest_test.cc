#include "base/nearest.h"

#include <gtest/gtest.h>

#include <array>

namespace fathom {
namespace {

constexpr std::array<std::string_view, 3> kWords = {"lowestEfficiency", "highestWastedBytes",
                                                    "check"};

TEST(NearestTest, DistanceCountsEdits) {
  EXPECT_EQ(SpellingDistance("", ""), 0u);
  EXPECT_EQ(SpellingDistance("", "abc"), 3u);
  EXPECT_EQ(SpellingDistance("abc", ""), 3u);
  EXPECT_EQ(SpellingDistance("kitten", "sitting"), 3u);
  EXPECT_EQ(SpellingDistance("chekc", "check"), 1u);
  EXPECT_EQ(SpellingDistance("CHECK", "check"), 0u);
}

TEST(NearestTest, FindsWhatWasMeant) {
  EXPECT_EQ(NearestWord("lowestEficiency", kWords), "lowestEfficiency");
  EXPECT_EQ(NearestWord("chekc", kWords), "check");
  EXPECT_EQ(NearestWord("highestwastedbyte", kWords), "highestWastedBytes");
}

TEST(NearestTest, GuessesNothingFromAfar) {
  EXPECT_EQ(NearestWord("tree", kWords), "");
  EXPECT_EQ(NearestWord("", kWords), "");
  EXPECT_EQ(NearestWord(std::string(100'000, 'x'), kWords), "");
  EXPECT_EQ(DidYouMean("tree", kWords), "");
}

TEST(NearestTest, PhrasesTheQuestion) {
  EXPECT_EQ(DidYouMean("chek", kWords), " (did you mean 'check'?)");
}

}  // namespace
}  // namespace fathom
