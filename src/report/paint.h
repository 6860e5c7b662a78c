// Colours in text for a terminal: of the sixteen that every theme sets.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace fathom::report {

enum class Paint { kNone = 0, kRed = 31, kGreen = 32, kYellow = 33 };

// The text in that colour, or as it is without `color`.
inline std::string Painted(std::string_view text, Paint paint, bool color) {
  return color && paint != Paint::kNone
             ? fmt::format("\x1b[{}m{}\x1b[0m", static_cast<int>(paint), text)
             : std::string(text);
}

}  // namespace fathom::report
