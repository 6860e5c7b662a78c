// Digests as the OCI specifications write them: "algorithm:hex" over the bytes of a blob.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace fathom {

enum class DigestAlgorithm : uint8_t { kSha256, kSha512 };

// A digest is a value of at most 64 bytes; a default one is empty and equals no digest of anything.
class Digest {
 public:
  Digest() = default;
  Digest(DigestAlgorithm algorithm, ByteView bytes);

  // Accepts "sha256:<64 lower-case hex>" and "sha512:<128 ...>"; anything else is kCorrupt.
  static Result<Digest> Parse(std::string_view text);

  bool empty() const { return size_ == 0; }
  DigestAlgorithm algorithm() const { return algorithm_; }
  ByteView bytes() const { return {bytes_.data(), size_}; }
  std::string Hex() const;
  std::string ToString() const;  // "sha256:..."; "" when empty

  friend bool operator==(const Digest&, const Digest&) = default;
  friend auto operator<=>(const Digest&, const Digest&) = default;

 private:
  DigestAlgorithm algorithm_ = DigestAlgorithm::kSha256;
  uint8_t size_ = 0;
  std::array<uint8_t, 64> bytes_{};
};

std::string_view AlgorithmName(DigestAlgorithm algorithm);
std::string HexOf(ByteView bytes);

// Computes a digest piece by piece. Reusable after Finish(). Not thread-safe.
class Hasher {
 public:
  explicit Hasher(DigestAlgorithm algorithm = DigestAlgorithm::kSha256);
  ~Hasher();
  Hasher(Hasher&&) noexcept;
  Hasher& operator=(Hasher&&) noexcept;

  void Update(ByteView bytes);
  Digest Finish();  // and starts anew

 private:
  struct State;
  std::unique_ptr<State> state_;
};

Digest DigestOf(ByteView bytes, DigestAlgorithm algorithm = DigestAlgorithm::kSha256);

}  // namespace fathom
