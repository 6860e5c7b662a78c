// What a file is, told by its first bytes, in a few words for people.
#pragma once

#include <string>

#include "base/bytes.h"

namespace fathom::tui {

// "text, UTF-8", "script, /bin/sh", "ELF 64-bit executable, x86-64", "gzip archive", "data".
// `first` are its first bytes, of which 1 KiB are enough; `size` is that of the whole.
std::string DescribeContent(ByteView first, uint64_t size);

// Whether it can be read as lines: no NUL, and hardly anything that is no character.
bool LooksLikeText(ByteView first);

}  // namespace fathom::tui
