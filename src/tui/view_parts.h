// The parts that view.cc is made of, one file for each pane.
#pragma once

#include "tui/canvas.h"
#include "tui/layout.h"
#include "tui/state.h"

namespace fathom::tui {

void DrawLayers(const State& state, const PaneRect& rect, Canvas& canvas);
void DrawDetails(const State& state, Pane pane, const PaneRect& rect, Canvas& canvas);
void DrawTree(const State& state, const PaneRect& rect, Canvas& canvas);
void DrawOverlay(const Overlay& overlay, const Rect& rect, Canvas& canvas);
void DrawHelp(const State& state, const Rect& rect, Canvas& canvas);
void DrawFile(const State& state, const Layout& layout, Canvas& canvas);
void DrawPrompt(const State& state, const Layout& layout, Canvas& canvas);
void DrawStatus(const State& state, const Layout& layout, Canvas& canvas);

// The line above a pane: its title, in bright where it has the keys, and a note at the right.
void DrawPaneTitle(Canvas& canvas, const Rect& all, std::string_view title, std::string_view note,
                   bool active);

// The spans of a line from left to right. Returns the column behind the last one.
int PutLine(Canvas& canvas, Point at, const TextLine& line, const Rect& clip);

// Lines with a cursor; `active` when the keys go there.
void DrawLines(Canvas& canvas, const Rect& body, std::span<const TextLine> lines,
               const ListCursor& cursor, bool active);

}  // namespace fathom::tui
