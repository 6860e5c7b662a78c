// What engines answer: never a crash, and whatever is accepted is within the limits and harmless.
#include "base/digest.h"
#include "engine/answers.h"
#include "engine/api_version.h"
#include "fuzz/fuzz.h"

namespace fathom::fuzz {
namespace {

void CheckChanges(const Result<std::vector<engine::Change>>& changes, const Limits& limits) {
  FUZZ_CHECK(!changes || changes->size() <= limits.layer_entries);
}

void Read(std::string_view text, const Limits& limits) {
  if (const auto facts = engine::ParseImage(text, limits)) {
    FUZZ_CHECK(Digest::Parse(facts->id).has_value());
  }
  if (const auto facts = engine::ParseContainer(text, limits)) {
    FUZZ_CHECK(facts->id.size() == 64);
    FUZZ_CHECK(facts->id.find('/') == std::string::npos);
    FUZZ_CHECK(Digest::Parse(facts->image).has_value());
    FUZZ_CHECK(!facts->name.starts_with('/'));
  }
  CheckChanges(engine::ParseChanges(text, limits), limits);
  CheckChanges(engine::ParsePodmanDiff(text, limits), limits);
  if (const auto facts = engine::ParseVersion(text, limits)) {
    if (const auto newest = engine::ApiVersion::Parse(facts->newest)) {
      const engine::ApiRange range{{}, *newest};
      const auto chosen = engine::ChooseApiVersion(range, "");
      FUZZ_CHECK(!chosen || *chosen <= *newest);
    }
  }
  for (const char c : engine::ErrorMessage(text, limits)) {
    FUZZ_CHECK(static_cast<unsigned char>(c) >= ' ' && c != 0x7f);
  }
}

}  // namespace
}  // namespace fathom::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace fathom;
  Limits small;
  small.layer_entries = 3;
  small.json_depth = 6;
  for (const Limits& limits : {Limits(), small}) {
    fuzz::Read(AsText({data, size}), limits);
  }
  return 0;
}
