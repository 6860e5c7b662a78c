#include <algorithm>
#include <utility>

#include "tui/details.h"
#include "tui/layout.h"
#include "tui/update_parts.h"

namespace fathom::tui {
namespace {

// Layers whose change the tree shows.
tree::Range RangeOf(const State& state) {
  const size_t layer = state.layer();
  switch (state.mode) {
    case Mode::kAggregate:
      return {std::min<size_t>(1, layer), layer};
    case Mode::kRange:
      return {std::min(state.marked_layer, layer), std::max(state.marked_layer, layer)};
    case Mode::kFinal:
      return {state.subject.tree_layers, state.subject.tree_layers - 1};
    case Mode::kChanges:
      break;
  }
  return {layer, layer};
}

bool IsRead(const Subject& subject, size_t layer) {
  return layer < subject.layers.size() && subject.layers[layer].read;
}

}  // namespace

void ShowTree(State& state, Effects& effects) {
  const Subject& subject = state.subject;
  const size_t layer = state.layer();
  const tree::Range range = RangeOf(state);
  const bool had_lone =
      subject.lone_tree != nullptr && state.tree.tree() == subject.lone_tree->tree.get();
  if (subject.tree_layers > range.last && subject.tree != nullptr) {
    const tree::Range shown = state.tree.range();
    const bool changed = state.tree.tree() != subject.tree->tree.get() ||
                         shown.first != range.first || shown.last != range.last;
    if (changed) {
      state.tree.Show(subject.tree, range,
                      had_lone ? TreeView::Nodes::kOther : TreeView::Nodes::kSame);
    }
  } else if (subject.lone_tree != nullptr && subject.lone_layer == layer) {
    if (!had_lone) {
      state.tree.Show(subject.lone_tree, {0, 0}, TreeView::Nodes::kOther);
    }
  } else {
    state.tree.Clear();
    if (IsRead(subject, layer)) {
      effects.emplace_back(MakeLoneTree{NewTicket(state, ""), layer});
    }
  }
}

void SelectLayer(State& state, size_t layer, Effects& effects) {
  state.layers.MoveTo(layer);
  ShowTree(state, effects);
}

void SetMode(State& state, Mode mode, Effects& effects) {
  state.mode = mode;
  ShowTree(state, effects);
}

void GoTo(State& state, const Place& place, Effects& effects) {
  if (place.layer) {
    state.layers.MoveTo(*place.layer);
    state.mode = Mode::kChanges;
  }
  ShowTree(state, effects);
  state.pane = Pane::kTree;
  if (state.tree.MoveToNode(place.node)) {
    return;
  }
  TreeSettings settings = state.tree.settings();
  settings.filter = {};
  std::ranges::fill(settings.hidden, false);
  state.tree.Set(std::move(settings));
  if (state.tree.MoveToNode(place.node)) {
    Say(state, "the filter was dropped to show this");
  } else {
    Complain(state, "it is not in this view of the tree");
  }
}

void Settle(State& state) {
  const size_t layers = state.subject.layers.size();
  state.layers.SetSize(layers);
  const Layout layout = Arrange(state);
  const auto height = [](const Rect& rect) { return static_cast<size_t>(std::max(rect.rows, 1)); };
  const Rect& layer_rows = layout.of(Pane::kLayers).body;
  state.layers.SetHeight(height({0, 0, 0, layer_rows.rows - 1}));  // below the names of the columns
  const Rect& tree_rows = layout.of(Pane::kTree).body;
  state.tree.SetHeight(height({0, 0, 0, tree_rows.rows - 1}));
  for (const Pane pane : {Pane::kLayerDetails, Pane::kImageDetails, Pane::kRemarks}) {
    if (const PaneRect& rect = layout.of(pane); rect.shown()) {
      ListCursor& lines = state.lines[static_cast<size_t>(pane)];
      RefreshDetails(state, pane, rect.body.columns);
      lines.SetHeight(height(rect.body));
      lines.SetSize(state.details_lines[static_cast<size_t>(pane)].lines.size());
    }
  }
  if (state.overlay) {
    state.overlay->cursor.SetHeight(height({0, 0, 0, layout.overlay.rows - 1}));
    state.overlay->cursor.SetSize(state.overlay->lines.size());
  }
  if (state.help) {
    state.help_lines.SetHeight(height({0, 0, 0, layout.overlay.rows - 1}));
    state.help_lines.SetSize(HelpLines(state).size());
  }
  if (state.file) {
    state.file->pager.SetArea({layout.file.columns, layout.file.rows});
  }
}

void Learn(State& state, ImageKnown& event, Effects& effects) {
  Subject& subject = state.subject;
  const auto same = [](const image::Layer& a, const image::Layer& b) {
    return a.diff_id == b.diff_id;
  };
  // The same layers may be told again, with what was learned by reading them.
  if (subject.image == nullptr ||
      !std::ranges::equal(subject.image->layers, event.image->layers, same)) {
    subject.layers.assign(event.image->layers.size(), {});
    subject.tree = nullptr;
    subject.tree_layers = 0;
  }
  subject.image = std::move(event.image);
  ++subject.revision;
  state.layers.SetSize(subject.layers.size());
  ShowTree(state, effects);
}

void Learn(State& state, const LayerRead& event, Effects& effects) {
  Subject& subject = state.subject;
  if (event.layer >= subject.layers.size()) {
    return;
  }
  subject.layers[event.layer].read = true;
  subject.layers[event.layer].cached = event.cached;
  ++subject.revision;
  if (event.layer == state.layer() && state.tree.tree() == nullptr) {
    ShowTree(state, effects);
  }
}

void Learn(State& state, const BytesRead& event) {
  Subject& subject = state.subject;
  subject.bytes_read = event.all;
  for (size_t i = 0; i < std::min(event.of_layers.size(), subject.layers.size()); ++i) {
    subject.layers[i].bytes_read = event.of_layers[i];
  }
}

void Learn(State& state, TreeGrown& event, Effects& effects) {
  if (state.subject.complete()) {
    return;
  }
  state.subject.tree = std::move(event.tree);
  state.subject.tree_layers = event.layers;
  ++state.subject.revision;
  ShowTree(state, effects);
}

void Learn(State& state, Analyzed& event, Effects& effects) {
  Subject& subject = state.subject;
  subject.analysis = std::move(event.analysis);
  subject.facts = std::move(event.facts);
  subject.tree = std::move(event.tree);
  subject.tree_layers = subject.analysis->tree.layer_count();
  subject.layers.resize(subject.tree_layers);
  for (LayerLoad& layer : subject.layers) {
    layer.read = true;
  }
  ++subject.revision;
  ShowTree(state, effects);
  subject.lone_tree = nullptr;
}

void Learn(State& state, const ReadingFailed& event) {
  state.subject.failure = event.message;
  ++state.subject.revision;
  // Without an image there is nothing to look at: the message is for the shell.
  state.quits = state.subject.image == nullptr;
  Complain(state, event.message);
}

void Learn(State& state, LoneTreeMade& event, Effects& effects) {
  if (event.ticket != state.waiting_for || state.subject.complete()) {
    return;
  }
  state.waiting_for = 0;
  state.subject.lone_tree = std::move(event.tree);
  state.subject.lone_layer = event.layer;
  state.tree.Clear();
  ShowTree(state, effects);
}

}  // namespace fathom::tui
