#include "base/base64.h"

#include <cstdint>

namespace fathom {
namespace {

constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr unsigned kDigitBits = 6;

}  // namespace

Result<std::string> FromBase64(std::string_view text) {
  while (text.ends_with('=')) {
    text.remove_suffix(1);
  }
  std::string bytes;
  bytes.reserve(text.size() * kDigitBits / 8);
  uint32_t bits = 0;
  unsigned count = 0;  // of the bits that are left over
  for (const char c : text) {
    const size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos) {
      return Fail(Code::kCorrupt, "no base64");
    }
    bits = bits << kDigitBits | static_cast<uint32_t>(digit);
    count += kDigitBits;
    if (count >= 8) {
      count -= 8;
      bytes += static_cast<char>(bits >> count & 0xff);
    }
  }
  if (count >= kDigitBits) {
    return Fail(Code::kCorrupt, "base64 that ends within a byte");
  }
  return bytes;
}

}  // namespace fathom
