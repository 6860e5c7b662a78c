#include "tui/canvas.h"

#include <gtest/gtest.h>

#include "tui/text_width.h"

namespace fathom::tui {
namespace {

TEST(TextWidth, CountsColumns) {
  EXPECT_EQ(Columns("abc"), 3);
  EXPECT_EQ(Columns("日本"), 4);
  EXPECT_EQ(Columns("e\u0301a"), 2);  // a mark takes no column
  EXPECT_EQ(Columns("├── é"), 5);
  EXPECT_EQ(Columns("\xff\xfe"), 2);
  EXPECT_EQ(Columns(""), 0);
}

TEST(TextWidth, Clips) {
  EXPECT_EQ(ClipEnd("abcdef", 6), "abcdef");
  EXPECT_EQ(ClipEnd("abcdef", 4), "abc…");
  EXPECT_EQ(ClipEnd("日本語", 5), "日本…");
  EXPECT_EQ(ClipEnd("日本語", 4), "日…");
  EXPECT_EQ(ClipEnd("abc", 0), "");
  EXPECT_EQ(ClipFront("/usr/lib/x", 6), "…lib/x");
  EXPECT_EQ(ClipFront("日本語", 4), "…語");
  EXPECT_EQ(ClipEnd("abcdef", 4, "~"), "abc~");
}

TEST(TextWidth, Wraps) {
  EXPECT_EQ(Wrap("one two three", 8), (std::vector<std::string>{"one two ", "three"}));
  EXPECT_EQ(Wrap("abcdefgh", 3), (std::vector<std::string>{"abc", "def", "gh"}));
  EXPECT_EQ(Wrap("日本語", 3), (std::vector<std::string>{"日", "本", "語"}));
  EXPECT_EQ(Wrap("ab", 0), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(Wrap("", 5), (std::vector<std::string>{""}));
}

TEST(Canvas, ClipsAtEverySide) {
  Canvas canvas({6, 2});
  EXPECT_EQ(canvas.Put({4, 0}, "abcdef", Role::kText), 6);
  canvas.Put({-2, 1}, "xyz", Role::kText);
  canvas.Put({0, 5}, "gone", Role::kText);
  canvas.Put({0, -1}, "gone", Role::kText);
  EXPECT_EQ(canvas.Text(), "    ab\nz\n");
  canvas.Put({0, 1}, "abcdef", Role::kText, {2, 0, 2, 2});
  EXPECT_EQ(canvas.Line(1), "z cd");
}

TEST(Canvas, NothingHarmfulGetsIn) {
  Canvas canvas({40, 1});
  canvas.Put({0, 0},
             "a\x1b[2J\n\xff\u202e\u0085"
             "b",
             Role::kText);
  EXPECT_EQ(canvas.Line(0), "a\\x1b[2J\\n\\xff\\u{202e}\\u{85}b");
}

TEST(Canvas, WideCharacters) {
  Canvas canvas({5, 1});
  canvas.Put({0, 0}, "日本語", Role::kText);
  EXPECT_EQ(canvas.Line(0), "日本");  // half of a character does not show
  EXPECT_EQ(canvas.at(4, 0).text[0], U' ');
  canvas.Put({1, 0}, "x", Role::kText);
  EXPECT_EQ(canvas.Line(0), " x本");
  canvas.Clear({2, 0, 1, 1});
  EXPECT_EQ(canvas.Line(0), " x");
}

TEST(Canvas, Marks) {
  Canvas canvas({3, 1});
  canvas.Put({0, 0}, "e\u0301\u0302\u0303\u0304\u0305x", Role::kAdded);
  EXPECT_EQ(canvas.Line(0), "e\u0301\u0302\u0303x");
  EXPECT_EQ(canvas.at(0, 0).role, Role::kAdded);
}

TEST(Canvas, Selects) {
  Canvas canvas({4, 2});
  canvas.Select({1, 1}, 9);
  EXPECT_FALSE(canvas.at(0, 1).selected);
  EXPECT_TRUE(canvas.at(3, 1).selected);
  canvas.Select({0, 7}, 2);
  EXPECT_FALSE(canvas.has_cursor());
}

}  // namespace
}  // namespace fathom::tui
