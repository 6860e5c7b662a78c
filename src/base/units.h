// Numbers of bytes as people read and write them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace fathom {

// In units of a thousand: "7 B", "999 B", "1.0 kB", "9.9 kB", "10 kB", "1000 kB", "1.5 GB". One
// decimal below ten units, none from there on, none for plain bytes; the same text as dive shows.
std::string HumanBytes(uint64_t bytes);

// "20MB", "20 mib", "1.5G", "1,024", "512": a decimal number, then a unit in any case. k, M, G, T,
// P, E (with or without B) are powers of 1000; Ki, Mi, ... powers of 1024; B or nothing is bytes.
// A fraction of a byte is cut off. Errors: kInvalidArgument.
Result<uint64_t> ParseBytes(std::string_view text);

}  // namespace fathom
