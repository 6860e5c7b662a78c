#include "image/image_source.h"

namespace fathom::image {

bool ImageSource::Streams(const Layer& /*layer*/) const { return streams(); }

Result<std::optional<Image>> ImageSource::Recall(const Selection& /*selection*/,
                                                 const ImageMemory& /*memory*/) {
  return std::nullopt;
}

void ImageSource::Remember(ImageMemory& /*memory*/) const {}

}  // namespace fathom::image
