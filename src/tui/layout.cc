#include "tui/layout.h"

#include <algorithm>

namespace fathom::tui {
namespace {

constexpr int kLeastPane = 5;        // rows of a pane of details: its title and four lines
constexpr int kDetailsOneEach = 12;  // rows below the layers for each further pane of details

PaneRect PaneAt(const Rect& all) { return {all, {all.x, all.y + 1, all.columns, all.rows - 1}}; }

// How many panes of details stand below each other in so many rows.
int DetailPanes(int rows) { return std::clamp(rows / kDetailsOneEach, 1, 3); }

// The layers take what they need, at most 45 % as long as there are details to show.
int LayerRows(const State& state, int rows) {
  const int needed = static_cast<int>(state.subject.layers.size()) + 2;
  const int most = std::max(rows * 45 / 100, std::min(rows - kLeastPane, kLeastPane + 1));
  return std::clamp(needed, std::min(kLeastPane, most), most);
}

// The panes of details in their order; of those that do not fit, the chosen one is among the shown.
void ArrangeDetails(const State& state, const Rect& area, Layout& layout) {
  constexpr std::array kDetails = {Pane::kLayerDetails, Pane::kImageDetails, Pane::kRemarks};
  const int count = DetailPanes(area.rows);
  const auto chosen =
      static_cast<int>(std::ranges::find(kDetails, state.details) - kDetails.begin());
  const int first = std::clamp(chosen - count + 1, 0, 3 - count);
  int y = area.y;
  for (int i = 0; i < count; ++i) {
    const int rows = (area.y + area.rows - y) / (count - i);
    layout
        .panes[static_cast<size_t>(kDetails[static_cast<size_t>(first) + static_cast<size_t>(i)])] =
        PaneAt({area.x, y, area.columns, rows});
    y += rows;
  }
}

void ArrangePanes(const State& state, const Rect& area, Layout& layout) {
  if (state.zoomed) {
    layout.panes[static_cast<size_t>(state.pane)] = PaneAt(area);
    return;
  }
  const int most_left = std::max(area.columns - 1 - kLeastRight, area.columns / 3);
  const int left = std::clamp(static_cast<int>(state.preferences.split * area.columns),
                              std::min(kLeastLeft, most_left), most_left);
  layout.split = area.x + left;
  layout.panes[static_cast<size_t>(Pane::kTree)] =
      PaneAt({layout.split + 1, area.y, area.columns - left - 1, area.rows});
  const int layer_rows = LayerRows(state, area.rows);
  layout.panes[static_cast<size_t>(Pane::kLayers)] = PaneAt({area.x, area.y, left, layer_rows});
  ArrangeDetails(state, {area.x, area.y + layer_rows, left, area.rows - layer_rows}, layout);
}

}  // namespace

Layout Arrange(const State& state) {
  const Size screen = state.screen;
  Layout layout;
  layout.title = {0, 0, screen.columns, std::min(screen.rows, 1)};
  layout.status = {0, screen.rows - 1, screen.columns, screen.rows > 1 ? 1 : 0};
  const bool prompts = state.prompt.has_value() || !state.tree.settings().filter.empty();
  layout.prompt = {0, screen.rows - 2, screen.columns, prompts && screen.rows > 4 ? 1 : 0};
  const Rect area = {0, 1, screen.columns, screen.rows - 2 - layout.prompt.rows};
  ArrangePanes(state, area, layout);
  layout.overlay = area;
  layout.file = {area.x, area.y + 1, area.columns, area.rows - 1};
  return layout;
}

Attributes FittingAttributes(Attributes wanted, int columns) {
  if (wanted == Attributes::kAll && columns < 64) {
    wanted = Attributes::kSizes;
  }
  return wanted == Attributes::kSizes && columns < 34 ? Attributes::kNone : wanted;
}

}  // namespace fathom::tui
