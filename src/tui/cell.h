// One cell of the screen: what stands in it, and the part it plays. Colours are the theme's.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace fathom::tui {

// What a piece of text is, from which a theme chooses colour and weight.
enum class Role : uint8_t {
  kText,
  kFaint,        // what may be overlooked: separators, unmodified attributes, hints
  kTitle,        // of a pane
  kActiveTitle,  // of the pane that has the keys
  kBorder,
  kActiveBorder,
  kHeading,  // names of columns, labels in details
  kAdded,
  kModified,
  kRemoved,
  kDirectory,
  kLink,
  kSpecial,  // devices, FIFOs, sockets
  kWaste,    // wasted bytes, and the bar that shows them
  kBar,      // the rest of such a bar
  kMatch,    // what a search found
  kKey,      // a key in a hint
  kStatus,   // the status line
  kNotice,   // something happened
  kError,    // something failed
  kPrompt,   // what is being typed
  kLast = kPrompt,
};
inline constexpr size_t kRoleCount = static_cast<size_t>(Role::kLast) + 1;

struct Cell {
  // A character and up to three marks that combine with it; the rest is 0. Never a control
  // character.
  std::array<char32_t, 4> text = {U' '};
  Role role = Role::kText;
  bool selected = false;  // the cursor is here: shown in reverse, whatever the role
  uint8_t width = 1;      // columns; 2 for a wide character, 0 for the column behind one

  friend bool operator==(const Cell&, const Cell&) = default;
};

}  // namespace fathom::tui
