// What a person does at a terminal: keys, mouse, pasted text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"
#include "tui/canvas.h"

namespace fathom::tui {

// Keys that are no characters, as codes above those of Unicode.
enum class KeyCode : char32_t {
  kUp = 0x110000,
  kDown,
  kLeft,
  kRight,
  kHome,
  kEnd,
  kPageUp,
  kPageDown,
  kInsert,
  kDelete,
  kBackspace,
  kTab,
  kEnter,
  kEscape,
  kF1,
  kF2,
  kF3,
  kF4,
  kF5,
  kF6,
  kF7,
  kF8,
  kF9,
  kF10,
  kF11,
  kF12,
};

// A key with what was held down. A character's capital is the character itself, without `shift`.
// Keys that terminals cannot tell apart are one: ctrl+i is tab, ctrl+m is enter, ctrl+[ is esc,
// ctrl+h is backspace, ctrl+_ is ctrl+/.
struct Key {
  char32_t code = 0;  // of a character, or a KeyCode
  bool ctrl = false;
  bool alt = false;
  bool shift = false;

  friend auto operator<=>(const Key&, const Key&) = default;
};
constexpr Key MakeKey(KeyCode code) { return {.code = static_cast<char32_t>(code)}; }
constexpr Key MakeKey(char32_t character) { return {.code = character}; }

// The one that stands for all keys that a terminal cannot tell from it.
Key Canonical(Key key);

// "q", "ctrl+a", "alt+x", "shift+tab", "pgup", "space", "f5", "ctrl+slash"; in any case but for
// single characters; other names that dive knows ("pageup", "escape", "return", "del") as well.
// Errors: kInvalidArgument, which names what is not understood.
Result<Key> ParseKey(std::string_view text);

// The name that ParseKey() reads, as short as can be: "q", "^A" for ctrl+a, "Enter", "PgUp", "F5".
std::string KeyName(const Key& key);

struct Mouse {
  enum class Kind : uint8_t { kPress, kRelease, kDrag, kWheelUp, kWheelDown };
  Kind kind = Kind::kPress;
  int button = 1;  // 1 is the left one
  Point at;        // from 0
};

// Text that was pasted, as it came.
struct Paste {
  std::string text;
};

using InputEvent = std::variant<Key, Mouse, Paste>;

}  // namespace fathom::tui
