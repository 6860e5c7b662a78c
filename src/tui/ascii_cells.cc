#include "tui/ascii_cells.h"

#include <string_view>

namespace fathom::tui {
namespace {

struct Likeness {
  std::u32string_view characters;
  char32_t ascii;
};

constexpr Likeness kLikenesses[] = {
    {U"─━", U'-'},  {U"│┃▌▏", U'|'},     {U"├┌┐┘┼┤┬┴", U'+'}, {U"└", U'`'},  {U"→", U'>'},
    {U"←", U'<'},   {U"↑", U'^'},        {U"↓", U'v'},        {U"…", U'~'},  {U"⊕", U'+'},
    {U"●·•", U'*'}, {U"█▉▊▋▍▎▓▒", U'#'}, {U"░", U'.'},        {U"“”", U'"'}, {U"‘’", U'\''},
};

char32_t LikenessOf(char32_t character) {
  for (const Likeness& likeness : kLikenesses) {
    if (likeness.characters.find(character) != std::u32string_view::npos) {
      return likeness.ascii;
    }
  }
  return U'?';
}

}  // namespace

Cell AsciiCell(const Cell& cell) {
  const bool ascii = cell.text[0] < 0x7f;
  if (cell.width == 1 && ascii && cell.text[1] == 0) {
    return cell;
  }
  Cell same = cell;
  // Both halves of a wide character are a cell of their own.
  same.text = {cell.width == 1 ? (ascii ? cell.text[0] : LikenessOf(cell.text[0])) : U'?'};
  same.width = 1;
  return same;
}

}  // namespace fathom::tui
