#include "tui/text_width.h"

#include <wchar.h>

#include <algorithm>
#include <clocale>

#include "base/text.h"

namespace fathom::tui {
namespace {

// wcwidth() as it is for UTF-8, whatever the process's locale: the C library is what ncurses asks,
// too, so that both lay out a line alike.
class Utf8Locale {
 public:
  Utf8Locale() : before_(::uselocale(Shared())) {}
  ~Utf8Locale() { ::uselocale(before_); }
  Utf8Locale(const Utf8Locale&) = delete;
  Utf8Locale& operator=(const Utf8Locale&) = delete;

 private:
  static locale_t Shared() {
    static const locale_t locale = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    return locale;
  }
  locale_t before_;
};

int ColumnsOf(char32_t code) { return code < 0x7f ? 1 : ::wcwidth(static_cast<wchar_t>(code)); }

}  // namespace

std::vector<Glyph> Glyphs(std::string_view text) {
  const Utf8Locale utf8;
  std::vector<Glyph> glyphs;
  glyphs.reserve(text.size());
  while (!text.empty()) {
    const Utf8Character character = FrontCharacter(text);
    const size_t length = character.length == 0 ? 1 : character.length;
    const int columns = character.length == 0 ? 1 : ColumnsOf(character.code);
    if (columns == 0 && !glyphs.empty()) {
      std::string_view& bytes = glyphs.back().bytes;
      bytes = {bytes.data(), bytes.size() + length};
    } else {
      glyphs.push_back({text.substr(0, length), columns == 2 ? 2 : 1});
    }
    text.remove_prefix(length);
  }
  return glyphs;
}

int Columns(std::string_view text) {
  int columns = 0;
  for (const Glyph& glyph : Glyphs(text)) {
    columns += glyph.columns;
  }
  return columns;
}

std::string ToUtf8(char32_t character) {
  std::string text;
  const auto put = [&text](char32_t byte) { text += static_cast<char>(byte); };
  if (character < 0x80) {
    put(character);
  } else if (character < 0x800) {
    put(0xc0 | character >> 6);
    put(0x80 | (character & 0x3f));
  } else if (character < 0x10000) {
    put(0xe0 | character >> 12);
    put(0x80 | (character >> 6 & 0x3f));
    put(0x80 | (character & 0x3f));
  } else {
    put(0xf0 | character >> 18);
    put(0x80 | (character >> 12 & 0x3f));
    put(0x80 | (character >> 6 & 0x3f));
    put(0x80 | (character & 0x3f));
  }
  return text;
}

std::string ClipEnd(std::string_view text, int columns, std::string_view ellipsis) {
  const int room = columns - Columns(ellipsis);
  int used = 0;
  size_t kept = 0;  // bytes that leave room for the ellipsis
  for (const Glyph& glyph : Glyphs(text)) {
    used += glyph.columns;
    kept += used <= room ? glyph.bytes.size() : 0;
  }
  if (used <= columns) {
    return std::string(text);
  }
  return room < 0 ? std::string() : std::string(text.substr(0, kept)).append(ellipsis);
}

std::string ClipFront(std::string_view text, int columns, std::string_view ellipsis) {
  const std::vector<Glyph> glyphs = Glyphs(text);
  const int room = columns - Columns(ellipsis);
  int used = 0;
  size_t kept = 0;
  for (auto glyph = glyphs.rbegin(); glyph != glyphs.rend(); ++glyph) {
    used += glyph->columns;
    kept += used <= room ? glyph->bytes.size() : 0;
  }
  if (used <= columns) {
    return std::string(text);
  }
  return room < 0 ? std::string() : std::string(ellipsis).append(text.substr(text.size() - kept));
}

std::vector<std::string> Wrap(std::string_view text, int columns) {
  const int most = std::max(columns, 1);
  std::vector<std::string> lines;
  std::string line;
  int used = 0;
  size_t good_break = 0;  // bytes of the line up to behind a space or slash in its second half
  for (const Glyph& glyph : Glyphs(text)) {
    if (used + glyph.columns > most && !line.empty()) {
      const size_t at = good_break > 0 ? good_break : line.size();
      std::string rest = line.substr(at);
      line.resize(at);
      lines.push_back(std::move(line));
      line = std::move(rest);
      used = Columns(line);
      good_break = 0;
    }
    line += glyph.bytes;
    used += glyph.columns;
    if ((glyph.bytes == " " || glyph.bytes == "/") && used > most / 2) {
      good_break = line.size();
    }
  }
  lines.push_back(std::move(line));
  return lines;
}

}  // namespace fathom::tui
