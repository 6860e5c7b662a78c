// A screen as values: what views draw on and tests read. Nothing here knows a terminal.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tui/cell.h"

namespace fathom::tui {

struct Size {
  int columns = 0;
  int rows = 0;
  friend bool operator==(const Size&, const Size&) = default;
};

struct Point {
  int x = 0;
  int y = 0;
  friend bool operator==(const Point&, const Point&) = default;
};

// A part of the screen; nothing in it when a side is not positive.
struct Rect {
  int x = 0;
  int y = 0;
  int columns = 0;
  int rows = 0;

  bool empty() const { return columns <= 0 || rows <= 0; }
  bool Has(Point point) const {
    return point.x >= x && point.x < x + columns && point.y >= y && point.y < y + rows;
  }
  friend bool operator==(const Rect&, const Rect&) = default;
};

class Canvas {
 public:
  explicit Canvas(Size size);

  Size size() const { return size_; }
  const Cell& at(int x, int y) const { return cells_[Index(x, y)]; }
  // The cells of a line, from left to right.
  const Cell* line(int y) const { return cells_.data() + Index(0, y); }

  // Writes one line of text, cut off at the right side of `clip` and of the canvas, whatever it
  // holds: control characters and bytes that are not UTF-8 are written as base/text.h shows them.
  // Returns the column behind the last glyph.
  int Put(Point at, std::string_view text, Role role, const Rect& clip);
  int Put(Point at, std::string_view text, Role role);

  // Fills a rectangle with blanks.
  void Clear(const Rect& rect, Role role = Role::kText);
  // Marks a part of a line as being under the cursor.
  void Select(Point from, int columns);

  // Where the terminal's cursor stands; nowhere by default.
  void SetCursor(Point at) { cursor_ = at; }
  Point cursor() const { return cursor_; }
  bool has_cursor() const { return cursor_.x >= 0; }

  // The text of one line or of all, without blanks at the ends of lines. For tests.
  std::string Line(int y) const;
  std::string Text() const;

 private:
  size_t Index(int x, int y) const {
    return static_cast<size_t>(y) * static_cast<size_t>(size_.columns) + static_cast<size_t>(x);
  }
  void SplitWide(int x, int y);

  Size size_;
  std::vector<Cell> cells_;
  Point cursor_ = {-1, -1};
};

}  // namespace fathom::tui
