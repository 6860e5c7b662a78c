// What fuzz targets share: the entry point, a check that stays in every build, and sizes of pieces.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "base/bytes.h"

// libFuzzer's entry point; replay_main.cc calls it too.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

#define FUZZ_CHECK(condition)                                                        \
  do {                                                                               \
    if (!(condition)) {                                                              \
      std::fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                  \
    }                                                                                \
  } while (false)

namespace fathom::fuzz {

// Sizes of pieces, mostly small, that depend on the input alone, so that a finding comes again.
class Pieces {
 public:
  explicit Pieces(ByteView input) : state_(input.size()) {
    for (size_t i = 0; i < input.size(); i += 1 + input.size() / 64) {
      state_ = state_ * 31 + input[i];
    }
  }

  size_t operator()() {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    const auto random = static_cast<size_t>(state_ >> 40);
    constexpr size_t kMost[] = {1, 3, 40, 700, 5000, 1, 512, 64};
    return 1 + random / 8 % kMost[random % 8];
  }

 private:
  uint64_t state_;
};

}  // namespace fathom::fuzz
