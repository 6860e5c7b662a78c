// A set of many names, each known by a hash of 62 bits and two marks: 2 million names take 32 MB.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace fathom::registry {

// Of a million names two have the same hash once in nine million sets; the second is then taken for
// the first. Not thread-safe.
class NameSet {
 public:
  enum Mark : uint8_t { kFirst = 1, kSecond = 2 };

  // Adds the name with the mark, or the mark to the name. True when the name is new.
  bool Add(std::string_view name, Mark mark);
  bool Contains(std::string_view name) const;

  size_t size() const { return size_; }
  // Names that have exactly these marks.
  size_t Count(uint8_t marks) const { return counts_[marks & 3]; }
  uint64_t memory_bytes() const { return slots_.capacity() * sizeof(uint64_t); }

 private:
  size_t Find(uint64_t hash) const;
  void Grow();

  std::vector<uint64_t> slots_ = std::vector<uint64_t>(1024);  // 0 is free
  size_t size_ = 0;
  size_t counts_[4] = {};
};

}  // namespace fathom::registry
