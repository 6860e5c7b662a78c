#include "tui/update.h"

#include <utility>

#include "tui/update_parts.h"

namespace fathom::tui {
namespace {

// What works wherever the keys go.
bool PressAnywhere(State& state, Action action, Effects& effects) {
  switch (action) {
    case Action::kQuit:
      state.quits = true;
      return true;
    case Action::kSuspend:
      effects.emplace_back(SuspendProcess{});
      return true;
    case Action::kHelp:
      state.help = !state.help;
      return true;
    case Action::kTheme: {
      const auto themes = Themes();
      size_t next = 0;
      while (next < themes.size() && themes[next].name != state.preferences.theme) {
        ++next;
      }
      state.preferences.theme = themes[next + 1 < themes.size() ? next + 1 : 0].name;
      Say(state, "theme: " + state.preferences.theme);
      effects.emplace_back(UseTheme{state.preferences.theme});
      return true;
    }
    default:
      return false;
  }
}

void Press(State& state, const Key& key, Effects& effects) {
  state.notice = {};
  if (state.prompt) {
    PressInPrompt(state, key, effects);
    return;
  }
  const auto action = state.preferences.keys.Find(state.context(), key);
  if (!action) {
    const std::string help = state.preferences.keys.KeyFor(Context::kEverywhere, Action::kHelp);
    Say(state,
        KeyName(key) + " does nothing here" + (help.empty() ? "" : "; " + help + " for help"));
    return;
  }
  if (PressAnywhere(state, *action, effects)) {
    return;
  }
  if (state.help) {
    PressInHelp(state, *action);
  } else if (state.overlay) {
    PressInList(state, *action, effects);
  } else if (state.file) {
    PressInFile(state, *action, effects);
  } else {
    PressInPanes(state, *action, effects);
  }
}

struct Visitor {
  State& state;
  Effects& effects;

  void operator()(const Key& key) const { Press(state, key, effects); }
  void operator()(const Mouse& mouse) const { PointAt(state, mouse, effects); }
  void operator()(const Paste& paste) const { PasteIntoPrompt(state, paste.text, effects); }
  void operator()(const Resized& event) const { state.screen = event.size; }
  void operator()(ImageKnown& event) const { Learn(state, event, effects); }
  void operator()(const LayerRead& event) const { Learn(state, event, effects); }
  void operator()(const BytesRead& event) const { Learn(state, event); }
  void operator()(TreeGrown& event) const { Learn(state, event, effects); }
  void operator()(Analyzed& event) const { Learn(state, event, effects); }
  void operator()(const ReadingFailed& event) const { Learn(state, event); }
  void operator()(LoneTreeMade& event) const { Learn(state, event, effects); }
  void operator()(ContentShown& event) const { TakeAnswer(state, event); }
  void operator()(ContentsCompared& event) const { TakeAnswer(state, event); }
  void operator()(const PathsFound& event) const { TakeAnswer(state, event); }
  void operator()(PagerFileWritten& event) const { TakeAnswer(state, event, effects); }
  void operator()(const JobEnded& event) const { TakeAnswer(state, event); }
};

}  // namespace

State MakeState(Preferences preferences, std::string name, Size screen) {
  State state;
  state.screen = screen;
  state.mode = preferences.mode;
  state.attributes = preferences.attributes;
  TreeSettings settings;
  settings.comparison =
      preferences.dive_layout ? tree::Comparison::kClassic : tree::Comparison::kExact;
  settings.as_dive = preferences.dive_layout;
  std::ranges::copy(preferences.hidden, settings.hidden);
  state.tree.Set(std::move(settings));
  if (preferences.fold_all) {
    state.tree.FoldBelow(0);
  }
  state.preferences = std::move(preferences);
  state.subject.name = std::move(name);
  Settle(state);
  return state;
}

Effects Update(State& state, Event event) {
  Effects effects;
  std::visit(Visitor{state, effects}, event);
  Settle(state);
  WantContent(state, effects);
  return effects;
}

}  // namespace fathom::tui
