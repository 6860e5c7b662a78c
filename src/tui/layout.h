// Where everything is on the screen.
#pragma once

#include <array>

#include "tui/state.h"

namespace fathom::tui {

// A pane: a line with its title, and below it what it shows.
struct PaneRect {
  Rect all;
  Rect body;
  bool shown() const { return !all.empty(); }
};

struct Layout {
  Rect title;                              // of the screen
  std::array<PaneRect, kPaneCount> panes;  // of each Pane
  int split = -1;  // the column between left and right; -1 when there is none
  Rect prompt;     // what is being typed, above the status; may be empty
  Rect status;
  Rect overlay;  // list, help
  Rect file;     // the pager's content

  const PaneRect& of(Pane pane) const { return panes[static_cast<size_t>(pane)]; }
};

Layout Arrange(const State& state);

// How many columns the left one has at least, where there is room.
inline constexpr int kLeastLeft = 24;
inline constexpr int kLeastRight = 36;

// Columns before the names of the tree, in a pane of this width.
Attributes FittingAttributes(Attributes wanted, int columns);

}  // namespace fathom::tui
