#include "image/image_record.h"

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/text.h"
#include "image/documents.h"

namespace fathom::image {
namespace {

using nlohmann::json;

void SetText(json& object, const char* name, const std::string& text) {
  if (!text.empty()) {
    object[name] = text;
  }
}

Result<Digest> DigestMember(const json& object, std::string_view name) {
  TRY_ASSIGN(const std::string text, StringMember(object, name));
  return text.empty() ? Digest() : Digest::Parse(text);
}

Result<Layer> ReadLayer(const json& object) {
  Layer layer;
  TRY_ASSIGN(layer.name, StringMember(object, "name"));
  TRY_ASSIGN(layer.diff_id, DigestMember(object, "diffId"));
  TRY_ASSIGN(layer.digest, DigestMember(object, "digest"));
  TRY_ASSIGN(layer.size, Uint64Member(object, "size"));
  TRY_ASSIGN(layer.media_type, StringMember(object, "mediaType"));
  return layer;
}

}  // namespace

std::optional<std::string> WriteRecord(const Image& image) {
  json record;
  SetText(record, "config", image.config_digest.ToString());
  SetText(record, "digest", image.digest.ToString());
  if (!IsUtf8(image.base.name)) {
    return std::nullopt;
  }
  SetText(record, "baseName", image.base.name);
  SetText(record, "baseDigest", image.base.digest.ToString());
  record["layers"] = json::array();
  for (const Layer& layer : image.layers) {
    if (!IsUtf8(layer.name) || !IsUtf8(layer.media_type)) {
      return std::nullopt;
    }
    json object = json::object();
    SetText(object, "name", layer.name);
    SetText(object, "diffId", layer.diff_id.ToString());
    SetText(object, "digest", layer.digest.ToString());
    SetText(object, "mediaType", layer.media_type);
    if (layer.size) {
      object["size"] = *layer.size;
    }
    record["layers"].push_back(std::move(object));
  }
  return record.dump();
}

Result<Image> ReadRecord(
    std::string_view record,
    const std::function<std::optional<std::string>(const Digest&)>& find_config,
    const Limits& limits) {
  TRY_ASSIGN(const json document, ParseJson(record, limits));
  Image image;
  TRY_ASSIGN(image.config_digest, DigestMember(document, "config"));
  TRY_ASSIGN(image.digest, DigestMember(document, "digest"));
  TRY_ASSIGN(image.base.name, StringMember(document, "baseName"));
  TRY_ASSIGN(image.base.digest, DigestMember(document, "baseDigest"));
  TRY_ASSIGN(const json* layers, ArrayMember(document, "layers"));
  if (layers == nullptr) {
    return Fail(Code::kCorrupt, "a record of an image without 'layers'");
  }
  for (const json& object : *layers) {
    TRY_ASSIGN(Layer layer, ReadLayer(object));
    image.layers.push_back(std::move(layer));
  }
  auto config = find_config(image.config_digest);
  if (!config) {
    return Fail(Code::kNotFound, "no config {}", image.config_digest.ToString());
  }
  TRY_ASSIGN(image.config, ParseConfig(*config, limits));
  image.config_json = *std::move(config);
  // The diff IDs of the record must be those of the config.
  std::vector<Layer> recorded = image.layers;
  TRY(JoinLayers(image.config, image.layers));
  for (size_t i = 0; i < recorded.size(); ++i) {
    if (recorded[i].diff_id != image.layers[i].diff_id) {
      return Fail(Code::kCorrupt, "layer {} of the record is not the config's", i);
    }
  }
  return image;
}

}  // namespace fathom::image
