// A hash table of 32-bit ids whose keys live elsewhere.
//
// The caller keeps the keyed things in an array and the table finds their ids: four bytes a slot,
// which is what makes tables of millions of paths affordable.
#pragma once

#include <cstdint>
#include <vector>

namespace fathom {

class IdHash {
 public:
  static constexpr uint32_t kNone = ~0u;

  // The id for which `equals(id)` holds among those stored under `hash`, or kNone.
  template <typename Equals>
  uint32_t Find(uint64_t hash, Equals equals) const {
    if (slots_.empty()) {
      return kNone;
    }
    for (size_t at = hash & mask_;; at = (at + 1) & mask_) {
      if (slots_[at] == kNone || equals(slots_[at])) {
        return slots_[at];
      }
    }
  }

  // Adds an id that is not there. `hash_of(id)` is asked when the table grows.
  template <typename HashOf>
  void Add(uint64_t hash, uint32_t id, HashOf hash_of) {
    if ((size_ + 1) * 4 > slots_.size() * 3) {
      Grow(hash_of);
    }
    Put(hash, id);
    ++size_;
  }

  void Clear() {
    slots_ = {};
    size_ = mask_ = 0;
  }

 private:
  void Put(uint64_t hash, uint32_t id) {
    size_t at = hash & mask_;
    while (slots_[at] != kNone) {
      at = (at + 1) & mask_;
    }
    slots_[at] = id;
  }

  template <typename HashOf>
  void Grow(HashOf hash_of) {
    const std::vector<uint32_t> old = std::move(slots_);
    slots_.assign(old.empty() ? 64 : old.size() * 2, kNone);
    mask_ = slots_.size() - 1;
    for (const uint32_t id : old) {
      if (id != kNone) {
        Put(hash_of(id), id);
      }
    }
  }

  std::vector<uint32_t> slots_;
  size_t size_ = 0;
  size_t mask_ = 0;
};

// Mixes a number into a hash with all bits spread (the finaliser of splitmix64).
constexpr uint64_t MixHash(uint64_t value) {
  value ^= value >> 30;
  value *= 0xbf58476d1ce4e5b9ull;
  value ^= value >> 27;
  value *= 0x94d049bb133111ebull;
  return value ^ value >> 31;
}

}  // namespace fathom
