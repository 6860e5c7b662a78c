#include "cli/complaint.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/nearest.h"

namespace fathom::cli {
namespace {

// "table, json and csv"
std::string Listed(const std::vector<std::string>& words) {
  if (words.size() < 2) {
    return words.empty() ? "" : words.front();
  }
  return fmt::format("{} and {}", fmt::join(words.begin(), words.end() - 1, ", "), words.back());
}

}  // namespace

std::vector<std::string> ChoicesOf(const CLI::Option& option) {
  // CLI11 writes the values of an IsMember check as "TEXT:{a,b,c}".
  const std::string type = option.get_type_name();
  const size_t open = type.find('{');
  const size_t close = type.find('}', open == std::string::npos ? 0 : open);
  if (open == std::string::npos || close == std::string::npos) {
    return {};
  }
  return CLI::detail::split(type.substr(open + 1, close - open - 1), ',');
}

std::string Complaint(const CLI::Option& option, const CLI::Error& error) {
  const std::vector<std::string>& given = option.results();
  const std::vector<std::string> choices = ChoicesOf(option);
  for (const std::string& value : given) {
    if (!choices.empty() && std::ranges::find(choices, value) == choices.end()) {
      const std::vector<std::string_view> known(choices.begin(), choices.end());
      return fmt::format("'{}' is none of {}{}", value, Listed(choices), DidYouMean(value, known));
    }
  }
  if (dynamic_cast<const CLI::ConversionError*>(&error) != nullptr && given.size() == 1) {
    const bool is_flag = option.get_items_expected_max() == 0;
    return fmt::format("'{}' is no {}", given.front(),
                       is_flag                                    ? "true or false"
                       : option.get_type_name().find("UINT") == 0 ? "whole number"
                                                                  : "number");
  }
  std::string_view what = error.what();
  const std::string name = option.get_name();
  if (what.starts_with(name + ": ")) {
    what.remove_prefix(name.size() + 2);
  }
  return std::string(what);
}

}  // namespace fathom::cli
