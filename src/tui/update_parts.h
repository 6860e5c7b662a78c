// The parts that update.cc is made of, one file for each room of the explorer.
#pragma once

#include "tui/event.h"
#include "tui/state.h"

namespace fathom::tui {

// update_subject.cc: what becomes known of the image.
void Learn(State& state, ImageKnown& event, Effects& effects);
void Learn(State& state, const LayerRead& event, Effects& effects);
void Learn(State& state, const BytesRead& event);
void Learn(State& state, TreeGrown& event, Effects& effects);
void Learn(State& state, Analyzed& event, Effects& effects);
void Learn(State& state, const ReadingFailed& event);
void Learn(State& state, LoneTreeMade& event, Effects& effects);

// Lets the tree show what layer and mode ask for, as far as it is known.
void ShowTree(State& state, Effects& effects);
void SelectLayer(State& state, size_t layer, Effects& effects);
void SetMode(State& state, Mode mode, Effects& effects);
// Goes to a place in the tree; what hides it is shown again.
void GoTo(State& state, const Place& place, Effects& effects);
// Sizes, heights and lines of all panes, after anything that may have changed them.
void Settle(State& state);

// update_panes.cc: actions where the panes are.
void PressInPanes(State& state, Action action, Effects& effects);
void MoveCursor(State& state, Pane pane, ptrdiff_t rows, Effects& effects);
void Focus(State& state, Pane pane);

// update_tree.cc: actions on the tree; false when the action is none of these.
bool PressInTree(State& state, Action action, Effects& effects);
// The path under the cursor as something whose content can be had; a notice when it cannot.
void OpenFile(State& state, Effects& effects);
void ListHistory(State& state);
void ListHidden(State& state);

// update_overlays.cc: what lies over the panes.
void BeginPrompt(State& state, Prompt::Purpose purpose, std::string text = {});
void PressInPrompt(State& state, const Key& key, Effects& effects);
void PasteIntoPrompt(State& state, const std::string& text, Effects& effects);
void PressInList(State& state, Action action, Effects& effects);
void PressInFile(State& state, Action action, Effects& effects);
void PressInHelp(State& state, Action action);
void TakeAnswer(State& state, ContentShown& event);
void TakeAnswer(State& state, ContentsCompared& event);
void TakeAnswer(State& state, const PathsFound& event);
void TakeAnswer(State& state, PagerFileWritten& event, Effects& effects);
void TakeAnswer(State& state, const JobEnded& event);
// Asks for the part of the file that scrolling needs.
void WantContent(State& state, Effects& effects);

// update_mouse.cc
void PointAt(State& state, const Mouse& mouse, Effects& effects);

// A notice, which the next key takes away.
inline void Say(State& state, std::string text) { state.notice = {std::move(text), false}; }
inline void Complain(State& state, std::string text) { state.notice = {std::move(text), true}; }

// The ticket of a new job, whose answer is waited for.
inline uint64_t NewTicket(State& state, std::string busy) {
  state.busy = std::move(busy);
  return state.waiting_for = ++state.ticket;
}

}  // namespace fathom::tui
