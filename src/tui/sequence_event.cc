#include "tui/sequence_event.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>
#include <vector>

#include "tui/text_width.h"

namespace fathom::tui {
namespace {

constexpr char32_t CodeOf(KeyCode code) { return static_cast<char32_t>(code); }
constexpr char32_t FunctionKey(unsigned number) { return CodeOf(KeyCode::kF1) + number - 1; }

// A key by the modifiers that xterm writes as a number: 1 and the sum of shift 1, alt 2, ctrl 4.
Key WithModifiers(char32_t code, unsigned number) {
  const unsigned bits = number == 0 ? 0 : number - 1;
  return Canonical(
      {.code = code, .ctrl = (bits & 4) != 0, .alt = (bits & 2) != 0, .shift = (bits & 1) != 0});
}

std::optional<char32_t> ByLetter(char letter) {
  constexpr std::array<std::pair<char, KeyCode>, 6> kKeys = {{{'A', KeyCode::kUp},
                                                              {'B', KeyCode::kDown},
                                                              {'C', KeyCode::kRight},
                                                              {'D', KeyCode::kLeft},
                                                              {'H', KeyCode::kHome},
                                                              {'F', KeyCode::kEnd}}};
  for (const auto& [known, code] : kKeys) {
    if (known == letter) {
      return CodeOf(code);
    }
  }
  return letter >= 'P' && letter <= 'S'
             ? std::optional(FunctionKey(static_cast<unsigned>(letter - 'P') + 1))
             : std::nullopt;
}

// The key of `CSI number ~`.
std::optional<char32_t> ByNumber(unsigned number) {
  constexpr std::array<KeyCode, 8> kKeys = {KeyCode::kHome, KeyCode::kInsert, KeyCode::kDelete,
                                            KeyCode::kEnd,  KeyCode::kPageUp, KeyCode::kPageDown,
                                            KeyCode::kHome, KeyCode::kEnd};
  if (number >= 1 && number <= kKeys.size()) {
    return CodeOf(kKeys[number - 1]);
  }
  // F1 to F5 are 11 to 15, F6 to F10 17 to 21, F11 and F12 23 and 24.
  constexpr std::array<unsigned, 12> kFunctions = {11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 23, 24};
  const auto found = std::ranges::find(kFunctions, number);
  return found == kFunctions.end()
             ? std::nullopt
             : std::optional(FunctionKey(static_cast<unsigned>(found - kFunctions.begin()) + 1));
}

// The keys of `CSI code ; modifiers u`, where special keys have the codes of ASCII. In the area of
// private use are keys of a protocol that nobody has asked for.
std::optional<char32_t> ByUnicode(unsigned code) {
  switch (code) {
    case 9:
      return CodeOf(KeyCode::kTab);
    case 13:
      return CodeOf(KeyCode::kEnter);
    case 27:
      return CodeOf(KeyCode::kEscape);
    case 8:
    case 127:
      return CodeOf(KeyCode::kBackspace);
    default:
      break;
  }
  const bool surrogate_or_private = code >= 0xd800 && code < 0xf900;
  const bool character = !IsControl(code) && !surrogate_or_private && code <= 0x10ffff;
  return character ? std::optional<char32_t>(code) : std::nullopt;
}

// The numbers between `CSI` and the last byte; sub-parameters behind a colon do not count.
std::vector<unsigned> Numbers(std::string_view text) {
  std::vector<unsigned> numbers;
  while (true) {
    const size_t end = std::min(text.find(';'), text.size());
    unsigned number = 0;
    const std::string_view digits = text.substr(0, end);
    std::from_chars(digits.begin(), digits.end(), number);
    numbers.push_back(number);
    if (end == text.size()) {
      return numbers;
    }
    text.remove_prefix(end + 1);
  }
}

// A mouse event by xterm's button code: 2 bits of the button, 32 for motion, 64 for the wheel, 128
// for buttons that mean nothing here.
std::optional<InputEvent> MouseEvent(unsigned code, unsigned column, unsigned row, bool released) {
  Mouse mouse;
  mouse.at = {static_cast<int>(std::clamp(column, 1u, 10'000u)) - 1,
              static_cast<int>(std::clamp(row, 1u, 10'000u)) - 1};
  const unsigned button = code & 3;
  if (code >= 128) {
    return std::nullopt;
  }
  if ((code & 64) != 0) {
    if (button > 1 || released) {
      return std::nullopt;  // sideways
    }
    mouse.kind = button == 0 ? Mouse::Kind::kWheelUp : Mouse::Kind::kWheelDown;
    return mouse;
  }
  mouse.button = static_cast<int>(button) + 1;
  const bool moves = (code & 32) != 0;
  if (released || button == 3) {
    if (moves) {
      return std::nullopt;  // no button is down
    }
    mouse.kind = Mouse::Kind::kRelease;
    mouse.button = button == 3 ? 1 : mouse.button;
  } else {
    mouse.kind = moves ? Mouse::Kind::kDrag : Mouse::Kind::kPress;
  }
  return mouse;
}

// `CSI M` and three bytes, each 32 more than it means.
std::optional<InputEvent> X10MouseEvent(std::string_view bytes) {
  const auto value = [&](size_t at) { return static_cast<unsigned char>(bytes[at]) - 32u; };
  const unsigned code = value(0);
  const bool released = (code & 3) == 3 && (code & 64) == 0;
  return MouseEvent(code, value(1), value(2), released);
}

// `CSI < code ; column ; row M`, or m when the button was released.
std::optional<InputEvent> SgrMouseEvent(std::string_view parameters, char last) {
  const auto numbers = Numbers(parameters);
  return numbers.size() == 3 && (last == 'M' || last == 'm')
             ? MouseEvent(numbers[0], numbers[1], numbers[2], last == 'm')
             : std::nullopt;
}

std::optional<InputEvent> KeyWith(std::optional<char32_t> code, unsigned modifiers) {
  return code ? std::optional<InputEvent>(WithModifiers(*code, modifiers)) : std::nullopt;
}

std::optional<InputEvent> ControlEvent(std::string_view parameters, char last) {
  if (parameters.starts_with('<')) {
    return SgrMouseEvent(parameters.substr(1), last);
  }
  // Private parameters and bytes in the middle belong to answers, not to keys.
  if (!std::ranges::all_of(parameters, [](char c) { return c >= '0' && c <= ';'; })) {
    return std::nullopt;
  }
  const auto numbers = Numbers(parameters);
  const unsigned modifiers = numbers.size() > 1 ? numbers[1] : 0;
  constexpr unsigned kShift = 2;
  constexpr unsigned kCtrl = 5;
  switch (last) {
    case '~':
      return numbers.size() == 3 && numbers[0] == 27 ? KeyWith(ByUnicode(numbers[2]), modifiers)
                                                     : KeyWith(ByNumber(numbers[0]), modifiers);
    case 'u':
      return KeyWith(ByUnicode(numbers[0]), modifiers);
    case 'Z':
      return KeyWith(CodeOf(KeyCode::kTab), kShift);
    case '$':  // rxvt, as the next three
      return KeyWith(ByNumber(numbers[0]), kShift);
    case '^':
      return KeyWith(ByNumber(numbers[0]), kCtrl);
    case '@':
      return KeyWith(ByNumber(numbers[0]), kCtrl + kShift - 1);
    case 'a':
    case 'b':
    case 'c':
    case 'd':
      return KeyWith(ByLetter(static_cast<char>(last - 'a' + 'A')), kShift);
    default:
      return numbers.size() <= 2 ? KeyWith(ByLetter(last), modifiers) : std::nullopt;
  }
}

std::optional<InputEvent> Shift3Event(std::string_view parameters, char last) {
  // The modifiers are the last number: SS3 5 A, and SS3 1 ; 5 A.
  const unsigned modifiers = Numbers(parameters).back();
  constexpr unsigned kCtrl = 5;
  if (last == 'M') {
    return KeyWith(CodeOf(KeyCode::kEnter), modifiers);
  }
  if (last >= 'a' && last <= 'd') {  // rxvt
    return KeyWith(ByLetter(static_cast<char>(last - 'a' + 'A')), kCtrl);
  }
  // The number pad's own: * + , - . / and the digits, 64 higher.
  if (last >= 'j' && last <= 'y') {
    return KeyWith(static_cast<char32_t>(last - 64), modifiers);
  }
  return KeyWith(ByLetter(last), modifiers);
}

}  // namespace

std::optional<InputEvent> EventOf(const EscapeSequence& sequence) {
  switch (sequence.kind) {
    case EscapeSequence::Kind::kControl:
      return ControlEvent(sequence.parameters, sequence.last);
    case EscapeSequence::Kind::kShift3:
      return Shift3Event(sequence.parameters, sequence.last);
    case EscapeSequence::Kind::kX10Mouse:
      return X10MouseEvent(sequence.parameters);
    case EscapeSequence::Kind::kConsole:
      return sequence.last <= 'E'
                 ? KeyWith(FunctionKey(static_cast<unsigned>(sequence.last - 'A') + 1), 0)
                 : std::nullopt;
    default:
      return std::nullopt;
  }
}

}  // namespace fathom::tui
