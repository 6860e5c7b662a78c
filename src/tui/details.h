// What the panes of details and the help say, line by line.
#pragma once

#include "tree/find.h"
#include "tui/state.h"

namespace fathom::tui {

// Makes the lines of a pane anew where what they are made of has changed.
void RefreshDetails(State& state, Pane pane, int columns);

// The lines of the help screen, from the table of keys.
std::vector<TextLine> HelpLines(const State& state);

// A layer's instruction on one line: without the shell in front of it.
std::string ShortInstruction(const State& state, size_t layer);

// A path that a search found, and which layers added, changed and removed it.
TextLine MatchLine(const tree::FileTree& tree, const tree::Match& match);

Role RoleOf(tree::Change change);

// "layer 3", "all layers up to 3", "layers 2 to 5", "the final file system"
std::string ModeText(const State& state);

}  // namespace fathom::tui
