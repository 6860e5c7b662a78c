#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>

namespace fathom {
namespace {

uint8_t ByteAt(std::string_view text, size_t index) { return static_cast<uint8_t>(text[index]); }

struct CodeRange {
  char32_t first;
  char32_t last;
};

// What is above ASCII and yet must not reach a screen.
constexpr std::array kUnsafe = {
    CodeRange{0x80, 0x9f},        // C1 controls
    CodeRange{0xad, 0xad},        // soft hyphen
    CodeRange{0x61c, 0x61c},      // Arabic letter mark
    CodeRange{0x180e, 0x180e},    // Mongolian vowel separator
    CodeRange{0x200b, 0x200f},    // zero-width characters, direction marks
    CodeRange{0x2028, 0x202e},    // line and paragraph separators, embeddings and overrides
    CodeRange{0x2060, 0x206f},    // word joiner, invisible operators, isolates
    CodeRange{0xfeff, 0xfeff},    // byte order mark
    CodeRange{0xfff9, 0xfffb},    // interlinear annotation
    CodeRange{0xe0000, 0xe007f},  // tags
};

bool IsUnsafe(char32_t code) {
  return std::ranges::any_of(
      kUnsafe, [code](const CodeRange& r) { return code >= r.first && code <= r.last; });
}

void AppendByteEscape(std::string& out, uint8_t byte) {
  fmt::format_to(std::back_inserter(out), "\\x{:02x}", byte);
}

void AppendPrintableAscii(std::string& out, char32_t code) {
  if (code == '\n') {
    out += "\\n";
  } else if (code == '\t') {
    out += "\\t";
  } else if (code < 0x20 || code == 0x7f) {
    AppendByteEscape(out, static_cast<uint8_t>(code));
  } else {
    out += static_cast<char>(code);
  }
}

// Hands each character of `text` to `put` as (Utf8Character, its bytes); bytes that are no UTF-8 go
// into `out` as escapes.
template <typename Put>
std::string Rewrite(std::string_view text, Put put) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Utf8Character character = FrontCharacter(text);
    if (character.length == 0) {
      AppendByteEscape(out, ByteAt(text, 0));
      text.remove_prefix(1);
      continue;
    }
    put(out, character, text.substr(0, character.length));
    text.remove_prefix(character.length);
  }
  return out;
}

}  // namespace

Utf8Character FrontCharacter(std::string_view text) {
  const uint8_t lead = ByteAt(text, 0);
  if (lead < 0x80) {
    return {lead, 1};
  }
  const size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) {
    return {};
  }
  char32_t code = lead & (0xffu >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    const uint8_t next = ByteAt(text, i);
    if ((next & 0xc0) != 0x80) {
      return {};
    }
    code = code << 6 | (next & 0x3fu);
  }
  constexpr std::array<char32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  if (code < kLeast[length] || surrogate || code > 0x10ffff) {
    return {};
  }
  return {code, length};
}

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const size_t length = FrontCharacter(text).length;
    if (length == 0) {
      return false;
    }
    text.remove_prefix(length);
  }
  return true;
}

std::string Printable(std::string_view text) {
  return Rewrite(text, [](std::string& out, Utf8Character character, std::string_view bytes) {
    if (character.code < 0x80) {
      AppendPrintableAscii(out, character.code);
    } else if (IsUnsafe(character.code)) {
      fmt::format_to(std::back_inserter(out), "\\u{{{:x}}}", static_cast<uint32_t>(character.code));
    } else {
      out += bytes;
    }
  });
}

std::string DisplayText(std::string_view text) {
  return Rewrite(text,
                 [](std::string& out, Utf8Character, std::string_view bytes) { out += bytes; });
}

std::string WithJsonEscapes(std::string_view json) {
  return Rewrite(json, [](std::string& out, Utf8Character character, std::string_view bytes) {
    const auto code = static_cast<uint32_t>(character.code);
    if (code < 0x80 || !IsUnsafe(character.code)) {
      out += bytes;
    } else if (code < 0x10000) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", code);
    } else {  // a surrogate pair
      fmt::format_to(std::back_inserter(out), "\\u{:04x}\\u{:04x}",
                     0xd800 + ((code - 0x10000) >> 10), 0xdc00 + (code & 0x3ff));
    }
  });
}

std::string Base64(ByteView bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t have = std::min<size_t>(3, bytes.size() - i);
    uint32_t group = 0;
    for (size_t k = 0; k < 3; ++k) {
      group = group << 8 | (k < have ? bytes[i + k] : 0u);
    }
    for (size_t k = 0; k < 4; ++k) {
      out += k <= have ? kDigits[group >> (18 - 6 * k) & 63] : '=';
    }
  }
  return out;
}

}  // namespace fathom
