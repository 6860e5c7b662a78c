#include "tui/pager.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "base/units.h"
#include "tui/content_description.h"
#include "tui/text_width.h"

namespace fathom::tui {
namespace {

std::string_view WithoutLineEnd(std::string_view line) {
  if (line.ends_with('\n')) {
    line.remove_suffix(1);
    if (line.ends_with('\r')) {
      line.remove_suffix(1);
    }
  }
  return line;
}

}  // namespace

std::string_view Pager::text() const {
  return window_.bytes == nullptr ? std::string_view() : std::string_view(*window_.bytes);
}

size_t Pager::BytesInRow() const { return area_.columns >= 78 ? 16 : 8; }

size_t Pager::rows() const {
  switch (kind_) {
    case Kind::kText:
      return rows_.size();
    case Kind::kBytes:
      return (text().size() + BytesInRow() - 1) / BytesInRow();
    case Kind::kDiff:
      return diff_.size();
    case Kind::kNothing:
      break;
  }
  return 0;
}

void Pager::SetArea(Size area) {
  if (area == area_) {
    return;
  }
  const uint64_t place = Place();
  // Rows of differences are the same at every width.
  const bool lays = area.columns != area_.columns && kind_ != Kind::kDiff;
  area_ = area;
  if (lays) {
    Lay();
    GoTo(place);
  }
  Settle();
}

void Pager::SetWindow(ContentWindow window) {
  const bool first = window_.bytes == nullptr;
  const uint64_t offset = first ? 0 : wanted_.value_or(OffsetOf(top_));
  window_ = std::move(window);
  wanted_.reset();
  message_.clear();
  if (first) {
    const ByteView bytes = AsBytes(text());
    description_ = DescribeContent(bytes, window_.file_bytes);
    kind_ = LooksLikeText(bytes) ? Kind::kText : Kind::kBytes;
  }
  Lay();
  GoTo(offset);
}

void Pager::SetDiff(std::vector<DiffLine> lines) {
  diff_ = std::move(lines);
  found_row_.reset();
  kind_ = Kind::kDiff;
  wanted_.reset();
  message_ = diff_.empty() ? "the contents are the same" : "";
  Settle();
}

// Finds where rows begin. Of a window in the middle of a file the first line is a part of one.
void Pager::Lay() {
  rows_.clear();
  found_row_.reset();
  if (kind_ != Kind::kText) {
    return;
  }
  const std::string_view content = text();
  size_t line = 0;
  size_t returns = 0;
  size_t newlines = 0;
  for (size_t begin = 0; begin < content.size(); ++line) {
    const size_t newline = content.find('\n', begin);
    const size_t end = newline == std::string_view::npos ? content.size() : newline + 1;
    newlines += newline != std::string_view::npos ? 1 : 0;
    returns += newline != std::string_view::npos && newline > begin && content[newline - 1] == '\r';
    LayLine(content.substr(begin, end - begin), begin, line);
    begin = end;
  }
  mixed_ends_ = returns > 0 && returns < newlines;
}

void Pager::LayLine(std::string_view line, size_t begin, size_t number) {
  rows_.push_back({begin, number});
  if (!wrap_) {
    return;
  }
  const int room = std::max(area_.columns - NumberColumns(), 8);
  // Most lines need no second look: no character takes more columns than a tab.
  int column = 0;
  if (line.size() * kTabColumns <= static_cast<size_t>(room)) {
    return;
  }
  // The end of the line takes no columns.
  const size_t end = WithoutLineEnd(line).size();
  size_t at = 0;
  while (at < end) {
    const Utf8Character character = FrontCharacter(line.substr(at));
    const size_t length = std::max<size_t>(character.length, 1);
    const std::string_view bytes = line.substr(at, length);
    const bool plain = character.code >= 0x20 && character.code < 0x7f;
    const int columns = plain           ? 1
                        : bytes == "\t" ? kTabColumns - column % kTabColumns
                                        : Columns(Printable(bytes));
    if (column + columns > room && column > 0) {
      rows_.push_back({begin + at, number});
      column = 0;
    }
    column += columns;
    at += length;
  }
}

std::string_view Pager::RowText(size_t row) const {
  const size_t begin = rows_[row].begin;
  const size_t end = row + 1 < rows_.size() ? rows_[row + 1].begin : text().size();
  return WithoutLineEnd(text().substr(begin, end - begin));
}

bool Pager::EndsWithReturn(size_t row) const {
  const size_t end = row + 1 < rows_.size() ? rows_[row + 1].begin : text().size();
  return text().substr(rows_[row].begin, end - rows_[row].begin).ends_with("\r\n");
}

uint64_t Pager::OffsetOf(size_t row) const {
  if (kind_ == Kind::kBytes) {
    return window_.offset + row * BytesInRow();
  }
  return window_.offset + (row < rows_.size() ? rows_[row].begin : 0);
}

size_t Pager::RowAt(uint64_t offset) const {
  const uint64_t in_window = offset < window_.offset ? 0 : offset - window_.offset;
  if (kind_ == Kind::kBytes) {
    return in_window / BytesInRow();
  }
  const auto next = std::ranges::upper_bound(rows_, in_window, {}, &Row::begin);
  return next == rows_.begin() ? 0 : static_cast<size_t>(next - rows_.begin()) - 1;
}

// Rows of text and of bytes begin at different places: while the row at the top is the one that the
// last place went to, that is the place, so that there and back again is where it was.
uint64_t Pager::Place() const {
  const bool here = place_ >= window_.offset && RowAt(place_) == top_;
  return here ? place_ : OffsetOf(top_);
}

void Pager::GoTo(uint64_t place) {
  place_ = place;
  top_ = RowAt(place);
  Settle();
}

void Pager::Settle() {
  const size_t count = rows();
  const auto height = static_cast<size_t>(std::max(area_.rows, 1));
  top_ = std::min(top_, count - std::min(count, height));
}

void Pager::MoveLines(int lines) {
  const auto height = static_cast<size_t>(std::max(area_.rows, 1));
  const size_t last_top = rows() - std::min(rows(), height);
  const auto target = static_cast<ptrdiff_t>(top_) + lines;
  if (target < 0) {
    WantMore(false);
  } else if (static_cast<size_t>(target) > last_top) {
    WantMore(true);
  }
  top_ = static_cast<size_t>(std::clamp<ptrdiff_t>(target, 0, static_cast<ptrdiff_t>(last_top)));
}

// At an end of the window that is no end of the file: what is beyond.
void Pager::WantMore(bool forward) {
  if (kind_ == Kind::kDiff || window_.bytes == nullptr) {
    return;
  }
  const uint64_t end = window_.offset + text().size();
  if (forward && end < window_.file_bytes) {
    // A line longer than this fills the window it is in, which its own offset would bring again.
    constexpr uint64_t kLongest = ContentReader::kWindow / 2;
    wanted_ = std::max(OffsetOf(top_), end - std::min(end, kLongest));
  } else if (!forward && window_.offset > 0) {
    wanted_ = window_.offset - 1;
  }
}

void Pager::MoveColumns(int columns) {
  left_ = wrap_ || kind_ == Kind::kBytes ? 0 : std::clamp(left_ + columns, 0, 1 << 20);
}

void Pager::ToStart() {
  top_ = 0;
  left_ = 0;
  if (window_.bytes != nullptr && window_.offset > 0) {
    wanted_ = 0;
  }
}

void Pager::ToEnd() {
  top_ = rows();
  Settle();
  if (window_.bytes != nullptr && window_.offset + text().size() < window_.file_bytes) {
    wanted_ = window_.file_bytes - 1;
  }
}

void Pager::ToggleHex() {
  if (kind_ != Kind::kText && kind_ != Kind::kBytes) {
    return;
  }
  const uint64_t place = Place();
  kind_ = kind_ == Kind::kText ? Kind::kBytes : Kind::kText;
  left_ = 0;
  Lay();
  GoTo(place);
}

void Pager::ToggleWrap() {
  const uint64_t place = Place();
  wrap_ = !wrap_;
  left_ = 0;
  Lay();
  if (kind_ == Kind::kText) {
    GoTo(place);
  }
}

bool Pager::RowMatches(size_t row) const {
  if (kind_ == Kind::kDiff) {
    return pattern_.Matches(diff_[row].text);
  }
  if (kind_ == Kind::kText) {
    return pattern_.Matches(RowText(row));
  }
  const size_t begin = row * BytesInRow();
  // A little more than the row, so that what begins in it is found.
  return pattern_.Matches(text().substr(begin, BytesInRow() + pattern_.text().size()));
}

void Pager::Search(std::string_view pattern, PathFilter::Options options) {
  pattern_ = PathFilter(std::string(pattern), options);
  found_row_.reset();
  FindFrom(top_, true);
}

size_t Pager::Found() const {
  const auto height = static_cast<size_t>(std::max(area_.rows, 1));
  const bool shown = found_row_ && *found_row_ >= top_ && *found_row_ - top_ < height;
  return shown ? *found_row_ : top_;
}

void Pager::FindFrom(size_t row, bool forward) {
  const size_t count = rows();
  if (pattern_.empty() || count == 0) {
    return;
  }
  const std::string notice = pattern_.complaint().empty() ? "" : "no regex, taken as plain text";
  const std::string part = HasAll() || kind_ == Kind::kDiff ? "" : " in this part of the file";
  for (size_t step = 0; step < count; ++step) {
    const size_t at = forward ? (row + step) % count : (row + count - 1 - step % count) % count;
    if (RowMatches(at)) {
      top_ = at;
      Settle();
      found_row_ = at;
      found_ = notice;
      return;
    }
  }
  found_ = fmt::format("'{}' is not found{}{}", Printable(pattern_.text()), part,
                       notice.empty() ? "" : ", " + notice);
}

std::string Pager::status() const {
  std::string text = found_.empty() ? "" : found_ + "  ";
  if (kind_ == Kind::kDiff) {
    return text + fmt::format("line {} of {}", std::min(top_ + 1, diff_.size()), diff_.size());
  }
  if (kind_ == Kind::kNothing) {
    return text;
  }
  text += fmt::format("{}  {}", description_, HumanBytes(window_.file_bytes));
  if (kind_ == Kind::kText && !rows_.empty() && window_.offset == 0) {
    text += fmt::format("  line {}{}", rows_[top_].line + 1,
                        HasAll() ? fmt::format(" of {}", rows_.back().line + 1) : "");
  } else if (window_.file_bytes > 0) {
    text += fmt::format("  byte {}", OffsetOf(top_));
  }
  return text + (window_.verified || window_.file_bytes == 0 ? "" : "  not verified");
}

int Pager::NumberColumns() const {
  return numbers_ && window_.offset == 0 && kind_ == Kind::kText ? 8 : 0;
}

}  // namespace fathom::tui
