// The identity of a file's content within one analysis or one corpus.
//
// XXH3-128 is nearly free (30 GB/s) and right for one image, whose parts were made together. It is
// no cryptographic hash: where contents of parties that do not trust each other are compared, a
// corpus for instance, SHA-256 is used. An index holds one algorithm throughout.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "base/bytes.h"

namespace fathom {

enum class ContentAlgorithm : uint8_t { kXxh3_128 = 1, kSha256 = 2 };

constexpr size_t ContentHashSize(ContentAlgorithm algorithm) {
  return algorithm == ContentAlgorithm::kXxh3_128 ? 16 : 32;
}

constexpr size_t kMaxContentHashSize = 32;

// Hashes one content after another. Not thread-safe.
class ContentHasher {
 public:
  explicit ContentHasher(ContentAlgorithm algorithm);
  ~ContentHasher();
  ContentHasher(const ContentHasher&) = delete;
  ContentHasher& operator=(const ContentHasher&) = delete;

  ContentAlgorithm algorithm() const { return algorithm_; }

  // The hash of content that lies in one piece, into out[0, ContentHashSize).
  void HashWhole(ByteView content, ByteSpan out);

  // The hash of content that comes in pieces: Start, Update..., Finish.
  void Start();
  void Update(ByteView piece);
  void UpdateZeros(uint64_t count);  // `count` zero bytes that nobody has to store
  void Finish(ByteSpan out);

 private:
  struct State;
  ContentAlgorithm algorithm_;
  std::unique_ptr<State> state_;
};

}  // namespace fathom
