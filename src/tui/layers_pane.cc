// The layers, one a row: which ones the tree compares, their sizes, waste, changes, instruction.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/units.h"
#include "tui/details.h"
#include "tui/text_width.h"
#include "tui/view_parts.h"

namespace fathom::tui {
namespace {

constexpr int kBarColumns = 8;

// Which columns there is room for.
struct Shown {
  bool compressed;
  bool bar;
  bool changes;
};

Shown Fitting(int columns) { return {columns >= 84, columns >= 44, columns >= 64}; }

// The part that a layer plays in what the tree shows: it is among those whose change is shown, or
// among those that they are compared with.
Span Mark(const State& state, size_t layer) {
  if (state.mode == Mode::kFinal) {
    return {"▌", Role::kFaint};
  }
  size_t first = state.layer();
  size_t last = first;
  if (state.mode == Mode::kAggregate) {
    first = std::min<size_t>(1, last);
  } else if (state.mode == Mode::kRange) {
    first = std::min(state.marked_layer, last);
    last = std::max(state.marked_layer, last);
  }
  if (layer >= first && layer <= last) {
    return {"▌", Role::kModified};
  }
  return layer < first ? Span{"▌", Role::kAdded} : Span{" ", Role::kText};
}

// A layer's bytes as a bar beside the largest layer's, of which the wasted ones stand out.
void PutBar(Canvas& canvas, Point at, const tree::LayerNumbers& numbers, uint64_t largest,
            const Rect& clip) {
  const auto eighths = [&](uint64_t bytes) {
    const double part =
        largest == 0 ? 0 : static_cast<double>(bytes) / static_cast<double>(largest);
    const int count = static_cast<int>(std::lround(part * kBarColumns * 8));
    return bytes > 0 ? std::max(count, 1) : 0;
  };
  constexpr std::array<std::string_view, 9> kParts = {" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"};
  const int wasted = eighths(numbers.wasted_here_bytes);
  const int stored = std::max(eighths(numbers.stored_bytes), wasted);
  for (int x = 0; x < kBarColumns; ++x) {
    const bool is_waste = x * 8 < wasted;
    const int filled = std::clamp((is_waste ? wasted : stored) - x * 8, 0, 8);
    canvas.Put({at.x + x, at.y}, kParts[static_cast<size_t>(filled)],
               is_waste ? Role::kWaste : Role::kBar, clip);
  }
}

std::string Progress(const LayerLoad& load, const image::Layer& layer) {
  if (load.read) {
    return "";
  }
  if (load.bytes_read == 0) {
    return "…";
  }
  return layer.size && *layer.size > 0
             ? fmt::format("{} %", std::min<uint64_t>(100 * load.bytes_read / *layer.size, 100))
             : HumanBytes(load.bytes_read);
}

class Rows {
 public:
  Rows(const State& state, const Rect& body, Canvas& canvas)
      : state_(state), body_(body), canvas_(canvas), shown_(Fitting(body.columns)) {
    const Subject& subject = state.subject;
    for (size_t i = 0; i < subject.tree_layers; ++i) {
      largest_ = std::max(largest_, subject.tree->tree->numbers(i).stored_bytes);
    }
  }

  void DrawHeading() {
    Begin(body_.y);
    Put("  #  ", Role::kHeading);
    if (shown_.compressed) {
      Put(fmt::format("{:>10} ", "compressed"), Role::kHeading);
    }
    Put(fmt::format("{:>8} ", "stored"), Role::kHeading);
    if (shown_.bar) {
      Put(fmt::format("{:<{}} ", "waste", kBarColumns), Role::kHeading);
    }
    if (shown_.changes) {
      Put(fmt::format("{:>6} {:>6} {:>6} ", "+", "~", "-"), Role::kHeading);
    }
    Put("instruction", Role::kHeading);
  }

  void DrawLayer(size_t layer, int y) {
    Begin(y);
    const Span mark = Mark(state_, layer);
    Put(mark.text, mark.role);
    Put(fmt::format("{:>3} ", layer), Role::kText);
    const image::Layer& facts = state_.subject.image->layers[layer];
    if (shown_.compressed) {
      Put(fmt::format("{:>10} ", facts.size ? HumanBytes(*facts.size) : ""), Role::kText);
    }
    if (state_.subject.tree_layers > layer) {
      DrawNumbers(state_.subject.tree->tree->numbers(layer));
    } else {
      DrawProgress(layer, facts);
    }
    Put(ShortInstruction(state_, layer), Role::kText);
  }

 private:
  void Begin(int y) { at_ = {body_.x, y}; }
  void Put(std::string_view text, Role role) { at_.x = canvas_.Put(at_, text, role, body_); }

  void DrawNumbers(const tree::LayerNumbers& numbers) {
    Put(fmt::format("{:>8} ", HumanBytes(numbers.stored_bytes)), Role::kText);
    if (shown_.bar) {
      PutBar(canvas_, at_, numbers, largest_, body_);
      at_.x += kBarColumns + 1;
    }
    if (shown_.changes) {
      const auto put = [&](uint64_t count, Role role) {
        Put(fmt::format("{:>6} ", count), count > 0 ? role : Role::kFaint);
      };
      put(numbers.added, Role::kAdded);
      put(numbers.modified, Role::kModified);
      put(numbers.removed, Role::kRemoved);
    }
  }

  void DrawProgress(size_t layer, const image::Layer& facts) {
    const LayerLoad& load = state_.subject.layers[layer];
    const std::string text = load.read ? "read" : Progress(load, facts);
    Put(fmt::format("{:>8} ", text), Role::kFaint);
    at_.x += (shown_.bar ? kBarColumns + 1 : 0) + (shown_.changes ? 21 : 0);
  }

  const State& state_;
  const Rect& body_;
  Canvas& canvas_;
  const Shown shown_;
  uint64_t largest_ = 0;
  Point at_;
};

}  // namespace

void DrawLayers(const State& state, const PaneRect& rect, Canvas& canvas) {
  const bool active = state.pane == Pane::kLayers;
  const size_t layers = state.subject.layers.size();
  const std::string note = layers == 0 ? "" : fmt::format("{} of {}", state.layer() + 1, layers);
  DrawPaneTitle(canvas, rect.all, "Layers", note, active);
  Rows rows(state, rect.body, canvas);
  rows.DrawHeading();
  for (int y = 1; y < rect.body.rows; ++y) {
    const size_t layer = state.layers.top() + static_cast<size_t>(y - 1);
    if (layer >= layers) {
      break;
    }
    rows.DrawLayer(layer, rect.body.y + y);
    if (layer == state.layer()) {
      canvas.Select({rect.body.x + 1, rect.body.y + y}, active ? rect.body.columns - 1 : 4);
    }
  }
}

}  // namespace fathom::tui
