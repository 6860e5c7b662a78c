#include "base/units.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

namespace fathom {
namespace {

constexpr std::string_view kPrefixes = "kmgtpe";

bool IsNumberPart(char c) { return (c >= '0' && c <= '9') || c == '.' || c == ','; }

std::string_view TrimSpace(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n\v\f";
  const size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

// How many bytes a unit is: "", "b", "k", "kb", "ki", "kib" and so on, in lower case.
std::optional<double> UnitBytes(std::string_view unit) {
  if (unit.empty() || unit == "b") {
    return 1;
  }
  const size_t power = kPrefixes.find(unit[0]);
  if (power == std::string_view::npos) {
    return std::nullopt;
  }
  unit.remove_prefix(1);
  const bool binary = unit.starts_with('i');
  unit.remove_prefix(binary ? 1 : 0);
  if (!unit.empty() && unit != "b") {
    return std::nullopt;
  }
  return std::pow(binary ? 1024.0 : 1000.0, static_cast<double>(power + 1));
}

}  // namespace

std::string HumanBytes(uint64_t bytes) {
  constexpr std::array kUnits = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
  if (bytes < 10) {
    return fmt::format("{} B", bytes);
  }
  size_t unit = 0;
  uint64_t scale = 1;
  while (bytes / scale >= 1000) {
    scale *= 1000;
    ++unit;
  }
  const double tenths =
      std::floor(static_cast<double>(bytes) / static_cast<double>(scale) * 10 + 0.5);
  return tenths < 100 ? fmt::format("{:.1f} {}", tenths / 10, kUnits[unit])
                      : fmt::format("{:.0f} {}", tenths / 10, kUnits[unit]);
}

Result<uint64_t> ParseBytes(std::string_view text) {
  const auto* const end = std::ranges::find_if_not(text, IsNumberPart);
  std::string number(text.begin(), end);
  std::erase(number, ',');
  std::string unit(TrimSpace({end, text.end()}));
  std::ranges::transform(unit, unit.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 32) : c;
  });

  double value = 0;
  const char* const last = number.data() + number.size();
  const auto [stop, error] = std::from_chars(number.data(), last, value, std::chars_format::fixed);
  if (error != std::errc() || stop != last) {
    return Fail(Code::kInvalidArgument, "'{}' is no number of bytes; write 20MB or 1.5GiB", text);
  }
  const std::optional<double> scale = UnitBytes(unit);
  if (!scale) {
    return Fail(Code::kInvalidArgument, "'{}' has no unit that is known; write B, kB, MiB, ...",
                text);
  }
  value *= *scale;
  constexpr double kTooMany = 18446744073709551616.0;  // 2 to the 64th
  if (value >= kTooMany) {
    return Fail(Code::kInvalidArgument, "'{}' is too many bytes", text);
  }
  return static_cast<uint64_t>(value);
}

}  // namespace fathom
