// How the explorer's state changes with what happens.
#pragma once

#include "tui/event.h"
#include "tui/state.h"

namespace fathom::tui {

// The state at the beginning, before anything is known of the image that was called `name`.
State MakeState(Preferences preferences, std::string name, Size screen);

// Takes one event, and gives what is to be done about it elsewhere. Never fails: what cannot be
// done becomes a notice.
Effects Update(State& state, Event event);

}  // namespace fathom::tui
