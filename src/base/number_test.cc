#include "base/number.h"

#include <gtest/gtest.h>

#include "base/ascii.h"

namespace fathom {
namespace {

TEST(Number, IsAllOfTheText) {
  EXPECT_EQ(ParseNumber<uint64_t>("18446744073709551615"), UINT64_MAX);
  EXPECT_EQ(ParseNumber<int>("-7"), -7);
  EXPECT_EQ(ParseNumber<uint32_t>("1038", 16), 0x1038u);
  for (const char* wrong : {"", " 1", "1 ", "+1", "-1", "1.5", "0x1", "18446744073709551616"}) {
    EXPECT_FALSE(ParseNumber<uint64_t>(wrong)) << wrong;
  }
}

TEST(Ascii, OnlyItsLettersChange) {
  EXPECT_EQ(ToLower(std::string_view("WWW-Authenticate: É9@[")), "www-authenticate: É9@[");
}

}  // namespace
}  // namespace fathom
