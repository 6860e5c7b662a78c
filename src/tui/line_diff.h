// How two texts differ, line by line.
//
// The shortest list of changes, found by the greedy algorithm of E. W. Myers, "An O(ND) Difference
// Algorithm and Its Variations" (1986), on what is left when equal lines at both ends are set
// aside. Texts that differ in more than kMostChanges lines are shown as replaced from the first to
// the last line that differs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fathom::tui {

struct DiffLine {
  enum class Kind : uint8_t { kSame, kRemoved, kAdded, kGap };  // a gap stands for lines left out
  Kind kind = Kind::kSame;
  uint32_t before = 0;  // number of the line in the old text, from 1; 0 where it is in none
  uint32_t after = 0;   // in the new one
  std::string text;     // without the end of the line; of a gap how many lines it stands for
};

inline constexpr size_t kMostChanges = 2000;  // 16 MB of notes
inline constexpr size_t kContextLines = 3;

// The lines that differ, with `context` equal ones around them. Empty when the texts are equal.
std::vector<DiffLine> DiffLines(std::string_view before, std::string_view after,
                                size_t context = kContextLines);

}  // namespace fathom::tui
