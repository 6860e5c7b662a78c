// What the gate says, as table, JSON and dive's own text.
#pragma once

#include <string>
#include <vector>

#include "gate/rules.h"

namespace fathom::report {

bool Passed(const std::vector<gate::RuleResult>& results);

std::string CheckTable(const analyze::Analysis& analysis,
                       const std::vector<gate::RuleResult>& results, bool color = false);
// fathom/check/v1.
std::string CheckJson(const analyze::Analysis& analysis,
                      const std::vector<gate::RuleResult>& results);
std::string DiveCheck(const analyze::Analysis& analysis,
                      const std::vector<gate::RuleResult>& results);

}  // namespace fathom::report
