#include "registry/verified_copy.h"

#include <vector>

namespace fathom::registry {
Result<uint64_t> CopyVerified(ByteSource& source, const Digest& digest,
                              std::optional<uint64_t> size,
                              const std::function<Status(ByteView)>& put) {
  std::vector<uint8_t> buffer(kPiece);
  Hasher hasher(digest.algorithm());
  uint64_t total = 0;
  while (true) {
    TRY_ASSIGN(const size_t got, source.Read(buffer));
    if (got == 0) {
      break;
    }
    const ByteView bytes(buffer.data(), got);
    total += got;
    if (size && total > *size) {
      return Fail(Code::kCorrupt, "it has more than the {} bytes that are declared", *size);
    }
    hasher.Update(bytes);
    TRY(put(bytes));
  }
  if (size && total != *size) {
    return Fail(Code::kCorrupt, "it has {} bytes, declared are {}", total, *size);
  }
  if (const Digest actual = hasher.Finish(); actual != digest) {
    return Fail(Code::kCorrupt, "it has other content, of digest {}", actual.ToString());
  }
  return total;
}

}  // namespace fathom::registry
