// Text as a terminal lays it out: characters in columns. Independent of the process's locale.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fathom::tui {

// A character with the marks that combine with it.
struct Glyph {
  std::string_view bytes;  // of the text it was cut from
  int columns;             // 1 or 2
};

// The glyphs of UTF-8 text that base/text.h has made printable. A mark with nothing before it and
// a byte that is not UTF-8 stand for themselves in one column.
std::vector<Glyph> Glyphs(std::string_view text);

// Columns that the text takes.
int Columns(std::string_view text);

// C0, DEL and C1: what moves a cursor rather than being shown.
constexpr bool IsControl(char32_t code) { return code < 0x20 || (code >= 0x7f && code < 0xa0); }

// The character as UTF-8.
std::string ToUtf8(char32_t character);

// As much of the front as fits; where something was left out, `ellipsis` stands at the end.
std::string ClipEnd(std::string_view text, int columns, std::string_view ellipsis = "…");
// As much of the end as fits, behind `ellipsis`: paths tell most at their ends.
std::string ClipFront(std::string_view text, int columns, std::string_view ellipsis = "…");

// Lines of at most that many columns (at least 1), broken behind a space or slash where there is
// one in the second half of the line.
std::vector<std::string> Wrap(std::string_view text, int columns);

}  // namespace fathom::tui
