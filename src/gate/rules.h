// Rules that an Analysis passes or fails: dive's three, on dive's numbers or on the exact ones.
//
// A rule's value is written as dive writes it: a ratio of 0 to 1, or bytes with a unit; "disabled",
// "off", "false" or "" switch it off. A rule fails when its threshold is crossed, not when met.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analyze/analysis.h"
#include "base/result.h"

namespace fathom::gate {

enum class Numbers { kExact, kClassic };

// The values as written; a rule that is left out keeps its default.
struct RuleTexts {
  std::string lowest_efficiency = "0.9";
  std::string highest_wasted_bytes = "disabled";
  std::string highest_user_wasted_percent = "0.1";
};

struct RuleSet {
  Numbers numbers = Numbers::kExact;
  std::string origin;  // where the rules come from, for messages
  std::optional<double> lowest_efficiency;
  std::optional<uint64_t> highest_wasted_bytes;
  std::optional<double> highest_user_wasted_percent;
  RuleTexts texts;
};

enum class Verdict { kPass, kFail, kSkip };
std::string_view VerdictName(Verdict verdict);  // "pass", "fail", "skip"

struct RuleResult {
  std::string rule;  // "lowestEfficiency" and so on
  Numbers numbers;
  Verdict verdict;
  std::string value;      // of the image; "" when skipped
  std::string threshold;  // as configured
  std::string message;
};

// Checks the values. Errors (kInvalidArgument) name origin and rule.
Result<RuleSet> MakeRules(Numbers numbers, std::string origin, RuleTexts texts);

// Reads `rules:` of a YAML file. Keys left out keep the value in `defaults`; unknown ones are
// errors in a .fathom.yaml (kExact) and ignored, as dive does, in a .dive-ci (kClassic).
Result<RuleSet> ReadRules(const std::string& path, Numbers numbers, RuleTexts defaults = {});

// Results in the order of the rules' names.
std::vector<RuleResult> Evaluate(const RuleSet& rules, const analyze::Analysis& analysis);

}  // namespace fathom::gate
