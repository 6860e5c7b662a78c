// Fields of CSV files, as RFC 4180 has them.
#pragma once

#include <string>
#include <string_view>

#include "base/text.h"

namespace fathom {

// Safe on a screen; in quotes where it holds one, a comma or a line's end.
inline std::string CsvField(std::string_view text) {
  std::string shown = Printable(text);
  if (shown.find_first_of("\",\n") == std::string::npos) {
    return shown;
  }
  std::string quoted = "\"";
  for (const char c : shown) {
    quoted += c;
    quoted += c == '"' ? "\"" : "";
  }
  return quoted + '"';
}

}  // namespace fathom
