#include "tui/escape_sequence.h"

#include <algorithm>

namespace fathom::tui {
namespace {

using Kind = EscapeSequence::Kind;

constexpr char kEsc = '\x1b';
constexpr size_t kIntroducer = 2;  // bytes
constexpr size_t kX10Bytes = 3;

bool IsLast(char byte) { return byte >= 0x40 && byte <= 0x7e; }
bool IsDigit(char byte) { return byte >= '0' && byte <= '9'; }

// rxvt ends the sequence of a shifted key with what is a byte in the middle for anyone else.
bool EndsLikeRxvt(std::string_view parameters, char byte) {
  return byte == '$' && !parameters.empty() && std::ranges::all_of(parameters, IsDigit);
}

// A sequence that goes on until a last byte, both for CSI and for SS3 with modifiers.
EscapeSequence UpToLast(Kind kind, std::string_view bytes) {
  for (size_t at = kIntroducer; at < bytes.size(); ++at) {
    const std::string_view parameters = bytes.substr(kIntroducer, at - kIntroducer);
    if (at == EscapeSequence::kLongest) {
      return {.kind = Kind::kTooLong, .length = at};
    }
    if (IsLast(bytes[at]) || EndsLikeRxvt(parameters, bytes[at])) {
      return {.kind = kind, .length = at + 1, .parameters = parameters, .last = bytes[at]};
    }
    if (!IsParameter(bytes[at])) {
      // Without parameters it was alt with the introducer's character.
      return parameters.empty() ? EscapeSequence{.kind = Kind::kPrefixed, .length = 1}
                                : EscapeSequence{.kind = Kind::kBroken, .length = at};
    }
  }
  return {};
}

EscapeSequence X10Mouse(std::string_view bytes) {
  for (size_t i = 0; i < kX10Bytes; ++i) {
    const size_t at = kIntroducer + 1 + i;
    if (at == bytes.size()) {
      return {};
    }
    if (static_cast<unsigned char>(bytes[at]) < 0x20) {
      return {.kind = Kind::kBroken, .length = at};
    }
  }
  return {.kind = Kind::kX10Mouse,
          .length = kIntroducer + 1 + kX10Bytes,
          .parameters = bytes.substr(kIntroducer + 1, kX10Bytes),
          .last = 'M'};
}

EscapeSequence Control(std::string_view bytes) {
  if (bytes.size() == kIntroducer) {
    return {};
  }
  if (bytes[kIntroducer] == 'M') {
    return X10Mouse(bytes);
  }
  if (bytes[kIntroducer] != '[') {
    return UpToLast(Kind::kControl, bytes);
  }
  if (bytes.size() == kIntroducer + 1) {
    return {};
  }
  const char last = bytes[kIntroducer + 1];
  return IsLast(last)
             ? EscapeSequence{.kind = Kind::kConsole, .length = kIntroducer + 2, .last = last}
             : EscapeSequence{.kind = Kind::kBroken, .length = kIntroducer + 1};
}

// The introducer of a string, unless it is alone: then it is alt with a character.
EscapeSequence String(std::string_view bytes) {
  if (bytes.size() == kIntroducer) {
    return {};
  }
  return bytes[kIntroducer] == kEsc ? EscapeSequence{.kind = Kind::kPrefixed, .length = 1}
                                    : EscapeSequence{.kind = Kind::kString, .length = kIntroducer};
}

}  // namespace

EscapeSequence FrontSequence(std::string_view bytes) {
  if (bytes.size() < kIntroducer) {
    return {};
  }
  switch (bytes[1]) {
    case kEsc:
      return {.kind = Kind::kEscape, .length = 1};
    case '[':
      return Control(bytes);
    case 'O':
      return UpToLast(Kind::kShift3, bytes);
    case ']':
    case 'P':
    case 'X':
    case '^':
    case '_':
      return String(bytes);
    default:
      return {.kind = Kind::kPrefixed, .length = 1};
  }
}

}  // namespace fathom::tui
