// Cells for terminals that show no character outside of ASCII.
#pragma once

#include "tui/cell.h"

namespace fathom::tui {

// The same in ASCII: lines as `-`, `|` and `+`, arrows as `>`, what has no likeness as `?`. It
// takes as many columns as before.
Cell AsciiCell(const Cell& cell);

}  // namespace fathom::tui
