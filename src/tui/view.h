// The explorer's state as a screen.
#pragma once

#include "tui/canvas.h"
#include "tui/layout.h"
#include "tui/state.h"

namespace fathom::tui {

Canvas Draw(const State& state);

// The rows of the tree that fit into `height`, from the one at the top: attributes, branches, name.
// `dive` is how dive lays them out. For tests and for drawing.
std::vector<TextLine> TreeLines(const TreeView& view, size_t height, Attributes attributes,
                                bool dive);

}  // namespace fathom::tui
