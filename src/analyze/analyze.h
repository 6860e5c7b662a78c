// The one pipeline from an ImageSource to an Analysis.
#pragma once

#include <atomic>
#include <functional>
#include <span>

#include "analyze/analysis.h"
#include "base/content_hash.h"
#include "base/limits.h"
#include "image/image_source.h"
#include "layer/layer_cache.h"

namespace fathom::analyze {

// Told how far the reading is. Calls come from several threads, one at a time, but for CountOf().
class Progress {
 public:
  virtual ~Progress() = default;
  // What will be read: bytes as stored; 0 unknown.
  virtual void OnStart(size_t layers, uint64_t bytes) = 0;
  virtual void OnLayer(size_t layer, uint64_t bytes, bool cached) = 0;  // one is done
  std::atomic<uint64_t> bytes_read = 0;                                 // grows meanwhile

  // For whoever wants to look at what there is before all is there: the image, once it is known
  // which layers it has, and each layer, once it is verified or found in the cache, in any order.
  // Of a source that streams, the image may first be what was said of it beforehand; then both are
  // told again, of what was read.
  virtual void OnImage(const image::Image& /*image*/) {}
  // Whether it is worth a question to the peer to know the layers of a stream beforehand.
  virtual bool WantsPreview() const { return false; }
  virtual void OnIndex(size_t /*layer*/, std::shared_ptr<const layer::LayerIndex> /*index*/) {}
  // Where the stored bytes of a layer are counted while it is read; it must stay there.
  virtual std::atomic<uint64_t>& CountOf(size_t /*layer*/) { return bytes_read; }
  // Asked now and then: whether the reading shall end, with kCancelled.
  virtual bool IsCancelled() const { return false; }
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
  // What a layer's own table says is in it, asked for in place of the layer; null for one that has
  // none, which is then read. Such a layer is not verified, not cached, and its files' kinds are
  // not known. Called from several threads. `algorithm` must be SHA-256, as tables have it.
  std::function<Result<std::shared_ptr<const layer::LayerIndex>>(const image::Layer&)> list_layer =
      {};
};

// Reads what has to be read of the image and computes everything. Layers are read in parallel, the
// result does not depend on how. Errors name the layer; the lowest layer's error is returned.
Result<Analysis> Analyze(image::ImageSource& source, const Options& options);

}  // namespace fathom::analyze
