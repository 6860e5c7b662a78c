// A line of text that is being typed.
#pragma once

#include <string>
#include <string_view>

#include "tui/input_event.h"

namespace fathom::tui {

// A value. The text is UTF-8, the cursor between characters.
class LineEdit {
 public:
  static constexpr size_t kMostBytes = 4096;

  LineEdit() = default;
  explicit LineEdit(std::string text) : text_(std::move(text)), cursor_(text_.size()) {}

  const std::string& text() const { return text_; }
  size_t cursor() const { return cursor_; }  // in bytes

  // Takes characters, backspace, delete, arrows, home and end, and of the shell's habits ^A, ^E,
  // ^K, ^U and ^W. False for any other key, which then means something else.
  bool Press(const Key& key);
  // Control characters are left out, the end of a line becomes a blank.
  void Insert(std::string_view text);

 private:
  size_t Before() const;
  size_t After() const;

  std::string text_;
  size_t cursor_ = 0;
};

}  // namespace fathom::tui
