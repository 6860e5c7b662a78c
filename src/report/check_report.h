// What the gate says, in the forms that people and pipelines read. Pure functions to text: the same
// image and rules give the same bytes. Names that come from the image are escaped for each form.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gate/evaluate.h"

namespace fathom::report {

// What was judged, and how.
struct Check {
  const analyze::Analysis& analysis;
  const std::vector<gate::RuleResult>& results;
  gate::Scope scope = gate::Scope::kImage;
  std::string_view name;  // what the image is called where it has no reference
};

bool Passed(const std::vector<gate::RuleResult>& results);

std::string CheckTable(const Check& check, bool color = false);
std::string CheckJson(const Check& check);      // fathom/check/v1
std::string CheckJunit(const Check& check);     // the JUnit XML that Jenkins and GitLab read
std::string CheckSarif(const Check& check);     // SARIF 2.1.0
std::string CheckGitlab(const Check& check);    // GitLab's code quality report
std::string CheckMarkdown(const Check& check);  // for a merge request's comment
std::string DiveCheck(const Check& check);      // as dive --ci
std::string DiveCheck013(const Check& check);   // as dive 0.13.1 --ci

}  // namespace fathom::report
