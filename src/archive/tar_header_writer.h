// The headers of one tar entry as bytes: what TarParser reads back as the same TarEntry.
//
// Format: ustar (POSIX.1-1988), with a pax extension header (POSIX.1-2001) in front where a value
// does not fit its field. The same entry gives the same bytes.
#pragma once

#include <string>

#include "archive/tar_entry.h"

namespace fathom::archive {

// A whole number of blocks. `entry.size` bytes of content follow for a file, padded to a block;
// offsets are not looked at, and a sparse file is one with all of its bytes.
std::string TarHeaderBlocks(const TarEntry& entry);

// The zero bytes that stand behind content of this size.
std::string TarPadding(uint64_t size);

// The two zero blocks that end an archive.
std::string TarEnd();

}  // namespace fathom::archive
