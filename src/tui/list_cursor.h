// Where the cursor is in a list, and which part of the list shows.
#pragma once

#include <algorithm>
#include <cstddef>

namespace fathom::tui {

// Where the cursor and the window are in a list of rows that somebody else has. A value.
class ListCursor {
 public:
  size_t at() const { return at_; }
  size_t top() const { return top_; }
  size_t height() const { return height_; }

  void SetSize(size_t size) {
    size_ = size;
    Settle();
  }
  void SetHeight(size_t height) {
    height_ = std::max<size_t>(height, 1);
    Settle();
  }
  void MoveTo(size_t index) {
    at_ = index;
    Settle();
  }
  void MoveBy(ptrdiff_t rows) {
    const ptrdiff_t target = static_cast<ptrdiff_t>(at_) + rows;
    MoveTo(static_cast<size_t>(std::max<ptrdiff_t>(target, 0)));
  }
  void ScrollBy(ptrdiff_t rows) {
    const auto most = static_cast<ptrdiff_t>(size_ - std::min(size_, height_));
    top_ = static_cast<size_t>(std::clamp<ptrdiff_t>(static_cast<ptrdiff_t>(top_) + rows, 0, most));
    at_ = std::clamp(at_, top_, top_ + height_ - 1);
    Settle();
  }

 private:
  void Settle() {
    at_ = std::min(at_, size_ == 0 ? 0 : size_ - 1);
    top_ = std::min(top_, at_);
    if (at_ >= top_ + height_) {
      top_ = at_ + 1 - height_;
    }
    top_ = std::min(top_, size_ - std::min(size_, height_));
  }

  size_t size_ = 0;
  size_t height_ = 1;
  size_t at_ = 0;
  size_t top_ = 0;
};

}  // namespace fathom::tui
