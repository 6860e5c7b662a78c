// Headers of a tar archive that is being written: POSIX.1-2001 pax interchange format.
//
// What the fixed fields of ustar cannot say stands in a pax header before the entry: long paths and
// targets, large or negative numbers, extended attributes as SCHILY.xattr.NAME. The same entry
// always gives the same bytes. The caller writes content and TarPadding() after the header.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "archive/tar_entry.h"

namespace fathom::archive {

// All header blocks of `entry`. Its `size` counts for a regular file only. An attribute whose name
// holds '=', which no pax record can say, is left out.
std::string TarHeaderBlocks(const TarEntry& entry);

// Zero bytes that follow `size` bytes of content.
std::string_view TarPadding(uint64_t size);

// What ends an archive.
std::string_view TarEnd();

}  // namespace fathom::archive
