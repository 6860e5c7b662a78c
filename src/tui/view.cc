#include "tui/view.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "base/units.h"
#include "tui/details.h"
#include "tui/text_width.h"
#include "tui/view_parts.h"

namespace fathom::tui {
namespace {

// What the image is and what is wrong with it, or how far its reading is.
std::string Summary(const Subject& subject) {
  if (!subject.failure.empty()) {
    return "could not be read";
  }
  if (subject.complete()) {
    const tree::Summary& summary = subject.analysis->summary;
    const size_t layers = subject.layers.size();
    return fmt::format("{} layer{}  {} stored  {} wasted  efficiency {:.1f} %", layers,
                       layers == 1 ? "" : "s", HumanBytes(summary.stored_bytes),
                       HumanBytes(summary.wasted_bytes()), 100 * summary.efficiency());
  }
  if (subject.image == nullptr) {
    return subject.bytes_read == 0 ? "opening" : "reading  " + HumanBytes(subject.bytes_read);
  }
  const auto read = std::ranges::count_if(subject.layers, &LayerLoad::read);
  return fmt::format("reading  {} of {} layers  {}", read, subject.layers.size(),
                     HumanBytes(subject.bytes_read));
}

void DrawTitle(const State& state, const Rect& rect, Canvas& canvas) {
  const Subject& subject = state.subject;
  const std::string summary = Summary(subject);
  const int room = rect.columns - Columns(summary) - 4;
  std::string name = " fathom  " + Printable(subject.name);
  if (subject.image != nullptr && room > Columns(name) + 16) {
    name += "  " + Printable(subject.image->config.platform.ToString());
  }
  canvas.Put({rect.x, rect.y}, ClipEnd(name, std::max(room, 0)), Role::kActiveTitle, rect);
  canvas.Put({rect.x + rect.columns - Columns(summary) - 1, rect.y}, summary,
             subject.failure.empty() ? Role::kText : Role::kError, rect);
}

void DrawPanes(const State& state, const Layout& layout, Canvas& canvas) {
  if (layout.split >= 0) {
    for (int y = layout.of(Pane::kTree).all.y; y < canvas.size().rows - 1; ++y) {
      canvas.Put({layout.split, y}, "│", state.dragging ? Role::kActiveBorder : Role::kBorder);
    }
  }
  for (size_t i = 0; i < kPaneCount; ++i) {
    const auto pane = static_cast<Pane>(i);
    const PaneRect& rect = layout.panes[i];
    if (!rect.shown()) {
      continue;
    }
    if (pane == Pane::kLayers) {
      DrawLayers(state, rect, canvas);
    } else if (pane == Pane::kTree) {
      DrawTree(state, rect, canvas);
    } else {
      DrawDetails(state, pane, rect, canvas);
    }
  }
}

}  // namespace

Canvas Draw(const State& state) {
  const Layout layout = Arrange(state);
  Canvas canvas(state.screen);
  DrawTitle(state, layout.title, canvas);
  if (state.file) {
    DrawFile(state, layout, canvas);
  } else {
    DrawPanes(state, layout, canvas);
  }
  if (state.overlay) {
    DrawOverlay(*state.overlay, layout.overlay, canvas);
  }
  if (state.help) {
    DrawHelp(state, layout.overlay, canvas);
  }
  DrawPrompt(state, layout, canvas);
  DrawStatus(state, layout, canvas);
  return canvas;
}

int PutLine(Canvas& canvas, Point at, const TextLine& line, const Rect& clip) {
  for (const Span& span : line.spans) {
    at.x = canvas.Put(at, span.text, span.role, clip);
  }
  return at.x;
}

void DrawPaneTitle(Canvas& canvas, const Rect& all, std::string_view title, std::string_view note,
                   bool active) {
  const Role border = active ? Role::kActiveBorder : Role::kBorder;
  const Rect line = {all.x, all.y, all.columns, 1};
  for (int x = 0; x < all.columns; ++x) {
    canvas.Put({all.x + x, all.y}, active ? "━" : "─", border, line);
  }
  const std::string text = fmt::format(" {}{} ", active ? "● " : "", title);
  const int end = canvas.Put({all.x + 1, all.y}, ClipEnd(text, all.columns - 2),
                             active ? Role::kActiveTitle : Role::kTitle, line);
  const int room = all.x + all.columns - 1 - end - 1;
  if (!note.empty() && room > 4) {
    const std::string shown = ClipEnd(fmt::format(" {} ", note), room);
    canvas.Put({all.x + all.columns - 1 - Columns(shown), all.y}, shown, Role::kFaint, line);
  }
}

void DrawLines(Canvas& canvas, const Rect& body, std::span<const TextLine> lines,
               const ListCursor& cursor, bool active) {
  for (int y = 0; y < body.rows; ++y) {
    const size_t index = cursor.top() + static_cast<size_t>(y);
    if (index >= lines.size()) {
      break;
    }
    PutLine(canvas, {body.x + 1, body.y + y}, lines[index], body);
    if (active && index == cursor.at()) {
      canvas.Select({body.x, body.y + y}, body.columns);
    }
  }
}

void DrawDetails(const State& state, Pane pane, const PaneRect& rect, Canvas& canvas) {
  constexpr std::string_view kTitles[] = {"", "Layer details", "Image details", "Findings", ""};
  const auto index = static_cast<size_t>(pane);
  const std::vector<TextLine>& lines = state.details_lines[index].lines;
  const bool active = state.pane == pane;
  const auto rows = static_cast<size_t>(std::max(rect.body.rows, 0));
  const std::string note =
      lines.size() > rows ? fmt::format("{} of {}", state.lines[index].at() + 1, lines.size()) : "";
  DrawPaneTitle(canvas, rect.all, kTitles[index], note, active);
  DrawLines(canvas, rect.body, lines, state.lines[index], active);
}

void DrawOverlay(const Overlay& overlay, const Rect& rect, Canvas& canvas) {
  canvas.Clear(rect);
  const std::string note = overlay.lines.empty() ? ""
                                                 : fmt::format("{} of {}", overlay.cursor.at() + 1,
                                                               overlay.lines.size());
  DrawPaneTitle(canvas, {rect.x, rect.y, rect.columns, 1}, overlay.title, note, true);
  const Rect body = {rect.x, rect.y + 1, rect.columns, rect.rows - 1};
  if (overlay.lines.empty()) {
    canvas.Put({body.x + 2, body.y + 1}, overlay.waiting ? "searching…" : "nothing", Role::kFaint,
               body);
  }
  DrawLines(canvas, body, overlay.lines, overlay.cursor, true);
}

void DrawHelp(const State& state, const Rect& rect, Canvas& canvas) {
  canvas.Clear(rect);
  DrawPaneTitle(canvas, {rect.x, rect.y, rect.columns, 1}, "Keys", "Esc closes", true);
  const std::vector<TextLine> lines = HelpLines(state);
  DrawLines(canvas, {rect.x, rect.y + 1, rect.columns, rect.rows - 1}, lines, state.help_lines,
            true);
}

void DrawFile(const State& state, const Layout& layout, Canvas& canvas) {
  const Pager& pager = state.file->pager;
  const Rect all = {0, layout.file.y - 1, layout.file.columns, layout.file.rows + 1};
  const std::string note = state.busy.empty() ? pager.status() : state.busy + "…";
  DrawPaneTitle(canvas, all, pager.title(), note, true);
  pager.Draw(canvas, layout.file);
}

}  // namespace fathom::tui
