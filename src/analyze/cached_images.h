// What sources remember of images, kept in the cache.
#pragma once

#include "analyze/analyze.h"
#include "image/image_source.h"

namespace fathom::analyze {

// Without a cache it knows nothing and keeps nothing. `options` must outlive it.
class CachedImages final : public image::ImageMemory {
 public:
  explicit CachedImages(const Options& options) : options_(options) {}

  std::optional<image::Image> Find(std::string_view key) const override;
  void Keep(std::string_view key, const image::Image& image) override;

 private:
  const Options& options_;
};

}  // namespace fathom::analyze
