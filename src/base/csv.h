// Fields of CSV files, as RFC 4180 has them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fathom {

// The fields of a line. A quoted field ends on its line.
std::vector<std::string> SplitCsv(std::string_view line);

// Safe on a screen; in quotes where it holds one, a comma or a line's end.
std::string CsvField(std::string_view text);

}  // namespace fathom
