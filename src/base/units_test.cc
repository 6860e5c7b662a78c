#include "base/units.h"

#include <gtest/gtest.h>

#include <limits>

namespace fathom {
namespace {

TEST(HumanBytes, ShowsTheTableOfDive) {
  EXPECT_EQ(HumanBytes(0), "0 B");
  EXPECT_EQ(HumanBytes(9), "9 B");
  EXPECT_EQ(HumanBytes(10), "10 B");
  EXPECT_EQ(HumanBytes(999), "999 B");
  EXPECT_EQ(HumanBytes(1000), "1.0 kB");
  EXPECT_EQ(HumanBytes(1049), "1.0 kB");
  EXPECT_EQ(HumanBytes(9949), "9.9 kB");
  EXPECT_EQ(HumanBytes(9950), "10 kB");
  EXPECT_EQ(HumanBytes(32025), "32 kB");
  EXPECT_EQ(HumanBytes(999500), "1000 kB");
  EXPECT_EQ(HumanBytes(1220598), "1.2 MB");
  EXPECT_EQ(HumanBytes(1'000'000'000), "1.0 GB");
  EXPECT_EQ(HumanBytes(std::numeric_limits<uint64_t>::max()), "18 EB");
}

TEST(ParseBytes, ReadsTheGrammarOfDive) {
  const std::pair<const char*, uint64_t> cases[] = {{"0", 0},
                                                    {"512", 512},
                                                    {"1,024", 1024},
                                                    {"20Mb", 20'000'000},
                                                    {"20mib", 20971520},
                                                    {"20 MB", 20'000'000},
                                                    {"1.5k", 1500},
                                                    {"1.5 KiB", 1536},
                                                    {"7B", 7},
                                                    {"3g", 3'000'000'000},
                                                    {"1Ti", 1ull << 40},
                                                    {"2PB", 2'000'000'000'000'000},
                                                    {"1EiB", 1ull << 60},
                                                    {"1.0005kB", 1000},
                                                    {".5k", 500},
                                                    {"1.", 1},
                                                    {"10MB ", 10'000'000}};
  for (const auto& [text, bytes] : cases) {
    const auto parsed = ParseBytes(text);
    ASSERT_TRUE(parsed) << text << ": " << parsed.error().message;
    EXPECT_EQ(*parsed, bytes) << text;
  }
}

TEST(ParseBytes, RefusesEverythingElse) {
  for (const char* text : {"", "many", "-1", "1e3", "1.2.3", ".", "MB", "5 bytes", "1 kk", "1bb",
                           "0x10", " 1", "20EB", "99999999999999999999", "+5", "1iB"}) {
    const auto parsed = ParseBytes(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, Code::kInvalidArgument) << text;
  }
}

}  // namespace
}  // namespace fathom
