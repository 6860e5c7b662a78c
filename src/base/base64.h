// Bytes written as text (RFC 4648 section 4).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace fathom {

// The bytes that base64 stands for, with its padding or without. kCorrupt for anything else.
Result<std::string> FromBase64(std::string_view text);

}  // namespace fathom
