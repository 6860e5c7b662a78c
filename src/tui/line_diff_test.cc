#include "tui/line_diff.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "tests/support/text.h"

namespace fathom::tui {
namespace {

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
  std::string before = testing::NumberedLines(40);
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

}  // namespace
}  // namespace fathom::tui
