#include "base/string_pool.h"

#include <gtest/gtest.h>

namespace fathom {
namespace {

TEST(StringPool, KeepsEachStringOnce) {
  StringPool pool;
  const StringId usr = pool.Add("usr");
  const StringId bin = pool.Add("bin");
  EXPECT_NE(usr, bin);
  EXPECT_EQ(pool.Add(std::string("usr")), usr);
  EXPECT_EQ(pool[usr], "usr");
  EXPECT_EQ(pool[bin], "bin");
  EXPECT_EQ(pool.size(), 3u);
  EXPECT_EQ(pool.text(), "usrbin");
}

TEST(StringPool, EmptyStringIsId0) {
  StringPool pool;
  EXPECT_EQ(pool.Add(""), 0u);
  EXPECT_EQ(pool.Find(""), 0u);
  EXPECT_EQ(pool[0], "");
  EXPECT_EQ(pool.size(), 1u);
}

TEST(StringPool, TellsStringsApartThatHoldAnyBytes) {
  StringPool pool;
  const std::string_view texts[] = {std::string_view("a\0", 2), "a", "\xff\xfe", "b",
                                    std::string_view("\0", 1)};
  for (const std::string_view text : texts) {
    pool.Add(text);
  }
  EXPECT_EQ(pool.size(), 6u);
  for (const std::string_view text : texts) {
    EXPECT_EQ(pool[pool.Find(text)], text);
  }
}

TEST(StringPool, FindsThousands) {
  StringPool pool;
  for (int i = 0; i < 20'000; ++i) {
    pool.Add("name" + std::to_string(i));
  }
  for (int i = 0; i < 20'000; ++i) {
    EXPECT_EQ(pool.Find("name" + std::to_string(i)), static_cast<StringId>(i + 1));
  }
  EXPECT_EQ(pool.Find("name20000"), IdHash::kNone);
}

TEST(StringPool, ReadsOnAfterFreeze) {
  StringPool pool;
  const StringId id = pool.Add("text");
  pool.Freeze();
  EXPECT_EQ(pool[id], "text");
  EXPECT_EQ(pool[0], "");
}

TEST(StringPool, CheckFindsStoredPartsThatDoNotFit) {
  EXPECT_TRUE(StringPool("abc", {0, 1, 3}).Check());
  EXPECT_TRUE(StringPool("", {0}).Check());
  EXPECT_FALSE(StringPool("abc", {}).Check());
  EXPECT_FALSE(StringPool("abc", {0, 1}).Check());
  EXPECT_FALSE(StringPool("abc", {0, 4}).Check());
  EXPECT_FALSE(StringPool("abc", {1, 3}).Check());
  EXPECT_FALSE(StringPool("abc", {0, 2, 1, 3}).Check());
}

}  // namespace
}  // namespace fathom
