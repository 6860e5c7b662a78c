#include "registry/schema1.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "image/documents.h"

namespace fathom::registry {
namespace {

using nlohmann::json;

// One of the layers, with what made it.
struct Step {
  Digest blob;
  image::HistoryEntry history;
  std::string v1;
};

Result<Step> ReadStep(const json& layer, const json& history, const Limits& limits) {
  Step step;
  TRY_ASSIGN(const std::string sum, StringMember(layer, "blobSum"));
  TRY_ASSIGN(step.blob, Digest::Parse(sum));
  TRY_ASSIGN(step.v1, StringMember(history, "v1Compatibility"));
  TRY_ASSIGN(const json v1, ParseJson(step.v1, limits));
  TRY_ASSIGN(step.history.created, StringMember(v1, "created"));
  TRY_ASSIGN(step.history.author, StringMember(v1, "author"));
  TRY_ASSIGN(step.history.comment, StringMember(v1, "comment"));
  TRY_ASSIGN(step.history.empty_layer, BoolMember(v1, "throwaway"));
  TRY_ASSIGN(const json* container, ObjectMember(v1, "container_config"));
  if (container != nullptr) {
    TRY_ASSIGN(const std::vector<std::string> command, StringsMember(*container, "Cmd"));
    step.history.created_by = fmt::format("{}", fmt::join(command, " "));
  }
  return step;
}

}  // namespace

Result<image::Image> ReadSchema1(const Document& document, const Limits& limits) {
  TRY_ASSIGN(const json manifest, ParseJson(document.text, limits));
  TRY_ASSIGN(const json* layers, ArrayMember(manifest, "fsLayers"));
  TRY_ASSIGN(const json* history, ArrayMember(manifest, "history"));
  if (layers == nullptr || history == nullptr || layers->size() != history->size() ||
      layers->empty()) {
    return Fail(Code::kCorrupt, "a manifest of schema 1 without a history for each of its layers");
  }
  if (layers->size() > limits.layers) {
    return OverLimit(&Limits::layers, limits, fmt::format("an image of {} layers", layers->size()));
  }
  image::Image image;
  image.digest = document.digest;
  // The last one stands first, and is what describes the image.
  for (size_t i = layers->size(); i-- > 0;) {
    auto step = ReadStep((*layers)[i], (*history)[i], limits);
    if (!step) {
      return Wrap(std::move(step).error(), "layer {} of a manifest of schema 1", i);
    }
    if (!step->history.empty_layer) {
      image::Layer& layer = image.layers.emplace_back();
      layer.name = image::BlobPath(step->blob);
      layer.digest = step->blob;
    }
    image.config.history.push_back(std::move(step->history));
    image.config_json = std::move(step->v1);
  }
  TRY_ASSIGN(const image::Config config, image::ParseConfig(image.config_json, limits));
  image.config.platform = config.platform;
  image.config.created = config.created;
  image.config.author = config.author;
  TRY(image::JoinLayers(image.config, image.layers));
  return image;
}

}  // namespace fathom::registry
