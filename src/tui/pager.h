// The viewer of one file's content, as a model: text, bytes, or how two contents differ.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tui/canvas.h"
#include "tui/content_reader.h"
#include "tui/line_diff.h"
#include "tui/path_filter.h"

namespace fathom::tui {

// A value. Has a window of the content; Wanted() says when scrolling needs another. What it costs
// to move and draw does not grow with the file, but for one pass over a window when it comes.
class Pager {
 public:
  static constexpr int kTabColumns = 8;

  explicit Pager(std::string title) : title_(std::move(title)) {}

  const std::string& title() const { return title_; }
  // Where it is in the file, what the content is, what was searched: for the line above.
  std::string status() const;

  void SetArea(Size area);
  // The first window decides whether the content is shown as text or as bytes. The place in the
  // file stays.
  void SetWindow(ContentWindow window);
  void SetDiff(std::vector<DiffLine> lines);
  void SetFailure(std::string message) { message_ = std::move(message); }

  // An offset of the file whose window is needed; nothing when all that shows is there.
  std::optional<uint64_t> Wanted() const { return wanted_; }

  void MoveLines(int lines);
  void MovePages(int pages) { MoveLines(pages * std::max(area_.rows - 1, 1)); }
  void MoveColumns(int columns);
  void ToStart();
  void ToEnd();

  void ToggleHex();
  void ToggleWrap();
  void ToggleNumbers() { numbers_ = !numbers_; }

  // Goes to the next line that matches, from the top of the screen on. Searches what is there of
  // the file.
  void Search(std::string_view pattern, PathFilter::Options options);
  // The match before or behind the last one found, or the top of the screen when that is elsewhere.
  void Next() { FindFrom(Found() + 1, true); }
  void Previous() { FindFrom(Found(), false); }

  void Draw(Canvas& canvas, const Rect& area) const;

  // The row at the top, and how many there are of the window. A row is a line, a part of a wrapped
  // one, or some bytes.
  size_t top() const { return top_; }
  size_t rows() const;

 private:
  enum class Kind : uint8_t { kNothing, kText, kBytes, kDiff };

  // Where the rows of text begin in the window, and whether a row is the first of its line.
  struct Row {
    size_t begin;
    size_t line;  // number within the window, from 0
  };

  void Lay();
  void LayLine(std::string_view text, size_t begin, size_t line);
  std::string_view RowText(size_t row) const;
  bool EndsWithReturn(size_t row) const;
  std::string_view text() const;
  size_t BytesInRow() const;
  uint64_t OffsetOf(size_t row) const;  // in the file
  size_t RowAt(uint64_t offset) const;
  uint64_t Place() const;
  void GoTo(uint64_t place);
  bool HasAll() const {
    return window_.bytes != nullptr && window_.bytes->size() == window_.file_bytes;
  }
  void FindFrom(size_t row, bool forward);
  size_t Found() const;
  bool RowMatches(size_t row) const;
  void WantMore(bool forward);
  void Settle();

  void DrawText(Canvas& canvas, const Rect& area) const;
  void DrawBytes(Canvas& canvas, const Rect& area) const;
  void DrawDiff(Canvas& canvas, const Rect& area) const;
  int NumberColumns() const;

  std::string title_;
  std::string description_;
  std::string message_;  // shown in place of content
  Kind kind_ = Kind::kNothing;
  Size area_ = {80, 24};
  ContentWindow window_;
  std::vector<Row> rows_;    // of text
  bool mixed_ends_ = false;  // some lines end with \r\n, others with \n
  std::vector<DiffLine> diff_;
  size_t top_ = 0;
  uint64_t place_ = 0;  // in the file, that rows were last laid out around
  int left_ = 0;        // columns that are scrolled out of sight
  bool wrap_ = false;
  bool numbers_ = false;
  PathFilter pattern_;
  std::string found_;                // what the last search says
  std::optional<size_t> found_row_;  // which is not the top where the last screen shows it
  std::optional<uint64_t> wanted_ = 0;
};

}  // namespace fathom::tui
