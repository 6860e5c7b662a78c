#include "tui/line_diff.h"

#include <algorithm>
#include <cstddef>

namespace fathom::tui {
namespace {

using Lines = std::vector<std::string_view>;
using Kind = DiffLine::Kind;
using Line = int32_t;  // a number of a line, a diagonal, or a count of them

// Each with the end of its line, so that a last line without one differs from one that has it.
Lines Split(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    const size_t size = end == std::string_view::npos ? text.size() : end + 1;
    lines.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return lines;
}

// A line of either text: both numbers from 0, and what becomes of it.
struct Step {
  Kind kind;
  size_t before;
  size_t after;
};

// What turns old lines [begin, old_end) into new lines [begin, new_end), in their order.
class Myers {
 public:
  Myers(const Lines& before, const Lines& after, size_t begin, size_t old_end, size_t new_end)
      : before_(before),
        after_(after),
        begin_(static_cast<Line>(begin)),
        old_count_(static_cast<Line>(old_end - begin)),
        new_count_(static_cast<Line>(new_end - begin)) {}

  std::vector<Step> Run() {
    const Line most = std::min(old_count_ + new_count_, static_cast<Line>(kMostChanges));
    // The farthest old line that is reached on each diagonal with so many changes; diagonal k has
    // new line = old line - k.
    std::vector<Line> farthest(2 * static_cast<size_t>(most) + 3, 0);
    const auto at = [&](Line diagonal) -> Line& {
      const Line slot = diagonal + most + 1;
      return farthest[static_cast<size_t>(slot)];
    };
    for (Line changes = 0; changes <= most; ++changes) {
      for (Line k = -changes; k <= changes; k += 2) {
        const bool down = k == -changes || (k != changes && at(k - 1) < at(k + 1));
        Line x = down ? at(k + 1) : at(k - 1) + 1;
        while (x < old_count_ && x - k < new_count_ && Same(x, x - k)) {
          ++x;
        }
        at(k) = x;
        if (x >= old_count_ && x - k >= new_count_) {
          rounds_.push_back(Round(farthest, changes, most));
          return WalkBack(changes);
        }
      }
      rounds_.push_back(Round(farthest, changes, most));
    }
    return Replaced();
  }

 private:
  size_t At(Line line) const { return static_cast<size_t>(begin_) + static_cast<size_t>(line); }
  bool Same(Line x, Line y) const { return before_[At(x)] == after_[At(y)]; }

  // What a round has reached: its diagonals from -changes to changes.
  static std::vector<Line> Round(const std::vector<Line>& farthest, Line changes, Line most) {
    const auto first = farthest.begin() + (most + 1 - changes);
    return {first, first + (ptrdiff_t{2} * changes + 1)};
  }

  std::vector<Step> WalkBack(Line changes) {
    std::vector<Step> steps;
    Line x = old_count_;
    Line y = new_count_;
    const auto put = [&](Kind kind) { steps.push_back({kind, At(x), At(y)}); };
    for (Line round = changes; round > 0; --round) {
      const std::vector<Line>& before = rounds_[static_cast<size_t>(round - 1)];
      const auto reached = [&](Line k) { return before[static_cast<size_t>(k + round - 1)]; };
      const Line k = x - y;
      const bool down = k == -round || (k != round && reached(k - 1) < reached(k + 1));
      const Line start = down ? reached(k + 1) : reached(k - 1) + 1;
      while (x > start) {
        --x;
        --y;
        put(Kind::kSame);
      }
      if (down) {
        --y;
        put(Kind::kAdded);
      } else {
        --x;
        put(Kind::kRemoved);
      }
    }
    while (x > 0) {
      --x;
      --y;
      put(Kind::kSame);
    }
    std::ranges::reverse(steps);
    return steps;
  }

  std::vector<Step> Replaced() const {
    std::vector<Step> steps;
    steps.reserve(static_cast<size_t>(old_count_) + static_cast<size_t>(new_count_));
    for (Line x = 0; x < old_count_; ++x) {
      steps.push_back({Kind::kRemoved, At(x), 0});
    }
    for (Line y = 0; y < new_count_; ++y) {
      steps.push_back({Kind::kAdded, 0, At(y)});
    }
    return steps;
  }

  const Lines& before_;
  const Lines& after_;
  const Line begin_;
  const Line old_count_;
  const Line new_count_;
  std::vector<std::vector<Line>> rounds_;
};

std::string Shown(std::string_view line) {
  const bool ended = line.ends_with('\n');
  return std::string(line.substr(0, line.size() - (ended ? 1 : 0))) +
         (ended ? "" : "  (no newline at the end)");
}

// Changed lines with equal ones around them; what is farther away becomes gaps.
std::vector<DiffLine> WithContext(const Lines& before, const Lines& after,
                                  const std::vector<Step>& steps, size_t context) {
  std::vector<bool> shown(steps.size());
  for (size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].kind != Kind::kSame) {
      const size_t first = i - std::min(i, context);
      const size_t last = std::min(i + context, steps.size() - 1);
      std::fill(shown.begin() + static_cast<ptrdiff_t>(first),
                shown.begin() + static_cast<ptrdiff_t>(last) + 1, true);
    }
  }
  std::vector<DiffLine> lines;
  for (size_t i = 0; i < steps.size();) {
    if (!shown[i]) {
      const size_t begin = i;
      while (i < steps.size() && !shown[i]) {
        ++i;
      }
      lines.push_back({Kind::kGap, 0, 0, std::to_string(i - begin)});
      continue;
    }
    const Step& step = steps[i++];
    const bool in_old = step.kind != Kind::kAdded;
    const bool in_new = step.kind != Kind::kRemoved;
    lines.push_back({step.kind, in_old ? static_cast<uint32_t>(step.before + 1) : 0,
                     in_new ? static_cast<uint32_t>(step.after + 1) : 0,
                     Shown(in_old ? before[step.before] : after[step.after])});
  }
  return lines;
}

}  // namespace

std::vector<DiffLine> DiffLines(std::string_view before, std::string_view after, size_t context) {
  if (before == after) {
    return {};
  }
  const Lines old_lines = Split(before);
  const Lines new_lines = Split(after);
  size_t begin = 0;
  while (begin < std::min(old_lines.size(), new_lines.size()) &&
         old_lines[begin] == new_lines[begin]) {
    ++begin;
  }
  size_t old_end = old_lines.size();
  size_t new_end = new_lines.size();
  while (old_end > begin && new_end > begin && old_lines[old_end - 1] == new_lines[new_end - 1]) {
    --old_end;
    --new_end;
  }
  std::vector<Step> steps;
  steps.reserve(old_lines.size() + new_lines.size());
  for (size_t i = 0; i < begin; ++i) {
    steps.push_back({Kind::kSame, i, i});
  }
  std::ranges::copy(Myers(old_lines, new_lines, begin, old_end, new_end).Run(),
                    std::back_inserter(steps));
  for (size_t i = 0; old_end + i < old_lines.size(); ++i) {
    steps.push_back({Kind::kSame, old_end + i, new_end + i});
  }
  return WithContext(old_lines, new_lines, steps, context);
}

}  // namespace fathom::tui
