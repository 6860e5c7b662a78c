#include "archive/tar_header.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <limits>
#include <utility>

namespace fathom::archive {
namespace {

// Big-endian two's complement in which the top bit is a mark and the next one the sign.
Result<int64_t> Base256(ByteView field) {
  const bool negative = (field[0] & 0x40) != 0;
  uint64_t value = negative ? ~0ull : 0;
  for (size_t i = 0; i < field.size(); ++i) {
    const uint8_t byte = i > 0      ? field[i]
                         : negative ? static_cast<uint8_t>(field[0] | 0x80)
                                    : static_cast<uint8_t>(field[0] & 0x7f);
    const auto lost = static_cast<uint8_t>(value >> 56);
    if (lost != (negative ? 0xff : 0)) {
      return Fail(Code::kCorrupt, "a base-256 number does not fit 64 bits");
    }
    value = value << 8 | byte;
  }
  const auto result = static_cast<int64_t>(value);
  if ((result < 0) != negative) {
    return Fail(Code::kCorrupt, "a base-256 number does not fit 64 bits");
  }
  return result;
}

}  // namespace

std::string_view FieldText(const char* field, size_t size) {
  const void* end = std::memchr(field, 0, size);
  return {field,
          end == nullptr ? size : static_cast<size_t>(static_cast<const char*>(end) - field)};
}

Result<int64_t> FieldNumber(const char* field, size_t size) {
  if ((static_cast<uint8_t>(field[0]) & 0x80) != 0) {
    return Base256(AsBytes({field, size}));
  }
  std::string_view text(field, size);
  const size_t first = text.find_first_not_of(' ');
  text.remove_prefix(first == std::string_view::npos ? text.size() : first);
  const size_t last = text.find_last_not_of(std::string_view(" \0", 2));
  text = text.substr(0, last == std::string_view::npos ? 0 : last + 1);
  text = text.substr(0, text.find('\0'));
  int64_t value = 0;
  for (const char c : text) {
    if (c == ' ') {
      break;
    }
    if (c < '0' || c > '7') {
      return Fail(Code::kCorrupt, "a number field holds the byte {:#04x}", static_cast<uint8_t>(c));
    }
    value = value * 8 + (c - '0');  // 12 digits of 3 bits cannot overflow
  }
  return value;
}

bool ChecksumFits(ByteView block) {
  constexpr size_t kField = offsetof(TarHeader, checksum);
  constexpr size_t kFieldBytes = sizeof(TarHeader::checksum);
  const auto sum = [](ByteView bytes) {
    int64_t total = 0;
    int64_t high_bits = 0;
    for (const uint8_t byte : bytes) {
      total += byte;
      high_bits += byte >> 7;
    }
    return std::pair(total, high_bits);
  };
  const auto [all, all_high] = sum(block);
  const auto [own, own_high] = sum(block.subspan(kField, kFieldBytes));
  const int64_t plain = all - own + int64_t{kFieldBytes} * ' ';
  const auto stated =
      FieldNumber(reinterpret_cast<const char*>(block.data()) + kField, kFieldBytes);
  return stated && (*stated == plain || *stated == plain - 256 * (all_high - own_high));
}

Result<int64_t> DecimalNumber(std::string_view text, bool fraction) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  std::string_view rest(end, static_cast<size_t>(text.data() + text.size() - end));
  if (fraction && rest.starts_with('.')) {
    const size_t digits_end = std::min(rest.find_first_not_of("0123456789", 1), rest.size());
    const bool whole =
        rest.substr(0, digits_end).find_first_not_of('0', 1) == std::string_view::npos;
    if (!whole && text.starts_with('-') && value > std::numeric_limits<int64_t>::min()) {
      --value;  // rounds down, as GNU tar does
    }
    rest = rest.substr(digits_end);
  }
  if (error != std::errc() || !rest.empty()) {
    return Fail(Code::kCorrupt, "'{}' is no number", text.substr(0, 40));
  }
  return value;
}

}  // namespace fathom::archive
