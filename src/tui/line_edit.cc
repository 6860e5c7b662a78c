#include "tui/line_edit.h"

#include <algorithm>

#include "base/text.h"
#include "tui/text_width.h"

namespace fathom::tui {
namespace {

bool IsContinuation(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; }

}  // namespace

size_t LineEdit::Before() const {
  size_t at = cursor_ - std::min<size_t>(cursor_, 1);
  while (at > 0 && IsContinuation(text_[at])) {
    --at;
  }
  return at;
}

size_t LineEdit::After() const {
  size_t at = std::min(cursor_ + 1, text_.size());
  while (at < text_.size() && IsContinuation(text_[at])) {
    ++at;
  }
  return at;
}

bool LineEdit::Press(const Key& key) {
  const auto erase_to = [this](size_t from) {
    text_.erase(from, cursor_ - from);
    cursor_ = from;
  };
  if (key.code < 0x110000 && !key.ctrl && !key.alt) {
    Insert(ToUtf8(key.code));
    return true;
  }
  if (key.alt) {
    return false;
  }
  const auto is = [&](KeyCode code) { return key == MakeKey(code); };
  const auto is_control = [&](char32_t letter) { return key == Key{.code = letter, .ctrl = true}; };
  if (is(KeyCode::kBackspace)) {
    erase_to(Before());
  } else if (is(KeyCode::kDelete)) {
    text_.erase(cursor_, After() - cursor_);
  } else if (is(KeyCode::kLeft)) {
    cursor_ = Before();
  } else if (is(KeyCode::kRight)) {
    cursor_ = After();
  } else if (is(KeyCode::kHome) || is_control('a')) {
    cursor_ = 0;
  } else if (is(KeyCode::kEnd) || is_control('e')) {
    cursor_ = text_.size();
  } else if (is_control('k')) {
    text_.resize(cursor_);
  } else if (is_control('u')) {
    erase_to(0);
  } else if (is_control('w')) {
    const size_t word_end = text_.find_last_not_of(" /", cursor_ == 0 ? 0 : cursor_ - 1);
    const size_t before =
        word_end == std::string::npos ? word_end : text_.find_last_of(" /", word_end);
    erase_to(before == std::string::npos ? 0 : before + 1);
  } else {
    return false;
  }
  return true;
}

void LineEdit::Insert(std::string_view text) {
  std::string clean;
  while (!text.empty()) {
    const Utf8Character character = FrontCharacter(text);
    const size_t length = std::max<size_t>(character.length, 1);
    if (character.code == '\n' || character.code == '\r' || character.code == '\t') {
      clean += ' ';
    } else if (character.length > 0 && !IsControl(character.code)) {
      clean += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  if (text_.size() + clean.size() <= kMostBytes) {
    text_.insert(cursor_, clean);
    cursor_ += clean.size();
  }
}

}  // namespace fathom::tui
