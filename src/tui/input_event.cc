#include "tui/input_event.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"
#include "tui/text_width.h"

namespace fathom::tui {
namespace {

struct NamedKey {
  std::string_view name;   // as settings have it
  std::string_view shown;  // as screens have it; "" for another spelling of one above
  char32_t code;
};

constexpr char32_t CodeOf(KeyCode code) { return static_cast<char32_t>(code); }

constexpr auto kNamed = std::to_array<NamedKey>({
    {"up", "↑", CodeOf(KeyCode::kUp)},
    {"down", "↓", CodeOf(KeyCode::kDown)},
    {"left", "←", CodeOf(KeyCode::kLeft)},
    {"right", "→", CodeOf(KeyCode::kRight)},
    {"home", "Home", CodeOf(KeyCode::kHome)},
    {"end", "End", CodeOf(KeyCode::kEnd)},
    {"pgup", "PgUp", CodeOf(KeyCode::kPageUp)},
    {"pageup", "", CodeOf(KeyCode::kPageUp)},
    {"pgdn", "PgDn", CodeOf(KeyCode::kPageDown)},
    {"pgdown", "", CodeOf(KeyCode::kPageDown)},
    {"pagedown", "", CodeOf(KeyCode::kPageDown)},
    {"insert", "Ins", CodeOf(KeyCode::kInsert)},
    {"ins", "", CodeOf(KeyCode::kInsert)},
    {"delete", "Del", CodeOf(KeyCode::kDelete)},
    {"del", "", CodeOf(KeyCode::kDelete)},
    {"backspace", "Backspace", CodeOf(KeyCode::kBackspace)},
    {"backspace2", "", CodeOf(KeyCode::kBackspace)},
    {"tab", "Tab", CodeOf(KeyCode::kTab)},
    {"enter", "Enter", CodeOf(KeyCode::kEnter)},
    {"return", "", CodeOf(KeyCode::kEnter)},
    {"esc", "Esc", CodeOf(KeyCode::kEscape)},
    {"escape", "", CodeOf(KeyCode::kEscape)},
    {"space", "Space", U' '},
    {"slash", "/", U'/'},
    {"backslash", "\\", U'\\'},
    {"comma", ",", U','},
    {"plus", "+", U'+'},
    {"minus", "-", U'-'},
    {"underscore", "_", U'_'},
    {"lsqbracket", "[", U'['},
    {"rsqbracket", "]", U']'},
    {"tilde", "~", U'~'},
});

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char c) { return Lower(c); });
  return lower;
}

// The number behind the f of a function key; 0 for anything else.
int FunctionKey(std::string_view name) {
  if (name.size() < 2 || name.size() > 3 || name[0] != 'f') {
    return 0;
  }
  int number = 0;
  for (const char digit : name.substr(1)) {
    if (digit < '0' || digit > '9') {
      return 0;
    }
    number = number * 10 + (digit - '0');
  }
  return number <= 12 ? number : 0;
}

// The code that a name without modifiers means.
std::optional<char32_t> ParseCode(std::string_view name) {
  if (!name.empty()) {
    const Utf8Character character = FrontCharacter(name);
    if (character.length == name.size() && character.code != ' ' && !IsControl(character.code)) {
      const auto arrow = std::ranges::find(kNamed, name, &NamedKey::shown);
      return arrow != kNamed.end() ? arrow->code : character.code;
    }
  }
  const std::string lower = Lower(name);
  if (const auto found = std::ranges::find(kNamed, lower, &NamedKey::name); found != kNamed.end()) {
    return found->code;
  }
  if (const int number = FunctionKey(lower); number > 0) {
    return CodeOf(KeyCode::kF1) + static_cast<char32_t>(number - 1);
  }
  return std::nullopt;
}

// Takes "ctrl+" and the like from the front of `name`.
void TakeModifiers(std::string_view& name, Key& key) {
  while (true) {
    const size_t plus = name.find('+');
    if (plus == 0 || plus == std::string_view::npos || plus + 1 == name.size()) {
      return;
    }
    const std::string modifier = Lower(name.substr(0, plus));
    if (modifier == "ctrl" || modifier == "control") {
      key.ctrl = true;
    } else if (modifier == "alt" || modifier == "meta") {
      key.alt = true;
    } else if (modifier == "shift") {
      key.shift = true;
    } else {
      return;
    }
    name.remove_prefix(plus + 1);
  }
}

}  // namespace

Key Canonical(Key key) {
  const bool character = key.code < CodeOf(KeyCode::kUp);
  if (key.ctrl && character) {
    if (key.code >= 'A' && key.code <= 'Z') {
      key.code += 'a' - 'A';
    }
    switch (key.code) {
      case 'i':
        key = {.code = CodeOf(KeyCode::kTab), .alt = key.alt, .shift = key.shift};
        break;
      case 'm':
        key = {.code = CodeOf(KeyCode::kEnter), .alt = key.alt, .shift = key.shift};
        break;
      case '[':
        key = {.code = CodeOf(KeyCode::kEscape), .alt = key.alt, .shift = key.shift};
        break;
      case 'h':
        key = {.code = CodeOf(KeyCode::kBackspace), .alt = key.alt, .shift = key.shift};
        break;
      case '_':
        key.code = '/';
        break;
      case '@':
        key.code = ' ';
        break;
      default:
        break;
    }
  }
  if (key.code < CodeOf(KeyCode::kUp) && key.shift) {
    if (!key.ctrl && key.code >= 'a' && key.code <= 'z') {
      key.code -= 'a' - 'A';
    }
    key.shift = false;
  }
  return key;
}

Result<Key> ParseKey(std::string_view text) {
  Key key;
  std::string_view name = text;
  TakeModifiers(name, key);
  if (name.size() >= 2 && name[0] == '^') {
    key.ctrl = true;
    name.remove_prefix(1);
  }
  const auto code = ParseCode(name);
  if (!code) {
    return Fail(Code::kInvalidArgument,
                "'{}' is no key; keys are written q, ctrl+a, alt+x, space, pgup, f5",
                Printable(text.substr(0, 40)));
  }
  key.code = *code;
  return Canonical(key);
}

std::string KeyName(const Key& key) {
  std::string name;
  const auto found = std::ranges::find(kNamed, key.code, &NamedKey::code);
  if (found != kNamed.end()) {
    name = found->shown;
  } else if (key.code >= CodeOf(KeyCode::kF1) && key.code <= CodeOf(KeyCode::kF12)) {
    name = "F" + std::to_string(key.code - CodeOf(KeyCode::kF1) + 1);
  } else {
    name = Printable(ToUtf8(key.code));
  }
  if (key.ctrl && key.code >= 'a' && key.code <= 'z') {
    name = std::string("^") + static_cast<char>(key.code - 'a' + 'A');
  } else if (key.ctrl) {
    name = "Ctrl+" + name;
  }
  return (key.alt ? "Alt+" : "") + (key.shift ? "Shift+" + name : name);
}

}  // namespace fathom::tui
