// How the pager looks: text, bytes, differences.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "tui/pager.h"
#include "tui/text_width.h"

namespace fathom::tui {
namespace {

// Bytes of a line beyond which its end is not looked at: more than any screen shows.
constexpr size_t kMostShown = 64 << 10;

// Text of a file as a screen can show it: tabs as blanks, everything else that is no character as
// Printable() shows it.
std::string Expand(std::string_view text) {
  std::string out;
  int column = 0;
  while (!text.empty()) {
    const size_t tab = std::min(text.find('\t'), text.size());
    const std::string piece = Printable(text.substr(0, tab));
    out += piece;
    column += Columns(piece);
    if (tab == text.size()) {
      break;
    }
    const int blanks = Pager::kTabColumns - column % Pager::kTabColumns;
    out.append(static_cast<size_t>(blanks), ' ');
    column += blanks;
    text.remove_prefix(tab + 1);
  }
  return out;
}

Role RoleOf(DiffLine::Kind kind) {
  switch (kind) {
    case DiffLine::Kind::kAdded:
      return Role::kAdded;
    case DiffLine::Kind::kRemoved:
      return Role::kRemoved;
    case DiffLine::Kind::kGap:
      return Role::kFaint;
    case DiffLine::Kind::kSame:
      break;
  }
  return Role::kText;
}

}  // namespace

void Pager::Draw(Canvas& canvas, const Rect& area) const {
  canvas.Clear(area);
  if (!message_.empty() || kind_ == Kind::kNothing) {
    const std::string shown = message_.empty() ? "reading…" : Printable(message_);
    int y = area.y + 1;
    for (const std::string& line : Wrap(shown, area.columns - 4)) {
      canvas.Put({area.x + 2, y++}, line, Role::kFaint, area);
    }
  } else if (kind_ == Kind::kText) {
    DrawText(canvas, area);
  } else if (kind_ == Kind::kBytes) {
    DrawBytes(canvas, area);
  } else {
    DrawDiff(canvas, area);
  }
}

void Pager::DrawText(Canvas& canvas, const Rect& area) const {
  const int numbers = NumberColumns();
  const Rect clip = {area.x + numbers, area.y, area.columns - numbers, area.rows};
  for (int y = 0; y < area.rows; ++y) {
    const size_t row = top_ + static_cast<size_t>(y);
    if (row >= rows_.size()) {
      break;
    }
    const bool begins = row == 0 || rows_[row - 1].line != rows_[row].line;
    if (numbers > 0 && begins) {
      canvas.Put({area.x, area.y + y}, fmt::format("{:>6}  ", rows_[row].line + 1), Role::kFaint,
                 area);
    }
    // A cut through a character shows as a byte, far outside of the screen.
    const std::string_view line = RowText(row).substr(0, kMostShown);
    const Role role = !pattern_.empty() && pattern_.Matches(line) ? Role::kMatch : Role::kText;
    const int end = canvas.Put({clip.x - left_, area.y + y}, Expand(line), role, clip);
    if (mixed_ends_ && EndsWithReturn(row)) {
      canvas.Put({end, area.y + y}, "␍", Role::kFaint, clip);
    }
  }
}

void Pager::DrawBytes(Canvas& canvas, const Rect& area) const {
  const size_t in_row = BytesInRow();
  for (int y = 0; y < area.rows; ++y) {
    const size_t row = top_ + static_cast<size_t>(y);
    const size_t begin = row * in_row;
    if (begin >= text().size()) {
      break;
    }
    const std::string_view bytes = text().substr(begin, in_row);
    std::string hex;
    std::string characters;
    for (size_t i = 0; i < in_row; ++i) {
      const auto byte = i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0u;
      hex += i < bytes.size() ? fmt::format("{:02x} ", byte) : "   ";
      hex += i == 7 ? " " : "";
      if (i < bytes.size()) {
        characters += byte >= 0x20 && byte < 0x7f ? static_cast<char>(byte) : '.';
      }
    }
    const bool match = !pattern_.empty() && RowMatches(row);
    Point at = {area.x, area.y + y};
    at.x = canvas.Put(at, fmt::format("{:010x}  ", window_.offset + begin), Role::kFaint, area);
    at.x = canvas.Put(at, hex, match ? Role::kMatch : Role::kText, area);
    canvas.Put(at, " " + characters, Role::kHeading, area);
  }
}

void Pager::DrawDiff(Canvas& canvas, const Rect& area) const {
  constexpr std::string_view kSigns = " -+";
  for (int y = 0; y < area.rows; ++y) {
    const size_t row = top_ + static_cast<size_t>(y);
    if (row >= diff_.size()) {
      break;
    }
    const DiffLine& line = diff_[row];
    Point at = {area.x, area.y + y};
    if (line.kind == DiffLine::Kind::kGap) {
      canvas.Put(at, fmt::format("        ⋯ {} equal lines", line.text), Role::kFaint, area);
      continue;
    }
    const auto number = [](uint32_t value) {
      return value == 0 ? std::string(6, ' ') : fmt::format("{:>6}", value);
    };
    at.x = canvas.Put(at, number(line.before) + " " + number(line.after) + " ", Role::kFaint, area);
    const char sign = kSigns[static_cast<size_t>(line.kind)];
    at.x = canvas.Put(at, std::string(1, sign) + " ", RoleOf(line.kind), area);
    const Rect clip = {at.x, area.y, area.x + area.columns - at.x, area.rows};
    canvas.Put({at.x - left_, at.y}, Expand(std::string_view(line.text).substr(0, kMostShown)),
               RoleOf(line.kind), clip);
  }
}

}  // namespace fathom::tui
