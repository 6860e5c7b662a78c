#include <algorithm>
#include <array>

#include "tui/update_parts.h"

namespace fathom::tui {
namespace {

constexpr std::array kLeftPanes = {Pane::kLayers, Pane::kLayerDetails, Pane::kImageDetails,
                                   Pane::kRemarks};

// To the next or previous pane of the left column, around the ends.
void CycleLeft(State& state, int step) {
  const auto at = static_cast<int>(std::ranges::find(kLeftPanes, state.pane) - kLeftPanes.begin());
  const auto count = static_cast<int>(kLeftPanes.size());
  Focus(state, kLeftPanes[static_cast<size_t>((at + step + count) % count)]);
}

void Resplit(State& state, double by) {
  state.preferences.split = std::clamp(state.preferences.split + by, 0.1, 0.9);
}

// Of a pane that is not the tree, which pages by itself.
ptrdiff_t PageOf(const State& state, Pane pane) {
  const size_t height = pane == Pane::kLayers ? state.layers.height()
                                              : state.lines[static_cast<size_t>(pane)].height();
  return static_cast<ptrdiff_t>(std::max<size_t>(height, 2)) - 1;
}

// Farther than any list is long.
constexpr ptrdiff_t kFar = PTRDIFF_MAX / 4;

// Esc takes away what is there, one thing after another; it never quits.
void Back(State& state) {
  if (!state.tree.settings().filter.empty()) {
    TreeSettings settings = state.tree.settings();
    settings.filter = {};
    state.tree.Set(std::move(settings));
  } else if (state.zoomed) {
    state.zoomed = false;
  } else if (state.pane != Pane::kLayers) {
    Focus(state, Pane::kLayers);
  }
}

void OpenInDetails(State& state, Effects& effects) {
  const auto pane = static_cast<size_t>(state.pane);
  const std::vector<TextLine>& lines = state.details_lines[pane].lines;
  const size_t at = state.lines[pane].at();
  if (at < lines.size() && lines[at].place) {
    GoTo(state, *lines[at].place, effects);
  } else {
    Say(state, "this line leads nowhere; Enter on a path goes to its place in the tree");
  }
}

void CopyLine(State& state, Effects& effects) {
  const auto pane = static_cast<size_t>(state.pane);
  const std::vector<TextLine>& lines = state.details_lines[pane].lines;
  const size_t at = state.lines[pane].at();
  if (at < lines.size()) {
    effects.emplace_back(CopyText{lines[at].copy.empty() ? lines[at].Text() : lines[at].copy});
    Say(state, "copied");
  }
}

bool PressModes(State& state, Action action, Effects& effects) {
  switch (action) {
    case Action::kShowChanges:
      SetMode(state, Mode::kChanges, effects);
      return true;
    case Action::kShowAggregate:
      SetMode(state, Mode::kAggregate, effects);
      return true;
    case Action::kShowRange:
      SetMode(state, Mode::kRange, effects);
      return true;
    case Action::kShowFinal:
      SetMode(state, Mode::kFinal, effects);
      return true;
    case Action::kMarkLayer:
      state.marked_layer = state.layer();
      SetMode(state, Mode::kRange, effects);
      Say(state, "the range begins here; choose the layer that it ends with");
      return true;
    default:
      return false;
  }
}

bool PressMoves(State& state, Action action, Effects& effects) {
  const auto move = [&](ptrdiff_t rows) { MoveCursor(state, state.pane, rows, effects); };
  switch (action) {
    case Action::kUp:
      move(-1);
      return true;
    case Action::kDown:
      move(1);
      return true;
    case Action::kPageUp:
    case Action::kPageDown: {
      const ptrdiff_t pages = action == Action::kPageUp ? -1 : 1;
      if (state.pane == Pane::kTree) {
        state.tree.PageBy(pages);
      } else {
        move(pages * PageOf(state, state.pane));
      }
      return true;
    }
    case Action::kTop:
      move(-kFar);
      return true;
    case Action::kBottom:
      move(kFar);
      return true;
    case Action::kPreviousLayer:
      MoveCursor(state, Pane::kLayers, -1, effects);
      return true;
    case Action::kNextLayer:
      MoveCursor(state, Pane::kLayers, 1, effects);
      return true;
    default:
      return false;
  }
}

bool PressWindows(State& state, Action action) {
  switch (action) {
    case Action::kNextPane:
      Focus(state, state.pane == Pane::kTree ? Pane::kLayers : Pane::kTree);
      return true;
    case Action::kPreviousPane:
      state.pane == Pane::kTree ? Focus(state, state.details) : CycleLeft(state, -1);
      return true;
    case Action::kLeft:
      CycleLeft(state, -1);
      return true;
    case Action::kRight:
      CycleLeft(state, 1);
      return true;
    case Action::kSplitLeft:
      Resplit(state, -0.03);
      return true;
    case Action::kSplitRight:
      Resplit(state, 0.03);
      return true;
    case Action::kZoom:
      state.zoomed = !state.zoomed;
      return true;
    case Action::kBack:
      Back(state);
      return true;
    default:
      return false;
  }
}

}  // namespace

void Focus(State& state, Pane pane) {
  state.pane = pane;
  if (pane != Pane::kLayers && pane != Pane::kTree) {
    state.details = pane;
  }
}

void MoveCursor(State& state, Pane pane, ptrdiff_t rows, Effects& effects) {
  if (pane == Pane::kTree) {
    state.tree.MoveBy(rows);
  } else if (pane == Pane::kLayers) {
    const size_t before = state.layer();
    state.layers.MoveBy(rows);
    if (state.layer() != before) {
      ShowTree(state, effects);
    }
  } else {
    state.lines[static_cast<size_t>(pane)].MoveBy(rows);
  }
}

void PressInPanes(State& state, Action action, Effects& effects) {
  // In the tree some keys mean something else than in the other panes.
  if (state.pane == Pane::kTree && PressInTree(state, action, effects)) {
    return;
  }
  if (PressMoves(state, action, effects) || PressModes(state, action, effects) ||
      PressWindows(state, action)) {
    return;
  }
  switch (action) {
    case Action::kOpen:
      state.pane == Pane::kLayers ? Focus(state, Pane::kTree) : OpenInDetails(state, effects);
      break;
    case Action::kListHidden:
      ListHidden(state);
      break;
    case Action::kFilter:
      BeginPrompt(state, Prompt::Purpose::kFilter, state.tree.settings().filter.text());
      break;
    case Action::kFind:
      BeginPrompt(state, Prompt::Purpose::kFind);
      break;
    case Action::kNextMatch:
    case Action::kPreviousMatch:
      if (!state.tree.MoveToMatch(action == Action::kNextMatch)) {
        Say(state, "nothing matches; a filter says what is looked for");
      }
      break;
    case Action::kCopyPath:
      CopyLine(state, effects);
      break;
    default:
      break;
  }
}

}  // namespace fathom::tui
