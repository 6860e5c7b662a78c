// .fathom.yaml and .dive-ci: rules in YAML.
#include <algorithm>

#include "base/yaml_tree.h"
#include "fuzz/fuzz.h"
#include "gate/path_globs.h"
#include "gate/rules_file.h"

namespace fathom::fuzz {
namespace {

// What holds of every set of rules that was accepted.
void Check(const gate::RuleSet& rules) {
  FUZZ_CHECK(std::ranges::is_sorted(rules.rules, std::less_equal(), &gate::Rule::kind));
  for (const gate::Rule& rule : rules.rules) {
    FUZZ_CHECK(rule.ratio >= 0 && rule.ratio <= 1);
    for (const gate::ForbiddenPath& path : rule.paths) {
      FUZZ_CHECK(gate::PathGlobs::Make({&path.glob, 1}));
    }
  }
  for (const auto* globs : {&rules.ignored_paths, &rules.allowed_secret_paths}) {
    const auto made = gate::PathGlobs::Make(*globs);
    FUZZ_CHECK(made);
    const std::string_view path[] = {"usr", "lib", "aaaa.pyc"};
    std::vector<uint32_t> found;
    made->Match(path, found);
  }
}

}  // namespace
}  // namespace fathom::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace fathom;
  const std::string_view text = AsText({data, size});
  for (const auto numbers : {gate::Numbers::kExact, gate::Numbers::kClassic}) {
    const auto file = gate::ParseRules(text, "fuzz", numbers);
    if (!file) {
      FUZZ_CHECK(file.error().code == Code::kInvalidArgument);
    } else if (file->rules) {
      fuzz::Check(*file->rules);
    }
  }
  return 0;
}
