#include "tui/pager.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "tui/content_description.h"

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

std::string Lines(int count) {
  std::string text;
  for (int i = 1; i <= count; ++i) {
    text += "line " + std::to_string(i) + "\n";
  }
  return text;
}

TEST(Pager, ShowsTextWithoutHarm) {
  const Pager pager =
      Opened("a\tb\r\nesc \x1b[2J \x07\n\xe6\x97\xa5 \xff\nthe last line, with enough of text");
  EXPECT_EQ(Screen(pager),
            "a       b␍\nesc \\x1b[2J \\x07\n日 \\xff\nthe last line, with enough of text\n\n");
  EXPECT_NE(pager.status().find("line 1 of 4"), std::string::npos) << pager.status();
}

TEST(Pager, ScrollsWithinTheFile) {
  Pager pager = Opened(Lines(20));
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
  Pager pager = Opened(Lines(100), {80, 5});
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
  Pager pager = Opened(Lines(50));
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
  Pager pager = Opened(Lines(50));
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
  Pager pager = Opened(Lines(50));
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
  Pager pager = Opened(Lines(200));
  pager.MoveLines(21);
  for (int i = 0; i < 3; ++i) {
    pager.ToggleHex();
    pager.ToggleHex();
    EXPECT_EQ(pager.top(), 21u);
  }
  Pager wrapped = Opened(std::string(4000, 'x') + "\n" + Lines(50));
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
  const std::string text = Lines(100);
  pager.SetWindow(Part(text, 0, 10'000'000));
  EXPECT_FALSE(pager.Wanted());
  pager.MoveLines(1000);
  ASSERT_TRUE(pager.Wanted());
  EXPECT_LT(*pager.Wanted(), text.size());
  pager.SetWindow(Part(Lines(100), 500'000, 10'000'000));
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
  pager.SetDiff(DiffLines(Lines(20), "", 3));
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

// Applies all lines of a comparison, which has no gaps.
std::pair<std::string, std::string> Replay(const std::vector<DiffLine>& lines) {
  std::string before;
  std::string after;
  constexpr std::string_view kMark = "  (no newline at the end)";
  for (const DiffLine& line : lines) {
    const bool cut = line.text.ends_with(kMark);
    const std::string text =
        cut ? line.text.substr(0, line.text.size() - kMark.size()) : line.text + "\n";
    before += line.kind != DiffLine::Kind::kAdded ? text : "";
    after += line.kind != DiffLine::Kind::kRemoved ? text : "";
  }
  return {before, after};
}

std::vector<std::string> SplitLines(const std::string& text) {
  std::vector<std::string> lines;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
    lines.push_back(text.substr(at, end - at));
    at = end;
  }
  return lines;
}

size_t LongestCommon(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  std::vector<std::vector<size_t>> best(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = a.size(); i-- > 0;) {
    for (size_t j = b.size(); j-- > 0;) {
      best[i][j] = a[i] == b[j] ? best[i + 1][j + 1] + 1 : std::max(best[i + 1][j], best[i][j + 1]);
    }
  }
  return best[0][0];
}

RC_GTEST_PROP(LineDiff, IsCorrectAndShortest, ()) {
  const auto text = [] {
    return *rc::gen::container<std::string>(rc::gen::element('a', 'b', '\n', '\n'));
  };
  const std::string before = text();
  const std::string after = text();
  RC_PRE(before != after);
  const auto lines = DiffLines(before, after, SIZE_MAX / 2);
  RC_ASSERT(Replay(lines) == std::pair(before, after));
  const auto same =
      static_cast<size_t>(std::ranges::count(lines, DiffLine::Kind::kSame, &DiffLine::kind));
  RC_ASSERT(same == LongestCommon(SplitLines(before), SplitLines(after)));
}

TEST(LineDiff, LeavesOutWhatIsFarAway) {
  std::string before = Lines(40);
  std::string after = before;
  after.replace(after.find("line 20\n"), 8, "changed\n");
  const auto lines = DiffLines(before, after);
  ASSERT_EQ(lines.size(), 10u);
  EXPECT_EQ(lines.front().kind, DiffLine::Kind::kGap);
  EXPECT_EQ(lines.front().text, "16");
  EXPECT_EQ(lines[4].before, 20u);
  EXPECT_EQ(lines[5].after, 20u);
  EXPECT_TRUE(DiffLines(before, before).empty());
}

TEST(LineDiff, TextsThatHaveHardlyAnythingInCommonAreReplaced) {
  std::string before;
  std::string after;
  for (int i = 0; i < 3000; ++i) {
    before += "old " + std::to_string(i) + "\n";
    after += "new " + std::to_string(i) + "\n";
  }
  EXPECT_EQ(Replay(DiffLines(before, after, SIZE_MAX / 2)), (std::pair(before, after)));
}

TEST(ContentDescription, TellsWhatItIs) {
  using namespace std::string_view_literals;
  std::string elf(
      "\x7f"
      "ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0\x3e\0",
      20);
  std::string tar(300, '\0');
  tar.replace(257, 5, "ustar");
  const std::pair<std::string, const char*> kSamples[] = {
      {"", "empty"},
      {"plain\n", "text, ASCII"},
      {"\xe6\x97\xa5\n", "text, UTF-8"},
      {"#!/bin/sh -e\nexit", "script, /bin/sh -e"},
      {elf, "ELF 64-bit executable, x86-64"},
      {elf.substr(0, 10), "ELF, cut off"},
      {"\x1f\x8b\x08", "gzip archive"},
      {"\x28\xb5\x2f\xfd", "zstd archive"},
      {"PK\x03\x04", "zip archive"},
      {"!<arch>\ndebian-binary", "Debian package"},
      {"!<arch>\nx", "ar archive"},
      {tar, "tar archive"},
      {"\x89PNG\r\n\x1a\n", "PNG image"},
      {std::string("SQLite format 3\0", 16), "SQLite database"},
      {std::string("\0\1\2\3", 4), "data"}};
  for (const auto& [content, what] : kSamples) {
    EXPECT_EQ(DescribeContent(AsBytes(content), content.size()), what);
    for (size_t size = 0; size <= content.size(); ++size) {
      DescribeContent(AsBytes(std::string_view(content).substr(0, size)), content.size());
    }
  }
  EXPECT_TRUE(LooksLikeText(AsBytes("caf\xc3"sv))) << "a character that was cut";
  EXPECT_EQ(DescribeContent(AsBytes("caf\xc3"sv), 4), "text") << "nothing was cut";
  std::string kanji;
  while (kanji.size() < 9000) {
    kanji += "\xe6\x97\xa5";
  }
  for (const char* front : {"", "a", "ab"}) {
    const std::string content = front + kanji;
    EXPECT_EQ(DescribeContent(AsBytes(content), content.size()), "text, UTF-8");
  }
  EXPECT_EQ(DescribeContent(AsBytes("\xcb\x0d\r\n\0\0\0\0datesize"sv), 16), "Python bytecode");
}

// A header of 64-bit x86-64 ELF in the usual byte order, with segments of these types.
std::string Elf(char type, const std::string& segment_types) {
  std::string elf(
      "\x7f"
      "ELF\2\1\1",
      7);
  elf.resize(64);
  elf[16] = type;
  elf[18] = 0x3e;
  elf[32] = 64;
  elf[54] = 56;
  elf[56] = static_cast<char>(segment_types.size());
  for (const char segment : segment_types) {
    elf += segment + std::string(55, '\0');
  }
  return elf;
}

TEST(ContentDescription, TellsHowProgramsAreLinked) {
  const std::pair<std::string, const char*> kSamples[] = {
      {Elf(2, "\1"), "ELF 64-bit executable, x86-64, statically linked"},
      {Elf(2, "\1\3\2"), "ELF 64-bit executable, x86-64, dynamically linked"},
      {Elf(3, "\3\1\2"), "ELF 64-bit executable, x86-64, dynamically linked"},
      {Elf(3, "\1\2"), "ELF 64-bit shared object, x86-64"},
      {Elf(1, ""), "ELF 64-bit object, x86-64"},
      {Elf(2, "\1").substr(0, 80), "ELF 64-bit executable, x86-64"}};
  for (const auto& [content, what] : kSamples) {
    EXPECT_EQ(DescribeContent(AsBytes(content), content.size()), what);
  }
}

RC_GTEST_PROP(ContentDescription, AnythingCanBeDescribed, ()) {
  std::string elf = Elf(3, "\1\3");
  for (const auto& [at, byte] : *rc::gen::container<std::vector<std::pair<size_t, char>>>(
           rc::gen::pair(rc::gen::inRange<size_t>(4, 64), rc::gen::arbitrary<char>()))) {
    elf[at] = byte;
  }
  // Of its own size, so that reading beyond it is found.
  const std::vector<uint8_t> bytes(elf.begin(), elf.begin() + *rc::gen::inRange(0, 177));
  RC_ASSERT(!DescribeContent(bytes, 1 << 20).empty());
}

}  // namespace
}  // namespace fathom::tui
