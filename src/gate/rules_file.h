// Rules that stand in a file: .fathom.yaml for the exact numbers, .dive-ci for dive's.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gate/rules.h"

namespace fathom::gate {

struct RulesFile {
  std::optional<RuleSet> rules;       // nothing when the file has no `rules:`
  std::vector<std::string> warnings;  // one line each
};

// Of a .fathom.yaml (kExact) the member `rules` is read, the others are settings of the program.
// Rules that it leaves out do not hold; keys that are unknown are errors.
//
// Of a .dive-ci (kClassic) the three rules of dive are read. Those that it leaves out keep the
// value in `defaults`; keys that are unknown are ignored with a warning, as dive ignores them.
//
// Errors: kInvalidArgument, naming `origin`, for anything that is no such file, keys that are there
// twice and values of a wrong form.
Result<RulesFile> ParseRules(std::string_view text, const std::string& origin, Numbers numbers,
                             const RuleTexts& defaults = {});

// Errors also: those of reading the file.
Result<RulesFile> ReadRules(const std::string& path, Numbers numbers,
                            const RuleTexts& defaults = {});

}  // namespace fathom::gate
