// .fathom.yaml as settings: its lines as keys with values.
#include <algorithm>
#include <set>

#include "base/yaml_tree.h"
#include "cli/config_file.h"
#include "fuzz/fuzz.h"

namespace fathom::fuzz {
namespace {

// What holds of every file that was accepted.
void Check(const cli::ConfigFile& file, std::string_view text) {
  FUZZ_CHECK(file.entries.size() <= kMostYamlNodes);
  const auto lines = static_cast<size_t>(std::ranges::count(text, '\n')) +
                     static_cast<size_t>(std::ranges::count(text, '\r')) + 1;
  std::set<std::string> keys;
  for (const cli::ConfigEntry& entry : file.entries) {
    FUZZ_CHECK(keys.insert(entry.key).second);
    FUZZ_CHECK(!entry.values.empty());
    FUZZ_CHECK(entry.line >= 1 && entry.line <= lines);
    FUZZ_CHECK(file.Find(entry.key) == &entry);
    FUZZ_CHECK(entry.key != "rules");  // `rules.a: 1` is not left out: as a setting it is refused
  }
}

}  // namespace
}  // namespace fathom::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace fathom;
  const std::string text(AsText({data, size}));
  const auto file = cli::ParseConfig("fuzz", text, {"rules"}, cli::OddValues::kError);
  if (!file) {
    FUZZ_CHECK(file.error().code == Code::kInvalidArgument);
    FUZZ_CHECK(file.error().message.starts_with("fuzz:"));
  } else {
    fuzz::Check(*file, text);
  }
  return 0;
}
