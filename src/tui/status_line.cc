// What is being typed, and the line at the bottom: a notice, or which keys do what here.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "tui/text_width.h"
#include "tui/view_parts.h"

namespace fathom::tui {
namespace {

std::string LabelOf(const Prompt& prompt, const TreeView& tree) {
  switch (prompt.purpose) {
    case Prompt::Purpose::kFilter:
      return "Filter: ";
    case Prompt::Purpose::kFind:
      return "Find in all layers: ";
    case Prompt::Purpose::kSearchContent:
      return "Search: ";
    case Prompt::Purpose::kExtract:
      break;
  }
  const std::string what = prompt.node == tree::kRoot || tree.tree() == nullptr
                               ? "everything"
                               : Printable(tree.tree()->Path(prompt.node));
  return fmt::format("Extract {} to DIRECTORY or FILE.tar: ", ClipFront(what, 24));
}

std::string OptionsNote(const PathFilter& filter, const State& state) {
  const PathFilter::Options& options = state.filter_options;
  std::string note = fmt::format("{}, {} case", options.regex ? "regex" : "plain",
                                 options.ignore_case ? "any" : "this");
  if (!filter.complaint().empty()) {
    note = fmt::format("no regex: {}; taken as plain text", filter.complaint());
  } else if (!filter.empty()) {
    note = fmt::format("{} match{}  {}", state.tree.matches(),
                       state.tree.matches() == 1 ? "" : "es", note);
  }
  return note;
}

// Hints for the keys that matter most here, as many as fit.
void DrawHints(const State& state, const Rect& rect, Canvas& canvas, Context context) {
  int x = rect.x + 1;
  const auto put = [&](const ActionInfo& info) {
    const std::vector<Key> keys = state.preferences.keys.KeysOf(info);
    if (info.hint.empty() || keys.empty()) {
      return;
    }
    const std::string key = KeyName(keys.front());
    const int columns = Columns(key) + 1 + Columns(info.hint) + 2;
    if (x + columns <= rect.x + rect.columns) {
      x = canvas.Put({x, rect.y}, key, Role::kKey, rect);
      x = canvas.Put({x, rect.y}, fmt::format(" {}  ", info.hint), Role::kStatus, rect);
    }
  };
  for (const Context place : {context, Context::kEverywhere}) {
    for (const ActionInfo& info : ActionInfos()) {
      if (info.context == place) {
        put(info);
      }
    }
  }
}

}  // namespace

void DrawPrompt(const State& state, const Layout& layout, Canvas& canvas) {
  const Rect& rect = layout.prompt;
  if (rect.empty()) {
    return;
  }
  canvas.Clear(rect);
  const PathFilter& filter = state.tree.settings().filter;
  if (!state.prompt) {
    canvas.Put({rect.x + 1, rect.y}, "Filter: " + filter.text(), Role::kPrompt, rect);
    const std::string note = OptionsNote(filter, state);
    canvas.Put({rect.x + rect.columns - Columns(note) - 1, rect.y}, note, Role::kFaint, rect);
    return;
  }
  const Prompt& prompt = *state.prompt;
  const std::string label = LabelOf(prompt, state.tree);
  const bool filters = prompt.purpose == Prompt::Purpose::kFilter;
  std::string note;
  if (prompt.purpose != Prompt::Purpose::kExtract) {
    note = OptionsNote(filters ? filter : PathFilter(), state);
  }
  const int note_columns = std::min(Columns(note), rect.columns / 2);
  int x = canvas.Put({rect.x + 1, rect.y}, label, Role::kPrompt, rect);
  // Of a text that is too long the end before the cursor shows.
  const int room = rect.columns - x - note_columns - 3;
  const std::string before =
      ClipFront(Printable(prompt.edit.text().substr(0, prompt.edit.cursor())), std::max(room, 4));
  x = canvas.Put({x, rect.y}, before, Role::kText, rect);
  canvas.SetCursor({std::min(x, canvas.size().columns - 1), rect.y});
  canvas.Put({x, rect.y}, prompt.edit.text().substr(prompt.edit.cursor()), Role::kText,
             {rect.x, rect.y, rect.columns - note_columns - 2, 1});
  canvas.Put({rect.x + rect.columns - note_columns - 1, rect.y}, note,
             filters && !filter.complaint().empty() ? Role::kError : Role::kFaint, rect);
}

void DrawStatus(const State& state, const Layout& layout, Canvas& canvas) {
  const Rect& rect = layout.status;
  if (rect.empty()) {
    return;
  }
  canvas.Clear(rect, Role::kStatus);
  if (!state.notice.text.empty()) {
    canvas.Put({rect.x + 1, rect.y}, ClipEnd(Printable(state.notice.text), rect.columns - 2),
               state.notice.failure ? Role::kError : Role::kNotice, rect);
    return;
  }
  if (!state.busy.empty()) {
    canvas.Put({rect.x + 1, rect.y}, state.busy + "…", Role::kNotice, rect);
    return;
  }
  DrawHints(state, rect, canvas, state.context());
}

}  // namespace fathom::tui
