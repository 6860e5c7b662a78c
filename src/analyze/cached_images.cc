#include "analyze/cached_images.h"

#include "image/image_record.h"

namespace fathom::analyze {

std::optional<image::Image> CachedImages::Find(std::string_view key) const {
  if (options_.cache == nullptr) {
    return std::nullopt;
  }
  const auto record = options_.cache->FindRecord(key);
  if (!record) {
    return std::nullopt;
  }
  const auto find_config = [this](const Digest& digest) {
    return options_.cache->FindConfig(digest);
  };
  auto image = image::ReadRecord(*record, find_config, options_.limits);
  return image ? std::optional(*std::move(image)) : std::nullopt;
}

void CachedImages::Keep(std::string_view key, const image::Image& image) {
  const auto record = image::WriteRecord(image);
  if (options_.cache != nullptr && record) {
    options_.cache->PutRecord(key, *record);
  }
}

}  // namespace fathom::analyze
