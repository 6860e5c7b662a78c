// Numbers in text that others wrote.
#pragma once

#include <charconv>
#include <concepts>
#include <optional>
#include <string_view>

namespace fathom {

// The whole of `text` as a number: digits, with a sign only for signed types. Nothing for anything
// else, and for one that T cannot hold.
template <std::integral T>
std::optional<T> ParseNumber(std::string_view text, int base = 10) {
  T value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value)
                                                                  : std::nullopt;
}

}  // namespace fathom
