#include "tui/input_parser.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"

namespace fathom::tui {
namespace {

constexpr char kEsc = '\x1b';
constexpr std::string_view kPasteBegin = "200";
constexpr std::string_view kPasteEnd = "\x1b[201~";

// A key by the modifiers that xterm writes as a number: 1 and the sum of shift 1, alt 2, ctrl 4.
Key WithModifiers(char32_t code, unsigned number) {
  const unsigned bits = number == 0 ? 0 : number - 1;
  return Canonical(
      {.code = code, .ctrl = (bits & 4) != 0, .alt = (bits & 2) != 0, .shift = (bits & 1) != 0});
}

std::optional<KeyCode> ByLetter(char letter) {
  switch (letter) {
    case 'A':
      return KeyCode::kUp;
    case 'B':
      return KeyCode::kDown;
    case 'C':
      return KeyCode::kRight;
    case 'D':
      return KeyCode::kLeft;
    case 'H':
      return KeyCode::kHome;
    case 'F':
      return KeyCode::kEnd;
    case 'M':
      return KeyCode::kEnter;  // of the number pad, SS3 only
    case 'P':
    case 'Q':
    case 'R':
    case 'S':
      return static_cast<KeyCode>(static_cast<char32_t>(KeyCode::kF1) +
                                  static_cast<char32_t>(letter - 'P'));
    default:
      return std::nullopt;
  }
}

// The key of `CSI number ~`.
std::optional<KeyCode> ByNumber(unsigned number) {
  constexpr std::array<std::pair<unsigned, KeyCode>, 8> kKeys = {{{1, KeyCode::kHome},
                                                                  {2, KeyCode::kInsert},
                                                                  {3, KeyCode::kDelete},
                                                                  {4, KeyCode::kEnd},
                                                                  {5, KeyCode::kPageUp},
                                                                  {6, KeyCode::kPageDown},
                                                                  {7, KeyCode::kHome},
                                                                  {8, KeyCode::kEnd}}};
  for (const auto& [known, code] : kKeys) {
    if (known == number) {
      return code;
    }
  }
  // F1 to F5 are 11 to 15, F6 to F10 17 to 21, F11 and F12 23 and 24.
  constexpr std::array<unsigned, 12> kFunctions = {11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 23, 24};
  const auto found = std::ranges::find(kFunctions, number);
  return found == kFunctions.end() ? std::nullopt
                                   : std::optional(static_cast<KeyCode>(
                                         static_cast<char32_t>(KeyCode::kF1) +
                                         static_cast<char32_t>(found - kFunctions.begin())));
}

// The keys of `CSI code ; modifiers u`, where special keys have the codes of ASCII.
std::optional<char32_t> ByUnicode(unsigned code) {
  switch (code) {
    case 9:
      return static_cast<char32_t>(KeyCode::kTab);
    case 13:
      return static_cast<char32_t>(KeyCode::kEnter);
    case 27:
      return static_cast<char32_t>(KeyCode::kEscape);
    case 127:
      return static_cast<char32_t>(KeyCode::kBackspace);
    default:
      return code >= 0x20 && code < 0xe000 && !(code >= 0x80 && code < 0xa0)
                 ? std::optional<char32_t>(code)
                 : std::nullopt;
  }
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

// A mouse event by xterm's button code: 2 bits of the button, 32 for motion, 64 for the wheel.
std::optional<Mouse> MouseEvent(unsigned code, unsigned column, unsigned row, bool released) {
  Mouse mouse;
  mouse.at = {static_cast<int>(std::clamp(column, 1u, 10'000u)) - 1,
              static_cast<int>(std::clamp(row, 1u, 10'000u)) - 1};
  const unsigned button = code & 3;
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

bool IsFinal(char byte) { return byte >= 0x40 && byte <= 0x7e; }
bool IsInSequence(char byte) { return byte >= 0x20 && byte < 0x40; }

}  // namespace

InputParser::InputParser(Extra extra) : extra_(std::move(extra)) {
  std::erase_if(extra_, [](const auto& known) {
    return known.first.empty() || known.first.size() > kLongestSequence;
  });
}

void InputParser::Feed(std::string_view bytes, Time now, std::vector<InputEvent>& events) {
  if (bytes.empty()) {
    return;
  }
  // Piece by piece, so that what was meant does not depend on how the bytes came.
  last_ = now;
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, kLongestSequence);
    pending_ += piece;
    bytes.remove_prefix(piece.size());
    TakeAll(events);
  }
}

void InputParser::TakeAll(Events& events) {
  while (!pending_.empty() && TakeOne(events)) {
  }
}

std::optional<InputParser::Time> InputParser::Deadline() const {
  return pending_.empty() || pasting_ ? std::nullopt : std::optional(last_ + kEscapeDelay);
}

void InputParser::Expire(Time now, std::vector<InputEvent>& events) {
  if (pending_.empty() || pasting_ || now < last_ + kEscapeDelay) {
    return;
  }
  // Nothing will follow: ESC is the key, and whatever else was begun is nothing.
  if (pending_ == "\x1b") {
    events.emplace_back(MakeKey(KeyCode::kEscape));
  } else if (pending_ == "\x1b[" || pending_ == "\x1bO") {
    events.emplace_back(
        Key{.code = static_cast<char32_t>(static_cast<unsigned char>(pending_[1])), .alt = true});
  }
  pending_.clear();
}

bool InputParser::TakeOne(Events& events) {
  if (pasting_) {
    return TakePaste(events);
  }
  return pending_[0] == kEsc ? TakeEscape(events) : TakeCharacter(events, false);
}

bool InputParser::TakeEscape(Events& events) {
  if (TakeExtra(events)) {
    return true;
  }
  if (pending_.size() == 1) {
    return false;
  }
  switch (pending_[1]) {
    case '[':
      return TakeControlSequence(events);
    case 'O': {
      if (pending_.size() == 2) {
        return false;
      }
      if (const auto code = ByLetter(pending_[2])) {
        events.emplace_back(MakeKey(*code));
      }
      Drop(3);
      return true;
    }
    case kEsc:
      // Alt with a key that is a sequence itself, or ESC twice: the first one is a key.
      events.emplace_back(MakeKey(KeyCode::kEscape));
      Drop(1);
      return true;
    default:
      return TakeCharacter(events, true);
  }
}

// What terminfo says beyond what is known anyway.
bool InputParser::TakeExtra(Events& events) {
  for (const auto& [sequence, key] : extra_) {
    if (sequence.size() > 2 && pending_.starts_with(sequence)) {
      events.emplace_back(Canonical(key));
      Drop(sequence.size());
      return true;
    }
  }
  return false;
}

bool InputParser::TakeControlSequence(Events& events) {
  if (pending_.size() > 2 && pending_[2] == 'M') {
    return TakeOldMouse(events);
  }
  if (pending_.size() > 2 && pending_[2] == '[') {  // the Linux console's F1 to F5
    if (pending_.size() == 3) {
      return false;
    }
    if (pending_[3] >= 'A' && pending_[3] <= 'E') {
      events.emplace_back(MakeKey(static_cast<KeyCode>(static_cast<char32_t>(KeyCode::kF1) +
                                                       static_cast<char32_t>(pending_[3] - 'A'))));
    }
    Drop(4);
    return true;
  }
  size_t end = 2;
  while (end < pending_.size() && IsInSequence(pending_[end])) {
    ++end;
  }
  if (end == pending_.size() && end < kLongestSequence) {
    return false;
  }
  if (end == pending_.size() || !(IsFinal(pending_[end]) || pending_[end] == '$')) {
    Drop(end);  // too long, or broken off by something else
    return true;
  }
  const std::string parameters = pending_.substr(2, end - 2);
  const char last = pending_[end];
  Drop(end + 1);
  if (parameters.starts_with('<')) {
    const auto numbers = Numbers(std::string_view(parameters).substr(1));
    if (numbers.size() == 3 && (last == 'M' || last == 'm')) {
      if (const auto mouse = MouseEvent(numbers[0], numbers[1], numbers[2], last == 'm')) {
        events.emplace_back(*mouse);
      }
    }
    return true;
  }
  const auto numbers = Numbers(parameters);
  const unsigned modifiers = numbers.size() > 1 ? numbers[1] : 0;
  if (last == '~' && parameters == kPasteBegin) {
    pasting_ = true;
    paste_.clear();
  } else if (last == '~' && numbers.size() == 3 && numbers[0] == 27) {
    if (const auto code = ByUnicode(numbers[2])) {
      events.emplace_back(WithModifiers(*code, modifiers));
    }
  } else if (last == '~') {
    if (const auto code = ByNumber(numbers[0])) {
      events.emplace_back(WithModifiers(static_cast<char32_t>(*code), modifiers));
    }
  } else if (last == 'u') {
    if (const auto code = ByUnicode(numbers[0])) {
      events.emplace_back(WithModifiers(*code, modifiers));
    }
  } else if (last == 'Z') {
    events.emplace_back(Key{.code = static_cast<char32_t>(KeyCode::kTab), .shift = true});
  } else if (const auto code = ByLetter(last); code && last != 'M') {
    events.emplace_back(WithModifiers(static_cast<char32_t>(*code), modifiers));
  }
  return true;
}

// `CSI M` and three bytes, each 32 more than it means.
bool InputParser::TakeOldMouse(Events& events) {
  if (pending_.size() < 6) {
    return false;
  }
  const auto value = [&](size_t at) {
    const auto byte = static_cast<unsigned char>(pending_[at]);
    return byte < 32 ? 0u : byte - 32u;
  };
  const unsigned code = value(3);
  const bool released = (code & 3) == 3 && (code & 64) == 0;
  if (const auto mouse = MouseEvent(code, value(4), value(5), released)) {
    events.emplace_back(*mouse);
  }
  Drop(6);
  return true;
}

bool InputParser::TakePaste(Events& events) {
  const size_t end = pending_.find(kPasteEnd);
  // The end may have come in part.
  const size_t sure = end != std::string::npos
                          ? end
                          : pending_.size() - std::min(pending_.size(), kPasteEnd.size() - 1);
  const size_t room = kLongestPaste - paste_.size();
  paste_.append(pending_, 0, std::min(sure, room));
  Drop(sure);
  if (end == std::string::npos) {
    return false;
  }
  Drop(kPasteEnd.size());
  pasting_ = false;
  events.emplace_back(Paste{std::exchange(paste_, {})});
  return true;
}

bool InputParser::TakeCharacter(Events& events, bool alt) {
  const std::string_view text = std::string_view(pending_).substr(alt ? 1 : 0);
  const auto byte = static_cast<unsigned char>(text[0]);
  const size_t before = alt ? 1 : 0;
  Key key;
  size_t length = 1;
  if (byte >= 0x80) {
    const size_t expected = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    const Utf8Character character = FrontCharacter(text);
    const bool continues = std::ranges::all_of(
        text.substr(1), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; });
    if (character.length == 0 && text.size() < expected && continues && byte >= 0xc2 &&
        byte < 0xf5) {
      return false;
    }
    if (character.length == 0 || character.code < 0xa0) {
      Drop(before + 1);
      return true;
    }
    key = MakeKey(character.code);
    length = character.length;
  } else if (byte == 0x7f || byte == 0x08) {
    key = MakeKey(KeyCode::kBackspace);
  } else if (byte == 0) {
    key = {.code = U' ', .ctrl = true};
  } else if (byte < 0x20) {
    key = {.code = byte + (byte < 0x1b ? 0x60u : 0x40u), .ctrl = true};
  } else {
    key = MakeKey(static_cast<char32_t>(byte));
  }
  key.alt = alt;
  events.emplace_back(Canonical(key));
  Drop(before + length);
  return true;
}

}  // namespace fathom::tui
