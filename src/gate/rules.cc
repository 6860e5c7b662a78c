#include "gate/rules.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/io.h"
#include "base/units.h"

namespace fathom::gate {
namespace {

constexpr uint64_t kMostFileBytes = 1 << 20;

std::string Lowered(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\n");
  const size_t last = text.find_last_not_of(" \t\n");
  std::string word(first == std::string_view::npos ? "" : text.substr(first, last - first + 1));
  std::ranges::transform(word, word.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return word;
}

bool IsOff(std::string_view text) {
  const std::string word = Lowered(text);
  return word.empty() || word == "disabled" || word == "off" || word == "false";
}

Result<std::optional<double>> ParseRatio(const std::string& origin, std::string_view rule,
                                         std::string_view text) {
  if (IsOff(text)) {
    return std::optional<double>();
  }
  const std::string word = Lowered(text);
  double ratio = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), ratio);
  if (error != std::errc() || end != word.data() + word.size() || !(ratio >= 0 && ratio <= 1)) {
    return Fail(Code::kInvalidArgument,
                "{}: {} is '{}'; it takes a number from 0 to 1, or disabled", origin, rule, text);
  }
  return std::optional(ratio);
}

struct Key {
  const char* name;
  std::string RuleTexts::* member;
};
constexpr std::array kKeys = {
    Key{"lowestEfficiency", &RuleTexts::lowest_efficiency},
    Key{"highestWastedBytes", &RuleTexts::highest_wasted_bytes},
    Key{"highestUserWastedPercent", &RuleTexts::highest_user_wasted_percent},
};

Status ReadKeys(const YAML::Node& rules, const std::string& path, Numbers numbers,
                RuleTexts& texts) {
  for (const auto& pair : rules) {
    const auto name = pair.first.as<std::string>();
    const auto* key = std::ranges::find(kKeys, name, &Key::name);
    if (key != kKeys.end() && pair.second.IsScalar()) {
      texts.*(key->member) = pair.second.as<std::string>();
    } else if (key != kKeys.end() && pair.second.IsNull()) {
      texts.*(key->member) = "";
    } else if (key != kKeys.end()) {
      return Fail(Code::kInvalidArgument, "'{}': {} takes one value", path, name);
    } else if (numbers == Numbers::kExact) {
      return Fail(Code::kInvalidArgument,
                  "'{}': unknown rule '{}'; known are lowestEfficiency, highestWastedBytes and "
                  "highestUserWastedPercent",
                  path, name);
    }
  }
  return {};
}

RuleResult Skipped(std::string rule, Numbers numbers, const std::string& text) {
  return {std::move(rule), numbers, Verdict::kSkip, "", text, "disabled"};
}

}  // namespace

std::string_view VerdictName(Verdict verdict) {
  constexpr std::string_view kNames[] = {"pass", "fail", "skip"};
  return kNames[static_cast<size_t>(verdict)];
}

Result<RuleSet> MakeRules(Numbers numbers, std::string origin, RuleTexts texts) {
  RuleSet rules;
  rules.numbers = numbers;
  TRY_ASSIGN(rules.lowest_efficiency,
             ParseRatio(origin, "lowestEfficiency", texts.lowest_efficiency));
  TRY_ASSIGN(rules.highest_user_wasted_percent,
             ParseRatio(origin, "highestUserWastedPercent", texts.highest_user_wasted_percent));
  if (!IsOff(texts.highest_wasted_bytes)) {
    auto bytes = ParseBytes(texts.highest_wasted_bytes);
    if (!bytes) {
      return Fail(Code::kInvalidArgument,
                  "{}: highestWastedBytes is '{}'; it takes bytes with a unit, such as 20MB, or "
                  "disabled",
                  origin, texts.highest_wasted_bytes);
    }
    rules.highest_wasted_bytes = *bytes;
  }
  rules.origin = std::move(origin);
  rules.texts = std::move(texts);
  return rules;
}

Result<RuleSet> ReadRules(const std::string& path, Numbers numbers, RuleTexts defaults) {
  TRY_ASSIGN(const std::string text, ReadFile(path, kMostFileBytes));
  try {
    const YAML::Node document = YAML::Load(text);
    if (document.IsMap() && document["rules"].IsMap()) {
      TRY(ReadKeys(document["rules"], path, numbers, defaults));
    } else if (!document.IsNull() &&
               (!document.IsMap() || (document["rules"] && !document["rules"].IsNull()))) {
      return Fail(Code::kInvalidArgument, "'{}' has no mapping 'rules:'", path);
    }
  } catch (const YAML::Exception& error) {
    return Fail(Code::kInvalidArgument, "'{}' is no valid YAML: {}", path, error.what());
  }
  return MakeRules(numbers, fmt::format("'{}'", path), std::move(defaults));
}

std::vector<RuleResult> Evaluate(const RuleSet& rules, const analyze::Analysis& analysis) {
  const bool exact = rules.numbers == Numbers::kExact;
  const double efficiency = exact ? analysis.summary.efficiency() : analysis.classic.efficiency;
  const uint64_t wasted = exact ? analysis.summary.wasted_bytes() : analysis.classic.wasted_bytes;
  const double percent =
      exact ? analysis.summary.user_wasted_percent() : analysis.classic.wasted_user_percent();
  std::vector<RuleResult> results;
  const auto add = [&](const char* name, bool on, bool failed, std::string value,
                       const std::string& threshold, const std::string& complaint) {
    if (!on) {
      results.push_back(Skipped(name, rules.numbers, threshold));
      return;
    }
    results.push_back({name, rules.numbers, failed ? Verdict::kFail : Verdict::kPass,
                       std::move(value), threshold, failed ? complaint : threshold});
  };
  const RuleTexts& texts = rules.texts;
  add("highestUserWastedPercent", rules.highest_user_wasted_percent.has_value(),
      percent > rules.highest_user_wasted_percent.value_or(1), fmt::format("{:.4f}", percent),
      texts.highest_user_wasted_percent,
      fmt::format("too many bytes wasted, relative to the user bytes added "
                  "(%-user-wasted-bytes={:.2f} > threshold={})",
                  percent, texts.highest_user_wasted_percent));
  add("highestWastedBytes", rules.highest_wasted_bytes.has_value(),
      wasted > rules.highest_wasted_bytes.value_or(0), fmt::to_string(wasted),
      texts.highest_wasted_bytes,
      fmt::format("too many bytes wasted (wasted-bytes={} > threshold={})", wasted,
                  texts.highest_wasted_bytes));
  add("lowestEfficiency", rules.lowest_efficiency.has_value(),
      rules.lowest_efficiency.value_or(0) > efficiency, fmt::format("{:.4f}", efficiency),
      texts.lowest_efficiency,
      fmt::format("image efficiency is too low (efficiency={:.4f} < threshold={})", efficiency,
                  texts.lowest_efficiency));
  return results;
}

}  // namespace fathom::gate
