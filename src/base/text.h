// Text that others wrote: made safe for a screen, made valid for JSON, or carried as base64.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"

namespace fathom {

// A character of UTF-8; of a byte that begins none, length 0.
struct Utf8Character {
  char32_t code = 0;
  size_t length = 0;  // bytes
};
// The one at the front of `text`, which is not empty. RFC 3629.
Utf8Character FrontCharacter(std::string_view text);

// True when `text` is well-formed UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
bool IsUtf8(std::string_view text);

// For screens and messages. What could move the cursor, end the line, turn the writing direction or
// hide is shown as an escape: `\n`, `\t`, `\x1b` (other control characters of ASCII, and bytes that
// are not UTF-8) and `\u{202e}` (C1 controls, bidirectional controls, line separators, zero-width
// and tag characters). Everything else is kept, the backslash too, so doing it twice is harmless.
std::string Printable(std::string_view text);

// For JSON: valid UTF-8, where bytes that are not UTF-8 are written `\x` and two hex digits.
// Everything else is kept; the JSON writer escapes the rest.
std::string DisplayText(std::string_view text);

// For JSON that may be shown on a screen: `json`, which is valid UTF-8, with the characters above
// ASCII that Printable() escapes written as `\u` and four hex digits. It says the same.
std::string WithJsonEscapes(std::string_view json);

// RFC 4648 section 4, with padding.
std::string Base64(ByteView bytes);

}  // namespace fathom
