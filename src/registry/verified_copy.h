// Copies a blob and makes sure that it is the one that was meant.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "base/digest.h"
#include "base/io.h"

namespace fathom::registry {

// Bytes of a blob that are read at once: what libcurl hands over at once.
inline constexpr size_t kPiece = 512 << 10;

// Hands the bytes of `source` to `put` as they come. Errors: those of both; kCorrupt when their
// digest or number is another, after all have been handed over. Returns how many there were.
Result<uint64_t> CopyVerified(ByteSource& source, const Digest& digest,
                              std::optional<uint64_t> size,
                              const std::function<Status(ByteView)>& put);

}  // namespace fathom::registry
