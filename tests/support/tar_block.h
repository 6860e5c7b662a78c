// The 512-byte header of a tar record and the few other shapes that writers of tar share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "tests/support/tar_writer.h"

namespace fathom::testing {

inline constexpr size_t kBlockSize = 512;

// A place in a header: its first byte and its width.
struct Field {
  size_t offset;
  size_t width;
};

inline constexpr Field kName{0, 100}, kMode{100, 8}, kUid{108, 8}, kGid{116, 8}, kSize{124, 12},
    kMtime{136, 12}, kChecksum{148, 8}, kType{156, 1}, kLink{157, 100}, kMagic{257, 8},
    kDevMajor{329, 8}, kDevMinor{337, 8}, kPrefix{345, 155};

// A header that is being filled in.
class HeaderBlock {
 public:
  // Up to the field's width; a terminating NUL only where there is room.
  void SetText(Field field, std::string_view text);
  void SetOctal(Field field, uint64_t value);
  // Octal where that fits, else base-256 (two's complement).
  void SetNumber(Field field, int64_t value);
  void SetByte(size_t offset, char value) { block_[offset] = value; }
  // Computes the checksum and hands the block out.
  std::string Seal();
  // The block as it stands, for blocks that have no checksum.
  const std::string& Raw() const { return block_; }

 private:
  std::string block_ = std::string(kBlockSize, '\0');
};

inline constexpr std::string_view kUstarMagic{"ustar\00000", 8};
inline constexpr std::string_view kGnuMagic{"ustar  \0", 8};

// Whether the value fits in octal digits and a NUL.
bool FitsOctal(Field field, int64_t value);

// The content with zeros up to the next whole block.
std::string Padded(std::string content);

// "LENGTH keyword=value\n", where LENGTH counts itself.
std::string PaxRecord(std::string_view keyword, std::string_view value);

// A record of type 'x' or 'g' that holds the given pax records.
std::string PaxHeader(char type, const std::string& about, const std::string& records);

}  // namespace fathom::testing
