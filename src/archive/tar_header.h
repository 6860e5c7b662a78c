// The fixed fields of a tar header block, and how their numbers are written.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace fathom::archive {

// POSIX ustar header; GNU tar uses the space of `prefix` for other things. tar(5).
struct TarHeader {
  char name[100];
  char mode[8];
  char uid[8];
  char gid[8];
  char size[12];
  char mtime[12];
  char checksum[8];
  char type;
  char link[100];
  char magic[6];  // "ustar\0", or "ustar " for old GNU
  char version[2];
  char user[32];
  char group[32];
  char dev_major[8];
  char dev_minor[8];
  char prefix[155];
  char padding[12];
};
static_assert(sizeof(TarHeader) == 512);

// Offsets of old GNU's sparse fields (type 'S') within the header, and of its extension blocks.
struct GnuSparse {
  static constexpr size_t kRunBytes = 24;  // 12 for the offset, 12 for the size
  static constexpr size_t kHeaderRuns = 386;
  static constexpr size_t kHeaderRunCount = 4;
  static constexpr size_t kHeaderExtended = 482;
  static constexpr size_t kRealSize = 483;
  static constexpr size_t kBlockRunCount = 21;
  static constexpr size_t kBlockExtended = 504;
};

// The text of a fixed field: up to the first NUL.
std::string_view FieldText(const char* field, size_t size);

// A number field: octal text, or base-256 when the top bit of the first byte is set. Blank is 0.
Result<int64_t> FieldNumber(const char* field, size_t size);

// Whether the checksum field fits the block, summed as unsigned or (old tars) signed bytes.
bool ChecksumFits(ByteView block);

// A decimal number that fills all of `text`; a fraction, where `fraction` allows one, is
// rounded down.
Result<int64_t> DecimalNumber(std::string_view text, bool fraction = false);

}  // namespace fathom::archive
