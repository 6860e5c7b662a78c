#include "tui/canvas.h"

#include <algorithm>

#include "base/text.h"
#include "tui/text_width.h"

namespace fathom::tui {
namespace {

std::array<char32_t, 4> CodesOf(std::string_view bytes) {
  std::array<char32_t, 4> codes = {};
  for (size_t i = 0; i < codes.size() && !bytes.empty(); ++i) {
    const Utf8Character character = FrontCharacter(bytes);
    codes[i] = character.length == 0 ? U'\ufffd' : character.code;
    bytes.remove_prefix(std::max<size_t>(character.length, 1));
  }
  return codes;
}

}  // namespace

Canvas::Canvas(Size size)
    : size_{std::max(size.columns, 0), std::max(size.rows, 0)},
      cells_(static_cast<size_t>(size_.columns) * static_cast<size_t>(size_.rows)) {}

int Canvas::Put(Point at, std::string_view text, Role role) {
  return Put(at, text, role, {0, 0, size_.columns, size_.rows});
}

int Canvas::Put(Point at, std::string_view text, Role role, const Rect& clip) {
  const int end = std::min(clip.x + clip.columns, size_.columns);
  const int begin = std::max(clip.x, 0);
  const bool hidden = at.y < clip.y || at.y >= clip.y + clip.rows || at.y < 0 || at.y >= size_.rows;
  const std::string printable = Printable(text);
  int x = at.x;
  for (const Glyph& glyph : Glyphs(printable)) {
    if (x >= end) {
      break;
    }
    const bool fits = x >= begin && x + glyph.columns <= end;
    for (int i = 0; i < glyph.columns && !hidden && x + i >= begin && x + i < end; ++i) {
      SplitWide(x + i, at.y);
      Cell& cell = cells_[Index(x + i, at.y)];
      cell.role = role;
      cell.width = fits ? static_cast<uint8_t>(i == 0 ? glyph.columns : 0) : 1;
      cell.text = fits && i == 0 ? CodesOf(glyph.bytes) : std::array<char32_t, 4>{U' '};
    }
    x += glyph.columns;
  }
  return x;
}

// What is left of a wide character, when one of its columns is written over, is a blank.
void Canvas::SplitWide(int x, int y) {
  const Cell& cell = cells_[Index(x, y)];
  if (cell.width == 1) {
    return;
  }
  const int first = cell.width == 0 ? x - 1 : x;
  for (const int column : {first, first + 1}) {
    Cell& part = cells_[Index(column, y)];
    part.text = {U' '};
    part.width = 1;
  }
}

void Canvas::Clear(const Rect& rect, Role role) {
  for (int y = std::max(rect.y, 0); y < std::min(rect.y + rect.rows, size_.rows); ++y) {
    for (int x = std::max(rect.x, 0); x < std::min(rect.x + rect.columns, size_.columns); ++x) {
      SplitWide(x, y);
      cells_[Index(x, y)] = {.role = role};
    }
  }
}

void Canvas::Select(Point from, int columns) {
  if (from.y < 0 || from.y >= size_.rows) {
    return;
  }
  for (int x = std::max(from.x, 0); x < std::min(from.x + columns, size_.columns); ++x) {
    cells_[Index(x, from.y)].selected = true;
  }
}

std::string Canvas::Line(int y) const {
  std::string text;
  for (int x = 0; x < size_.columns; ++x) {
    const Cell& cell = at(x, y);
    for (size_t i = 0; cell.width > 0 && i < cell.text.size() && cell.text[i] != 0; ++i) {
      text += ToUtf8(cell.text[i]);
    }
  }
  text.resize(text.find_last_not_of(' ') + 1);
  return text;
}

std::string Canvas::Text() const {
  std::string text;
  for (int y = 0; y < size_.rows; ++y) {
    text += Line(y) + "\n";
  }
  return text;
}

}  // namespace fathom::tui
