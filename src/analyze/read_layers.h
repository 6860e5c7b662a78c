// Reads the layers of an image: from the cache, or once through, verified, several at a time.
#pragma once

#include <map>
#include <memory>
#include <string>
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
};

// The facets that every analysis collects.
std::span<const layer::FacetKind> Facets();

// Blobs of a source that streams, by name: each was either read or failed. Which of them are layers
// only the manifest says, which may come last.
using StreamedBlobs = std::map<std::string, Result<ReadBlob>>;
Result<StreamedBlobs> ReadStream(image::ImageSource& source, const Options& options);

// The products of the image's layers, base first, which are put into `fold` as they come and folded
// by the threads that read. `streamed` has the blobs of a source that streams.
Result<std::vector<LayerProduct>> ReadLayers(const image::ImageSource& source,
                                             const image::Image& image, const Options& options,
                                             const StreamedBlobs& streamed, ImageFold& fold);

}  // namespace fathom::analyze
