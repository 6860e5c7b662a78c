// Judges an image by a set of rules.
#pragma once

#include <string>
#include <vector>

#include "analyze/analysis.h"
#include "gate/findings.h"
#include "gate/rules.h"

namespace fathom::gate {

enum class Verdict { kPass, kFail, kSkip };
std::string_view VerdictName(Verdict verdict);  // "pass", "fail", "skip"

struct RuleResult {
  RuleKind kind;
  std::string rule;  // "lowestEfficiency" and so on
  Numbers numbers;
  Verdict verdict;
  std::string value;      // of the image; "" when skipped
  std::string threshold;  // as configured
  std::string limit;      // the threshold as a plain number, as dive prints it; "" when it is none
  std::string message;
  Findings findings;  // what explains it
};

// Over which layers exact numbers are taken.
enum class Scope { kImage, kUserLayers };
std::string_view ScopeName(Scope scope);  // "image", "userLayers"

// What the exact rules are about. In the scope of the user's layers: what those store, what of it
// is hidden, and the visible files that they put; what they hide of the base stands apart.
// Waste at ignored paths is left out of `wasted`, and out of `stored` where the two are compared.
struct Measures {
  uint64_t stored_bytes = 0;
  uint64_t wasted_bytes = 0;
  uint64_t ignored_bytes = 0;      // waste at ignored paths
  uint64_t hidden_base_bytes = 0;  // stored in the base, hidden by the user's layers
  uint64_t user_stored_bytes = 0;
  uint64_t user_wasted_bytes = 0;
  uint64_t user_ignored_bytes = 0;
  uint64_t layer_count = 0;
  uint64_t file_count = 0;

  double efficiency() const;
  double user_wasted_percent() const;
};

struct EvaluateOptions {
  Scope scope = Scope::kImage;
  size_t most_findings = 100;  // that a result keeps
};

Measures Measure(const RuleSet& rules, const analyze::Analysis& analysis, Scope scope);

// Results in the order of the rules' names. The rules' globs must be valid.
std::vector<RuleResult> Evaluate(const RuleSet& rules, const analyze::Analysis& analysis,
                                 const EvaluateOptions& options = {});

}  // namespace fathom::gate
