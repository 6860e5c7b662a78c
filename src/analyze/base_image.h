// Which leading layers of an image belong to the image it was built from (FROM), and how that is
// known.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "image/image.h"
#include "image/image_source.h"

namespace fathom::analyze {

enum class BaseOrigin {
  kAssumed,     // not known; the first layer is taken for it
  kGiven,       // somebody said how many layers it has
  kAnnotation,  // the image's annotations name it, and it lies beside the image
  kImage,       // it was compared with an image that somebody named
};
std::string_view BaseOriginName(BaseOrigin origin);  // "assumed", "given", "annotation", "image"

struct BaseImage {
  size_t layers = 1;
  BaseOrigin origin = BaseOrigin::kAssumed;
  std::string name;  // what was given, or what the image's annotations say; "" when nothing
  Digest digest;     // of its manifest, as far as known
};

// What a person says of the base: nothing, a number of layers, or an image.
struct BaseRequest {
  std::optional<size_t> layers;
  std::string name;  // of the image
  // Opens it for this platform; its layers are not read.
  std::function<Result<image::Image>(const image::Platform&)> open;
};

// The base of `image`, which came from `source`. Without a request the annotations are tried; they
// never make an error. Errors: kInvalidArgument when the image does not begin with what was asked
// for, saying where the two part; those of opening the base.
Result<BaseImage> FindBase(const image::Image& image, image::ImageSource& source,
                           const BaseRequest& request);

}  // namespace fathom::analyze
