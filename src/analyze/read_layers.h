// Reads the layers of an image: from the cache, or once through, verified, several at a time.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "analyze/analyze.h"
#include "analyze/image_fold.h"
#include "archive/blob_pump.h"
#include "layer/layer_scan.h"

namespace fathom::analyze {

// A layer's blob, read and hashed.
struct ReadBlob {
  archive::BlobFacts facts;
  layer::ScanResult scan;
};

// What became of one layer.
struct LayerProduct {
  std::shared_ptr<const layer::LayerIndex> index;
  std::vector<layer::Facet> facets;
  Digest diff_id;  // computed, now or when it was put into the cache
  bool cached = false;
  bool listed = false;  // by its own table of contents: not verified
};

// The facets that every analysis collects.
std::span<const layer::FacetKind> Facets();

// A blob of a stream that was not read, as its name tells which layer it is and the cache has that.
struct PassedBlob {
  Digest diff_id;
  LayerProduct product;
};

// Blobs of a source that streams, by name: each was read, failed or was passed over. Which of them
// are layers only the manifest says, which may come last.
using StreamedBlobs = std::map<std::string, std::variant<Result<ReadBlob>, PassedBlob>>;

// What is known of a source's image before it is read, if anything.
struct Expectation {
  std::optional<image::Image> recalled;  // as it was read another time: the names of its blobs
  std::optional<image::Image> shown;     // what Progress was told: its layers by diff ID
};

// Progress is told of each blob that is a layer of the image that was shown.
Result<StreamedBlobs> ReadStream(image::ImageSource& source, const Options& options,
                                 const Expectation& expected);

// The layers of an image that the cache has, all with contents named by one algorithm.
struct CachedLayers {
  ContentAlgorithm algorithm;
  std::vector<LayerProduct> products;  // of each layer; one that the cache lacks is not `cached`
};
CachedLayers FindCached(const image::Image& image, const Options& options,
                        const StreamedBlobs& streamed);

// The products of the image's layers, base first, which are put into `fold` as they come and folded
// by the threads that read. `streamed` has the blobs of a source that streams.
Result<std::vector<LayerProduct>> ReadLayers(const image::ImageSource& source,
                                             const image::Image& image, const Options& options,
                                             const StreamedBlobs& streamed, CachedLayers cached,
                                             ImageFold& fold);

}  // namespace fathom::analyze
