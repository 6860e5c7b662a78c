// clang-format off
#include <cstddef>
#include "base/id_hash.h"
// clang-format on

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace fathom {
namespace {

// Keys behind ids, as the callers keep them.
class Keys {
 public:
  explicit Keys(uint64_t hash_mask = ~0ull) : hash_mask_(hash_mask) {}

  void Add(uint64_t key) {
    keys_.push_back(key);
    table_.Add(Hash(key), static_cast<uint32_t>(keys_.size() - 1),
               [&](uint32_t id) { return Hash(keys_[id]); });
  }
  uint32_t Find(uint64_t key) const {
    return table_.Find(Hash(key), [&](uint32_t id) { return keys_[id] == key; });
  }
  void Clear() { table_.Clear(); }

 private:
  uint64_t Hash(uint64_t key) const { return MixHash(key) & hash_mask_; }

  uint64_t hash_mask_;
  std::vector<uint64_t> keys_;
  IdHash table_;
};

TEST(IdHash, EmptyTableHasNothing) { EXPECT_EQ(Keys().Find(1), IdHash::kNone); }

TEST(IdHash, FindsEveryIdWhileItGrows) {
  Keys keys;
  for (uint64_t key = 0; key < 10'000; ++key) {
    EXPECT_EQ(keys.Find(key), IdHash::kNone);
    keys.Add(key);
    EXPECT_EQ(keys.Find(key), key);
    EXPECT_EQ(keys.Find(key / 2), key / 2);
  }
}

TEST(IdHash, KeepsKeysApartThatShareAHash) {
  Keys keys(/*hash_mask=*/3);
  for (uint64_t key = 0; key < 500; ++key) {
    keys.Add(key);
  }
  for (uint64_t key = 0; key < 500; ++key) {
    EXPECT_EQ(keys.Find(key), key);
  }
  EXPECT_EQ(keys.Find(500), IdHash::kNone);
}

TEST(IdHash, ClearForgetsAll) {
  Keys keys;
  keys.Add(7);
  keys.Clear();
  EXPECT_EQ(keys.Find(7), IdHash::kNone);
}

TEST(MixHash, SpreadsNeighboursOverTheLowBits) {
  std::set<uint64_t> slots;
  for (uint64_t value = 0; value < 256; ++value) {
    slots.insert(MixHash(value << 32) & 1023);
  }
  EXPECT_GT(slots.size(), 200u);  // 226 when at random
}

}  // namespace
}  // namespace fathom
