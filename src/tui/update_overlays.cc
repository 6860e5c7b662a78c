#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "tui/details.h"
#include "tui/update_parts.h"

namespace fathom::tui {
namespace {

constexpr ptrdiff_t kFar = PTRDIFF_MAX / 4;

// Moves of a list; false for any other action.
bool MoveInList(ListCursor& cursor, Action action) {
  const auto page = static_cast<ptrdiff_t>(std::max<size_t>(cursor.height(), 2)) - 1;
  switch (action) {
    case Action::kUp:
      cursor.MoveBy(-1);
      return true;
    case Action::kDown:
      cursor.MoveBy(1);
      return true;
    case Action::kPageUp:
      cursor.MoveBy(-page);
      return true;
    case Action::kPageDown:
      cursor.MoveBy(page);
      return true;
    case Action::kTop:
      cursor.MoveBy(-kFar);
      return true;
    case Action::kBottom:
      cursor.MoveBy(kFar);
      return true;
    default:
      return false;
  }
}

void SetFilter(State& state, PathFilter filter) {
  TreeSettings settings = state.tree.settings();
  settings.filter = std::move(filter);
  state.tree.Set(std::move(settings));
}

// The filter counts while it is typed.
void Filter(State& state) {
  SetFilter(state, PathFilter(state.prompt->edit.text(), state.filter_options));
}

void Accept(State& state, Effects& effects) {
  const Prompt prompt = *std::move(state.prompt);
  state.prompt.reset();
  const std::string& text = prompt.edit.text();
  switch (prompt.purpose) {
    case Prompt::Purpose::kFilter:
      if (!text.empty()) {
        state.pane = Pane::kTree;
      }
      break;
    case Prompt::Purpose::kFind:
      if (state.subject.tree == nullptr) {
        Say(state, "no layer has been read yet");
      } else if (!text.empty()) {
        Overlay overlay;
        overlay.title = fmt::format("Paths that match '{}'", Printable(text));
        overlay.waiting = true;
        state.overlay = std::move(overlay);
        effects.emplace_back(FindPaths{NewTicket(state, "searching"), state.subject.tree,
                                       PathFilter(text, state.filter_options)});
      }
      break;
    case Prompt::Purpose::kExtract:
      if (!text.empty()) {
        effects.emplace_back(ExtractPaths{NewTicket(state, "extracting"), state.subject.tree,
                                          prompt.node, prompt.layer, text});
      }
      break;
    case Prompt::Purpose::kSearchContent:
      if (state.file && !text.empty()) {
        state.file->pager.Search(text, state.filter_options);
      }
      break;
  }
}

void Cancel(State& state) {
  if (state.prompt->purpose == Prompt::Purpose::kFilter) {
    SetFilter(state, state.prompt->before);
  }
  state.prompt.reset();
}

bool HasPattern(const Prompt& prompt) { return prompt.purpose != Prompt::Purpose::kExtract; }

// Alt+C and Alt+R turn case and regular expressions on and off, as in many editors.
bool PressOptions(State& state, const Key& key) {
  PathFilter::Options& options = state.filter_options;
  if (!HasPattern(*state.prompt) || !key.alt || (key.code != 'c' && key.code != 'r')) {
    return false;
  }
  bool& option = key.code == 'c' ? options.ignore_case : options.regex;
  option = !option;
  return true;
}

}  // namespace

void BeginPrompt(State& state, Prompt::Purpose purpose, std::string text) {
  state.prompt = Prompt{purpose, LineEdit(std::move(text)), state.tree.settings().filter};
}

void PressInPrompt(State& state, const Key& key, Effects& effects) {
  const bool filters = state.prompt->purpose == Prompt::Purpose::kFilter;
  if (key == MakeKey(KeyCode::kEnter)) {
    Accept(state, effects);
    return;
  }
  if (key == MakeKey(KeyCode::kEscape) || key == Key{.code = 'c', .ctrl = true}) {
    Cancel(state);
    return;
  }
  const bool moves = key == MakeKey(KeyCode::kUp) || key == MakeKey(KeyCode::kDown);
  if (filters && moves) {
    state.tree.MoveBy(key == MakeKey(KeyCode::kUp) ? -1 : 1);
  } else if ((PressOptions(state, key) || state.prompt->edit.Press(key)) && filters) {
    Filter(state);
  }
}

void PasteIntoPrompt(State& state, const std::string& text, Effects& /*effects*/) {
  if (state.prompt) {
    state.prompt->edit.Insert(text);
    if (state.prompt->purpose == Prompt::Purpose::kFilter) {
      Filter(state);
    }
  }
}

void PressInList(State& state, Action action, Effects& effects) {
  Overlay& overlay = *state.overlay;
  if (MoveInList(overlay.cursor, action)) {
    return;
  }
  const size_t at = overlay.cursor.at();
  const TextLine* line = at < overlay.lines.size() ? &overlay.lines[at] : nullptr;
  switch (action) {
    case Action::kOpen:
      if (line != nullptr && line->place) {
        const Place place = *line->place;
        state.overlay.reset();
        GoTo(state, place, effects);
      }
      break;
    case Action::kCopyPath:
      if (line != nullptr) {
        effects.emplace_back(CopyText{line->copy.empty() ? line->Text() : line->copy});
        Say(state, "copied");
      }
      break;
    case Action::kBack:
    case Action::kLeft:
      state.overlay.reset();
      break;
    case Action::kFind:
      BeginPrompt(state, Prompt::Purpose::kFind);
      break;
    default:
      break;
  }
}

void PressInHelp(State& state, Action action) {
  if (!MoveInList(state.help_lines, action) && action == Action::kBack) {
    state.help = false;
  }
}

void PressInFile(State& state, Action action, Effects& effects) {
  FileShown& file = *state.file;
  Pager& pager = file.pager;
  switch (action) {
    case Action::kUp:
      return pager.MoveLines(-1);
    case Action::kDown:
    case Action::kOpen:
      return pager.MoveLines(1);
    case Action::kPageUp:
      return pager.MovePages(-1);
    case Action::kPageDown:
      return pager.MovePages(1);
    case Action::kTop:
      return pager.ToStart();
    case Action::kBottom:
      return pager.ToEnd();
    case Action::kLeft:
      return pager.MoveColumns(-8);
    case Action::kRight:
      return pager.MoveColumns(8);
    case Action::kToggleHex:
      return pager.ToggleHex();
    case Action::kToggleWrap:
      return pager.ToggleWrap();
    case Action::kToggleNumbers:
      return pager.ToggleNumbers();
    case Action::kFilter:
    case Action::kFind:
      return BeginPrompt(state, Prompt::Purpose::kSearchContent);
    case Action::kNextMatch:
      return pager.Next();
    case Action::kPreviousMatch:
      return pager.Previous();
    case Action::kPagerProgram:
      effects.emplace_back(OpenInPager{NewTicket(state, "reading"), state.subject.tree,
                                       file.place.node, file.layer});
      return;
    case Action::kExtract:
      BeginPrompt(state, Prompt::Purpose::kExtract, ".");
      state.prompt->node = file.place.node;
      state.prompt->layer = file.layer;
      return;
    case Action::kBack:
      state.file.reset();
      state.waiting_for = 0;
      state.busy.clear();
      return;
    default:
      return;
  }
}

void WantContent(State& state, Effects& effects) {
  if (!state.file || state.file->compares) {
    return;
  }
  FileShown& file = *state.file;
  const auto wanted = file.pager.Wanted();
  if (wanted && *wanted != file.wanted) {
    file.wanted = *wanted;
    effects.emplace_back(ShowContent{NewTicket(state, "reading"), state.subject.tree,
                                     file.place.node, file.layer, *wanted});
  }
}

void TakeAnswer(State& state, ContentShown& event) {
  if (event.ticket != state.waiting_for || !state.file) {
    return;
  }
  state.waiting_for = 0;
  state.busy.clear();
  if (event.window) {
    state.file->pager.SetWindow(*std::move(event.window));
  } else {
    state.file->pager.SetFailure(event.window.error().message);
  }
}

void TakeAnswer(State& state, ContentsCompared& event) {
  if (event.ticket != state.waiting_for || !state.file) {
    return;
  }
  state.waiting_for = 0;
  state.busy.clear();
  if (event.lines) {
    state.file->pager.SetDiff(*std::move(event.lines));
  } else {
    state.file->pager.SetFailure(event.lines.error().message);
  }
}

void TakeAnswer(State& state, const PathsFound& event) {
  if (event.ticket != state.waiting_for || !state.overlay) {
    return;
  }
  state.waiting_for = 0;
  state.busy.clear();
  const tree::FileTree& tree = *event.tree->tree;
  Overlay& overlay = *state.overlay;
  overlay.waiting = false;
  overlay.title += fmt::format(": {}{}", event.matches.size(), event.more ? " and more" : "");
  for (const tree::Match& match : event.matches) {
    overlay.lines.push_back(MatchLine(tree, match));
  }
}

void TakeAnswer(State& state, PagerFileWritten& event, Effects& effects) {
  if (event.ticket == state.waiting_for) {
    state.waiting_for = 0;
    state.busy.clear();
  }
  if (event.path) {
    effects.emplace_back(RunPager{*std::move(event.path)});
  } else {
    Complain(state, event.path.error().message);
  }
}

void TakeAnswer(State& state, const JobEnded& event) {
  if (event.ticket == state.waiting_for) {
    state.waiting_for = 0;
    state.busy.clear();
  }
  if (!event.message.empty()) {
    state.notice = {event.message, event.failure};
  }
}

}  // namespace fathom::tui
