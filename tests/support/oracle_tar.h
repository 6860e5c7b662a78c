// The oracle's own reader of tar: small, in memory, sharing no code with any other.
#pragma once

#include <string_view>
#include <vector>

#include "tests/support/tar_writer.h"

namespace fathom::testing {

// The entries of an archive up to its first zero block or its end: ustar, v7, pax 'x' and 'g',
// GNU 'L' and 'K', base-256 numbers. No sparse files. An old directory (type 0, name ends in '/')
// becomes type '5' and type 0 becomes '0'; xattrs are sorted by name. Throws std::runtime_error on
// what is cut short or has a wrong checksum.
std::vector<TarEntry> ReadTar(std::string_view archive);

}  // namespace fathom::testing
