#include <algorithm>

#include "tui/layout.h"
#include "tui/update_parts.h"

namespace fathom::tui {
namespace {

constexpr ptrdiff_t kWheelRows = 3;

std::optional<Pane> PaneAt(const Layout& layout, Point point) {
  for (size_t pane = 0; pane < kPaneCount; ++pane) {
    if (layout.panes[pane].all.Has(point)) {
      return static_cast<Pane>(pane);
    }
  }
  return std::nullopt;
}

void Wheel(State& state, const Layout& layout, const Mouse& mouse, Effects& effects) {
  const ptrdiff_t rows = mouse.kind == Mouse::Kind::kWheelUp ? -kWheelRows : kWheelRows;
  if (state.help) {
    state.help_lines.ScrollBy(rows);
  } else if (state.overlay) {
    state.overlay->cursor.ScrollBy(rows);
  } else if (state.file) {
    state.file->pager.MoveLines(static_cast<int>(rows));
  } else if (const auto pane = PaneAt(layout, mouse.at)) {
    switch (*pane) {
      case Pane::kTree:
        state.tree.ScrollBy(rows);
        break;
      case Pane::kLayers:
        MoveCursor(state, Pane::kLayers, rows > 0 ? 1 : -1, effects);
        break;
      default:
        state.lines[static_cast<size_t>(*pane)].ScrollBy(rows);
    }
  }
}

// Chooses a row; a second click on the same row opens it.
void ClickInTree(State& state, int row, Effects& effects) {
  const size_t index = state.tree.top() + static_cast<size_t>(row);
  if (index >= state.tree.size()) {
    return;
  }
  if (state.pane == Pane::kTree && index == state.tree.cursor()) {
    PressInTree(state, Action::kOpen, effects);
  }
  state.pane = Pane::kTree;
  if (!state.file) {
    state.tree.MoveTo(std::min(index, state.tree.size() - 1));
  }
}

void ClickInPane(State& state, const Layout& layout, Pane pane, Point at, Effects& effects) {
  const bool has_heading = pane == Pane::kTree || pane == Pane::kLayers;
  const int row = at.y - layout.of(pane).body.y - (has_heading ? 1 : 0);
  if (row < 0) {
    Focus(state, pane);
    return;
  }
  if (pane == Pane::kTree) {
    ClickInTree(state, row, effects);
    return;
  }
  const bool had_keys = state.pane == pane;
  Focus(state, pane);
  if (pane == Pane::kLayers) {
    SelectLayer(state, state.layers.top() + static_cast<size_t>(row), effects);
    return;
  }
  ListCursor& lines = state.lines[static_cast<size_t>(pane)];
  const size_t index = lines.top() + static_cast<size_t>(row);
  const bool again = had_keys && index == lines.at();
  lines.MoveTo(index);
  if (again) {
    PressInPanes(state, Action::kOpen, effects);
  }
}

void Click(State& state, const Layout& layout, const Mouse& mouse, Effects& effects) {
  state.notice = {};
  if (state.help) {
    state.help = layout.overlay.Has(mouse.at);
  } else if (state.overlay) {
    ListCursor& cursor = state.overlay->cursor;
    const int row = mouse.at.y - layout.overlay.y - 1;
    if (!layout.overlay.Has(mouse.at)) {
      state.overlay.reset();
    } else if (row >= 0) {
      const size_t index = cursor.top() + static_cast<size_t>(row);
      const bool again = index == cursor.at();
      cursor.MoveTo(index);
      if (again) {
        PressInList(state, Action::kOpen, effects);
      }
    }
  } else if (!state.file && !state.prompt) {
    state.dragging = mouse.at.x == layout.split;
    if (const auto pane = PaneAt(layout, mouse.at); pane && !state.dragging) {
      ClickInPane(state, layout, *pane, mouse.at, effects);
    }
  }
}

}  // namespace

void PointAt(State& state, const Mouse& mouse, Effects& effects) {
  const Layout layout = Arrange(state);
  switch (mouse.kind) {
    case Mouse::Kind::kWheelUp:
    case Mouse::Kind::kWheelDown:
      Wheel(state, layout, mouse, effects);
      break;
    case Mouse::Kind::kPress:
      if (mouse.button == 1) {
        Click(state, layout, mouse, effects);
      }
      break;
    case Mouse::Kind::kDrag:
      if (state.dragging && state.screen.columns > 0) {
        state.preferences.split =
            std::clamp(static_cast<double>(mouse.at.x) / state.screen.columns, 0.1, 0.9);
      }
      break;
    case Mouse::Kind::kRelease:
      state.dragging = false;
      break;
  }
}

}  // namespace fathom::tui
