#include "tui/pager.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/support/text.h"

namespace fathom::tui {
namespace {

ContentWindow Whole(std::string text) {
  ContentWindow window;
  window.file_bytes = text.size();
  window.bytes = std::make_shared<const std::string>(std::move(text));
  window.verified = true;
  return window;
}

ContentWindow Part(std::string text, uint64_t offset, uint64_t file_bytes) {
  ContentWindow window = Whole(std::move(text));
  window.offset = offset;
  window.file_bytes = file_bytes;
  window.verified = false;
  return window;
}

Pager Opened(std::string text, Size area = {40, 5}) {
  Pager pager("title");
  pager.SetArea(area);
  pager.SetWindow(Whole(std::move(text)));
  return pager;
}

std::string Screen(const Pager& pager, Size area = {40, 5}) {
  Canvas canvas(area);
  pager.Draw(canvas, {0, 0, area.columns, area.rows});
  return canvas.Text();
}

TEST(Pager, ShowsTextWithoutHarm) {
  const Pager pager =
      Opened("a\tb\r\nesc \x1b[2J \x07\n\xe6\x97\xa5 \xff\nthe last line, with enough of text");
  EXPECT_EQ(Screen(pager),
            "a       b␍\nesc \\x1b[2J \\x07\n日 \\xff\nthe last line, with enough of text\n\n");
  EXPECT_NE(pager.status().find("line 1 of 4"), std::string::npos) << pager.status();
}

TEST(Pager, ScrollsWithinTheFile) {
  Pager pager = Opened(testing::NumberedLines(20));
  pager.MoveLines(3);
  EXPECT_EQ(Screen(pager).substr(0, 7), "line 4\n");
  pager.MovePages(1);
  EXPECT_EQ(Screen(pager).substr(0, 7), "line 8\n");
  pager.ToEnd();
  EXPECT_EQ(pager.top(), 15u);
  pager.MoveLines(5);
  EXPECT_EQ(pager.top(), 15u);
  EXPECT_FALSE(pager.Wanted());
  pager.ToStart();
  pager.MoveLines(-1);
  EXPECT_EQ(pager.top(), 0u);
}

TEST(Pager, KeepsThePlaceBetweenTextBytesAndWrapping) {
  Pager pager = Opened(testing::NumberedLines(100), {80, 5});
  pager.MoveLines(40);
  pager.ToggleHex();
  EXPECT_NE(Screen(pager, {80, 5}).find("line 41"), std::string::npos) << Screen(pager, {80, 5});
  pager.ToggleHex();
  pager.ToggleWrap();
  EXPECT_NE(Screen(pager).find("line 41"), std::string::npos);
}

TEST(Pager, WrapsAndNumbers) {
  Pager pager = Opened("0123456789abcdef\nsecond", {10, 5});
  EXPECT_EQ(Screen(pager, {10, 5}), "0123456789\nsecond\n\n\n\n");
  pager.MoveColumns(8);
  EXPECT_EQ(Screen(pager, {10, 5}).substr(0, 9), "89abcdef\n");
  pager.ToggleWrap();
  EXPECT_EQ(Screen(pager, {10, 5}), "0123456789\nabcdef\nsecond\n\n\n");
  Pager numbered = Opened("one\ntwo\n");
  numbered.ToggleNumbers();
  EXPECT_EQ(Screen(numbered), "     1  one\n     2  two\n\n\n\n");
}

TEST(Pager, ShowsBytes) {
  const Pager pager = Opened(std::string("\0\x01"
                                         "abc",
                                         5),
                             {80, 2});
  EXPECT_EQ(Screen(pager, {80, 2}).substr(0, 80),
            "0000000000  00 01 61 62 63                                    ..abc\n\n");
}

TEST(Pager, Searches) {
  Pager pager = Opened(testing::NumberedLines(50));
  pager.Search("e 3[05]$", {});
  EXPECT_EQ(Screen(pager).substr(0, 8), "line 30\n");
  pager.Next();
  EXPECT_EQ(Screen(pager).substr(0, 8), "line 35\n");
  pager.Next();
  EXPECT_EQ(Screen(pager).substr(0, 8), "line 30\n") << "around the end";
  pager.Previous();
  EXPECT_EQ(Screen(pager).substr(0, 8), "line 35\n");
  pager.Search("nowhere", {});
  EXPECT_NE(pager.status().find("is not found"), std::string::npos);
  pager.Search("LINE 7", {.regex = false, .ignore_case = true});
  EXPECT_EQ(Screen(pager).substr(0, 7), "line 7\n");
}

TEST(Pager, GoesOnFromMatchesOfTheLastScreen) {
  Pager pager = Opened(testing::NumberedLines(50));
  pager.Search("line (10|48|50)$", {});
  std::vector<size_t> tops = {pager.top()};
  for (int i = 0; i < 3; ++i) {
    pager.Next();
    tops.push_back(pager.top());
  }
  EXPECT_EQ(tops, (std::vector<size_t>{9, 45, 45, 9}));
  pager.Previous();
  pager.Previous();
  EXPECT_EQ(pager.top(), 45u);
  pager.Previous();
  EXPECT_EQ(pager.top(), 9u);
}

TEST(Pager, SaysThatAnExpressionIsNone) {
  Pager pager = Opened(testing::NumberedLines(50));
  pager.Search("(", {});
  EXPECT_NE(pager.status().find("is not found, no regex"), std::string::npos) << pager.status();
}

TEST(Pager, ShowsEndsOfLinesOnlyWhereTheyDiffer) {
  EXPECT_EQ(Screen(Opened("a\r\nb\r\nc")), "a\nb\nc\n\n\n");
  EXPECT_EQ(Screen(Opened("a\r\nb\n")), "a␍\nb\n\n\n\n");
  Pager full = Opened(std::string(40, 'a') + "\r\nb\r\n");
  full.ToggleWrap();
  EXPECT_EQ(Screen(full), std::string(40, 'a') + "\nb\n\n\n\n");
}

TEST(Pager, GetsPastALineThatFillsAWindow) {
  Pager pager("title");
  pager.SetArea({40, 5});
  pager.SetWindow(Part(std::string(ContentReader::kWindow, 'x'), 0, 40 << 20));
  pager.MoveLines(1);
  ASSERT_TRUE(pager.Wanted());
  EXPECT_GE(*pager.Wanted(), ContentReader::kWindow / 2);
}

TEST(Pager, ThereAndBackAgainIsWhereItWas) {
  Pager pager = Opened(testing::NumberedLines(200));
  pager.MoveLines(21);
  for (int i = 0; i < 3; ++i) {
    pager.ToggleHex();
    pager.ToggleHex();
    EXPECT_EQ(pager.top(), 21u);
  }
  Pager wrapped = Opened(std::string(4000, 'x') + "\n" + testing::NumberedLines(50));
  wrapped.ToggleWrap();
  wrapped.MoveLines(30);
  wrapped.ToggleWrap();
  wrapped.ToggleWrap();
  EXPECT_EQ(wrapped.top(), 30u);
  wrapped.MoveLines(1);
  wrapped.SetArea({100, 5});
  wrapped.SetArea({40, 5});
  EXPECT_EQ(wrapped.top(), 31u);
}

TEST(Pager, WantsTheWindowThatScrollingNeeds) {
  Pager pager("title");
  pager.SetArea({40, 5});
  EXPECT_EQ(pager.Wanted(), 0u);
  const std::string text = testing::NumberedLines(100);
  pager.SetWindow(Part(text, 0, 10'000'000));
  EXPECT_FALSE(pager.Wanted());
  pager.MoveLines(1000);
  ASSERT_TRUE(pager.Wanted());
  EXPECT_LT(*pager.Wanted(), text.size());
  pager.SetWindow(Part(testing::NumberedLines(100), 500'000, 10'000'000));
  pager.ToEnd();
  EXPECT_EQ(pager.Wanted(), 9'999'999u);
  pager.SetWindow(Part("the end\n", 9'999'992, 10'000'000));
  EXPECT_EQ(Screen(pager).substr(0, 8), "the end\n");
  pager.MoveLines(-1);
  EXPECT_EQ(pager.Wanted(), 9'999'991u);
  pager.ToStart();
  EXPECT_EQ(pager.Wanted(), 0u);
}

TEST(Pager, OneHugeLineCostsNoMoreThanItsScreen) {
  Pager pager = Opened(std::string(50 << 20, 'x'));
  EXPECT_EQ(Screen(pager).substr(0, 41), std::string(40, 'x') + "\n");
}

TEST(Pager, ShowsDifferencesAndFailures) {
  Pager pager("title");
  pager.SetArea({40, 5});
  EXPECT_NE(Screen(pager).find("reading"), std::string::npos);
  pager.SetDiff(DiffLines("a\nb\n", "a\nc\n"));
  EXPECT_EQ(Screen(pager), "     1      1   a\n     2        - b\n            2 + c\n\n\n");
  pager.SetDiff(DiffLines(testing::NumberedLines(20), "", 3));
  pager.MoveLines(7);
  pager.SetArea({50, 5});
  EXPECT_EQ(pager.top(), 7u);
  pager.SetDiff({});
  EXPECT_NE(Screen(pager).find("the same"), std::string::npos);
  pager.SetFailure("it broke");
  EXPECT_NE(Screen(pager).find("it broke"), std::string::npos);
}

RC_GTEST_PROP(Pager, AnythingCanBeDone, ()) {
  std::string text = *rc::gen::container<std::string>(
      rc::gen::element('a', '\n', '\t', '\r', '\xe6', '\x97', '\xa5', '\0', '\x1b', ' '));
  Pager pager("title");
  pager.SetWindow(Part(text, *rc::gen::inRange<uint64_t>(0, 10), text.size() + 20));
  for (const int step : *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 14))) {
    switch (step) {
      case 0:
        pager.MoveLines(1);
        break;
      case 1:
        pager.MoveLines(-1);
        break;
      case 2:
        pager.MovePages(2);
        break;
      case 3:
        pager.MovePages(-1);
        break;
      case 4:
        pager.MoveColumns(8);
        break;
      case 5:
        pager.ToStart();
        break;
      case 6:
        pager.ToEnd();
        break;
      case 7:
        pager.ToggleHex();
        break;
      case 8:
        pager.ToggleWrap();
        break;
      case 9:
        pager.ToggleNumbers();
        break;
      case 10:
        pager.Search("a", {});
        break;
      case 11:
        pager.Next();
        break;
      case 12:
        pager.Previous();
        break;
      default:
        pager.SetArea({*rc::gen::inRange(0, 30), *rc::gen::inRange(0, 9)});
    }
    Canvas canvas({30, 9});
    pager.Draw(canvas, {0, 0, 30, 9});
    RC_ASSERT(pager.top() <= pager.rows());
  }
}

}  // namespace
}  // namespace fathom::tui
