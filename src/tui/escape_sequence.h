// Where an escape sequence of a terminal ends, by the grammar of ECMA-48 section 5.4 and the three
// exceptions that keyboards make: X10 mouse reports, the Linux console's function keys, rxvt's
// shifted keys.
#pragma once

#include <string_view>

namespace fathom::tui {

struct EscapeSequence {
  enum class Kind {
    kUnfinished,  // what follows decides
    kEscape,      // ESC alone, `length` 1: another sequence begins behind it
    kPrefixed,    // ESC before a character; `length` is 1, of the ESC
    kControl,     // CSI parameters last
    kShift3,      // SS3 parameters last
    kConsole,     // CSI [ last
    kX10Mouse,    // CSI M and three bytes, `parameters`
    kString,      // OSC, DCS, SOS, PM or APC; `length` is that of the introducer
    kTooLong,     // a control sequence whose last byte is not among kLongest
    kBroken,      // something that cannot be part of it ends it; `length` is up to there
  };
  // Bytes that a control sequence may have.
  static constexpr size_t kLongest = 64;

  Kind kind = Kind::kUnfinished;
  size_t length = 0;                 // bytes
  std::string_view parameters = {};  // between the introducer and the last byte
  char last = 0;
};

// The sequence at the front of `bytes`, which begin with ESC. Depends on no more than its bytes.
EscapeSequence FrontSequence(std::string_view bytes);

// Between the introducer of a control sequence and its last byte.
constexpr bool IsParameter(char byte) { return byte >= 0x20 && byte <= 0x3f; }

}  // namespace fathom::tui
