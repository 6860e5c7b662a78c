// Rules that an image passes or fails: what there is to be set, and a set of rules as somebody
// wrote it. docs/gate.md describes each.
//
// A rule's value is a ratio of 0 to 1, bytes with a unit, a number, yes or no, or a list of globs
// for paths; "disabled", "off", "false" or "" switch it off. A rule fails when its threshold is
// crossed, not when it is met.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace fathom::gate {

// Which numbers a rule is about: exact ones, or those of dive.
enum class Numbers { kExact, kClassic };
std::string_view NumbersName(Numbers numbers);  // "exact", "classic"

// In the order of their names.
enum class RuleKind : uint8_t {
  kAllowedSetuidPaths,
  kForbiddenPaths,
  kForbiddenSecretPaths,
  kHighestFileCount,
  kHighestImageBytes,
  kHighestLayerBytes,
  kHighestLayerCount,
  kHighestUserWastedPercent,
  kHighestWastedBytes,
  kLowestEfficiency,
};

enum class ValueForm { kRatio, kBytes, kCount, kSwitch, kPaths };

struct RuleInfo {
  RuleKind kind;
  ValueForm form;
  std::string_view name;   // the key, as in "highestWastedBytes"
  std::string_view title;  // what it asks for, in a few words
  std::string_view help;   // what it counts and what to do, in a sentence or two
};
std::span<const RuleInfo> RuleInfos();  // in the order of RuleKind
const RuleInfo& InfoOf(RuleKind kind);
const RuleInfo* FindRule(std::string_view key);  // also "highest-wasted-bytes"; null when unknown

// In which state of a path a rule minds it: visible in the end, or stored and lost by one of the
// causes of waste (tree::Cause, in that order).
class Presence {
 public:
  static constexpr Presence Any() { return Presence(0x3f); }

  // "visible", "wasted" (any cause), "any", or a cause's name.
  static std::optional<Presence> Parse(std::string_view word);

  bool visible() const { return (bits_ & 0x20) != 0; }
  bool lost_by(size_t cause) const { return (bits_ >> cause & 1) != 0; }
  Presence operator|(Presence other) const { return Presence(bits_ | other.bits_); }

 private:
  explicit constexpr Presence(unsigned bits) : bits_(bits) {}
  unsigned bits_;
};

struct ForbiddenPath {
  std::string glob;
  Presence presence = Presence::Any();
  std::string reason;  // for people; may be ""
};

struct Rule {
  RuleKind kind;
  bool on = true;
  std::string text;                  // the value as written
  double ratio = 0;                  // of kRatio
  uint64_t number = 0;               // of kBytes and kCount
  std::vector<ForbiddenPath> paths;  // of kPaths
};

struct RuleSet {
  Numbers numbers = Numbers::kExact;
  std::string origin;       // where the rules come from, for messages
  std::vector<Rule> rules;  // in the order of RuleKind, each at most once
  // Globs of paths whose waste is not counted and that are not forbidden.
  std::vector<std::string> ignored_paths;
  std::vector<std::string> allowed_secret_paths;

  const Rule* Find(RuleKind kind) const;
  void Put(Rule rule);  // in the place of one of the same kind
};

// The values of dive's three rules as written; a rule that is left out keeps its default.
struct RuleTexts {
  std::string lowest_efficiency = "0.9";
  std::string highest_wasted_bytes = "disabled";
  std::string highest_user_wasted_percent = "0.1";
};

// dive's rules. Errors (kInvalidArgument) name origin and rule.
Result<RuleSet> MakeRules(Numbers numbers, std::string origin, const RuleTexts& texts);

// "off" and the like: what switches a rule off.
bool IsOff(std::string_view text);

// A rule from its value, which is written as a word; of kPaths the word is one glob.
Result<Rule> MakeRule(const RuleInfo& info, std::string_view origin, std::string_view text);

// Every key that may stand in a set of rules: those of the rules, and those of lists beside them.
std::span<const std::string_view> RuleKeys();

// Puts a rule given as "KEY=VALUE" on the command line into the set. Globs given one after another
// add up; the first replaces those of a file. `seen` has the keys that were given before.
Status PutOption(RuleSet& rules, std::string_view option, std::vector<std::string>& seen);

// Errors for globs that are malformed.
Status CheckGlobs(std::string_view key, std::span<const std::string> globs);

}  // namespace fathom::gate
