// The image config, and joining it with a number of layers.
#include "fuzz/fuzz.h"
#include "image/documents.h"

namespace fathom::fuzz {
namespace {

void Join(const image::Config& config, size_t layer_count) {
  image::Config joined = config;
  std::vector<image::Layer> layers(layer_count);
  if (!image::JoinLayers(joined, layers)) {
    return;
  }
  FUZZ_CHECK(layers.size() == layer_count);
  FUZZ_CHECK(joined.diff_ids.empty() || joined.diff_ids.size() == layer_count);
  for (size_t i = 0; i < layer_count; ++i) {
    if (layers[i].history) {
      FUZZ_CHECK(*layers[i].history < joined.history.size());
      FUZZ_CHECK(joined.history[*layers[i].history].layer == i);
    }
  }
  for (const image::HistoryEntry& entry : joined.history) {
    FUZZ_CHECK(!entry.layer || *entry.layer < layer_count);
  }
}

}  // namespace
}  // namespace fathom::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace fathom;
  Limits small;
  small.layers = 3;
  small.json_depth = 6;
  for (const Limits& limits : {Limits(), small}) {
    const auto config = image::ParseConfig(AsText({data, size}), limits);
    if (!config) {
      continue;
    }
    for (const size_t layers : {size_t{0}, size_t{1}, size_t{3}, config->diff_ids.size()}) {
      fuzz::Join(*config, layers);
    }
  }
  return 0;
}
