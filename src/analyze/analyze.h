// The one pipeline from an ImageSource to an Analysis.
#pragma once

#include <atomic>
#include <span>

#include "analyze/analysis.h"
#include "base/content_hash.h"
#include "base/limits.h"
#include "image/image_source.h"
#include "layer/layer_cache.h"

namespace fathom::analyze {

// Told how far the reading is. Calls come from several threads, one at a time.
class Progress {
 public:
  virtual ~Progress() = default;
  virtual void OnStart(size_t layers,
                       uint64_t bytes) = 0;  // to be read, bytes as stored; 0 unknown
  virtual void OnLayer(size_t layer, uint64_t bytes, bool cached) = 0;  // one is done
  std::atomic<uint64_t> bytes_read = 0;                                 // grows meanwhile
};

struct Options {
  image::Selection selection;
  Limits limits;
  ContentAlgorithm algorithm = ContentAlgorithm::kXxh3_128;
  unsigned threads = 0;                // 0: one for each core
  layer::LayerCache* cache = nullptr;  // null: none
  bool verify = false;                 // read layers that the cache has, too
  Progress* progress = nullptr;
  BaseRequest base;
};

// Reads what has to be read of the image and computes everything. Layers are read in parallel, the
// result does not depend on how. Errors name the layer; the lowest layer's error is returned.
Result<Analysis> Analyze(image::ImageSource& source, const Options& options);

}  // namespace fathom::analyze
