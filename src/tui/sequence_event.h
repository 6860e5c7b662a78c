// What the escape sequences mean that terminals send for keys and the mouse: those of xterm in all
// its modes, rxvt, and the Linux console. Sources: xterm's ctlseqs, rxvt's manual page,
// console_codes(4).
#pragma once

#include <optional>

#include "tui/escape_sequence.h"
#include "tui/input_event.h"

namespace fathom::tui {

// Nothing for sequences that are not known, and for those that say nothing here (focus, answers).
std::optional<InputEvent> EventOf(const EscapeSequence& sequence);

}  // namespace fathom::tui
