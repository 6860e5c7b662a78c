// A growing array that never moves: for tables of millions of small records, where doubling a
// vector would for a moment need three times what is in it.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace fathom {

// Elements stay where they are. Adding costs an allocation each kPageSize elements; reading costs
// one more load than a vector. Not thread-safe while adding.
template <typename T>
class PagedVector {
 public:
  static constexpr size_t kPageSize = 4096;  // elements

  PagedVector() = default;
  PagedVector(PagedVector&& from) noexcept
      : pages_(std::move(from.pages_)), size_(std::exchange(from.size_, 0)) {}
  PagedVector& operator=(PagedVector&& from) noexcept {
    pages_ = std::move(from.pages_);
    size_ = std::exchange(from.size_, 0);
    return *this;
  }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  T& operator[](size_t i) { return pages_[i / kPageSize][i % kPageSize]; }
  const T& operator[](size_t i) const { return pages_[i / kPageSize][i % kPageSize]; }

  void push_back(T value) {
    if (size_ == pages_.size() * kPageSize) {
      pages_.push_back(std::make_unique_for_overwrite<T[]>(kPageSize));
    }
    (*this)[size_++] = std::move(value);
  }

  // Adds copies of `value` until there are `size` elements.
  void grow(size_t size, const T& value) {
    while (size_ < size) {
      push_back(value);
    }
  }

 private:
  std::vector<std::unique_ptr<T[]>> pages_;
  size_t size_ = 0;
};

}  // namespace fathom
