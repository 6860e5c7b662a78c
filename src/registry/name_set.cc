#include "registry/name_set.h"

#include <xxhash.h>

namespace fathom::registry {
namespace {

constexpr uint64_t kMarks = 3;

// Not 0, which marks a free slot, and without the bits of the marks.
uint64_t HashOf(std::string_view name) {
  const uint64_t hash = XXH3_64bits(name.data(), name.size()) & ~kMarks;
  return hash == 0 ? kMarks + 1 : hash;
}

}  // namespace

// The slot of the hash, or the free one where it belongs.
size_t NameSet::Find(uint64_t hash) const {
  const size_t mask = slots_.size() - 1;
  size_t slot = static_cast<size_t>(hash >> 2) & mask;
  while (slots_[slot] != 0 && (slots_[slot] & ~kMarks) != hash) {
    slot = (slot + 1) & mask;
  }
  return slot;
}

void NameSet::Grow() {
  std::vector<uint64_t> old(slots_.size() * 2);
  old.swap(slots_);
  for (const uint64_t value : old) {
    if (value != 0) {
      slots_[Find(value & ~kMarks)] = value;
    }
  }
}

bool NameSet::Add(std::string_view name, Mark mark) {
  constexpr size_t kMostFull = 4;  // fifths
  if (size_ * 5 >= slots_.size() * kMostFull) {
    Grow();
  }
  const uint64_t hash = HashOf(name);
  uint64_t& slot = slots_[Find(hash)];
  const bool is_new = slot == 0;
  if (is_new) {
    slot = hash;
    ++size_;
  } else {
    --counts_[slot & kMarks];
  }
  slot |= mark;
  ++counts_[slot & kMarks];
  return is_new;
}

bool NameSet::Contains(std::string_view name) const { return slots_[Find(HashOf(name))] != 0; }

}  // namespace fathom::registry
