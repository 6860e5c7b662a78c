#include "base/content_hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>

#include "base/digest.h"

namespace fathom {
namespace {

void StoreCanonical(XXH128_hash_t hash, ByteSpan out) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, hash);
  std::copy_n(canonical.digest, sizeof(canonical.digest), out.begin());
}

void StoreDigest(const Digest& digest, ByteSpan out) {
  std::ranges::copy(digest.bytes(), out.begin());
}

}  // namespace

struct ContentHasher::State {
  XXH3_state_t xxh3;
  Hasher sha256{DigestAlgorithm::kSha256};
};

ContentHasher::ContentHasher(ContentAlgorithm algorithm)
    : algorithm_(algorithm), state_(std::make_unique<State>()) {
  Start();
}

ContentHasher::~ContentHasher() = default;

void ContentHasher::HashWhole(ByteView content, ByteSpan out) {
  if (algorithm_ == ContentAlgorithm::kXxh3_128) {
    StoreCanonical(XXH3_128bits(content.data(), content.size()), out);
    return;
  }
  state_->sha256.Update(content);
  StoreDigest(state_->sha256.Finish(), out);
}

void ContentHasher::Start() { XXH3_128bits_reset(&state_->xxh3); }

void ContentHasher::Update(ByteView piece) {
  if (algorithm_ == ContentAlgorithm::kXxh3_128) {
    XXH3_128bits_update(&state_->xxh3, piece.data(), piece.size());
  } else {
    state_->sha256.Update(piece);
  }
}

void ContentHasher::UpdateZeros(uint64_t count) {
  static constexpr std::array<uint8_t, 64 << 10> kZeros{};
  while (count > 0) {
    const size_t piece = static_cast<size_t>(std::min<uint64_t>(count, kZeros.size()));
    Update({kZeros.data(), piece});
    count -= piece;
  }
}

void ContentHasher::Finish(ByteSpan out) {
  if (algorithm_ == ContentAlgorithm::kXxh3_128) {
    StoreCanonical(XXH3_128bits_digest(&state_->xxh3), out);
  } else {
    StoreDigest(state_->sha256.Finish(), out);
  }
}

}  // namespace fathom
