#include "analyze/base_image.h"

#include <algorithm>

namespace fathom::analyze {
namespace {

// Diff IDs are compared, since a layer may be compressed anew. None: the image begins with `base`.
std::optional<size_t> FirstDifference(const image::Image& image, const image::Image& base) {
  for (size_t i = 0; i < base.layers.size(); ++i) {
    if (i >= image.layers.size() || base.layers[i].diff_id.empty() ||
        base.layers[i].diff_id != image.layers[i].diff_id) {
      return i;
    }
  }
  return std::nullopt;
}

std::string DiffIdOf(const image::Image& image, size_t layer) {
  if (layer >= image.layers.size()) {
    return "has no such layer";
  }
  const std::string text = image.layers[layer].diff_id.ToString();
  return text.empty() ? "declares no diff ID" : "has " + text;
}

Result<BaseImage> Counted(const image::Image& image, size_t layers) {
  if (layers > image.layers.size()) {
    return Fail(Code::kInvalidArgument, "--base {}: the image has only {} layers", layers,
                image.layers.size());
  }
  return BaseImage{.layers = layers, .origin = BaseOrigin::kGiven, .name = {}, .digest = {}};
}

Result<BaseImage> Compared(const image::Image& image, const BaseRequest& request) {
  auto base = request.open(image.config.platform);
  if (!base) {
    return Wrap(std::move(base).error(), "--base {}", request.name);
  }
  if (const auto layer = FirstDifference(image, *base)) {
    return Fail(Code::kInvalidArgument,
                "--base {}: the image is not built on it; they part at layer {}, where the base {} "
                "and the image {}",
                request.name, *layer, DiffIdOf(*base, *layer), DiffIdOf(image, *layer));
  }
  return BaseImage{.layers = base->layers.size(),
                   .origin = BaseOrigin::kImage,
                   .name = request.name,
                   .digest = base->digest};
}

}  // namespace

std::string_view BaseOriginName(BaseOrigin origin) {
  constexpr std::string_view kNames[] = {"assumed", "given", "annotation", "image"};
  return kNames[static_cast<size_t>(origin)];
}

Result<BaseImage> FindBase(const image::Image& image, image::ImageSource& source,
                           const BaseRequest& request) {
  if (request.layers) {
    return Counted(image, *request.layers);
  }
  if (request.open) {
    return Compared(image, request);
  }
  BaseImage found{.layers = 1,
                  .origin = BaseOrigin::kAssumed,
                  .name = image.base.name,
                  .digest = image.base.digest};
  if (!found.digest.empty() && found.digest != image.digest) {
    const auto base = source.OpenNeighbour(found.digest);
    if (base && base->digest == found.digest && !FirstDifference(image, *base)) {
      found.layers = base->layers.size();
      found.origin = BaseOrigin::kAnnotation;
    }
  }
  return found;
}

}  // namespace fathom::analyze
