#include "analyze/analyze.h"

#include <algorithm>

#include "analyze/cached_images.h"
#include "analyze/image_fold.h"
#include "analyze/read_layers.h"

namespace fathom::analyze {
namespace {

// Visible files by kind: the facet has a byte for each row, the inode names the row.
std::vector<KindBytes> CountKinds(const tree::FileTree& tree,
                                  const std::vector<std::vector<layer::Facet>>& facets) {
  std::vector<KindBytes> kinds;
  kinds.reserve(std::size(layer::kFileKinds));
  for (const layer::FileKind kind : layer::kFileKinds) {
    kinds.push_back({kind});
  }
  for (size_t id = 0; id < tree.inodes().size(); ++id) {
    const tree::Inode& inode = tree.inodes()[id];
    if (inode.links == 0) {
      continue;
    }
    const std::string& rows = facets[inode.layer].front().bytes;
    const auto kind = inode.entry < rows.size() ? static_cast<layer::FileKind>(rows[inode.entry])
                                                : layer::FileKind::kNone;
    if (const auto found = std::ranges::find(kinds, kind, &KindBytes::kind); found != kinds.end()) {
      ++found->files;
      found->bytes += tree.size(inode);
    }
  }
  return kinds;
}

Result<std::optional<image::Image>> Recall(image::ImageSource& source, const Options& options,
                                           const CachedImages& memory) {
  const bool may = source.streams() && options.cache != nullptr && !options.verify;
  return may ? source.Recall(options.selection, memory) : std::nullopt;
}

// Tells which layers will come past, when that is known before they do.
void ShowExpected(image::ImageSource& source, Progress* progress, Expectation& expected) {
  if (progress == nullptr) {
    return;
  }
  expected.shown = expected.recalled          ? expected.recalled
                   : progress->WantsPreview() ? source.Preview()
                                              : std::nullopt;
  if (expected.shown) {
    progress->OnImage(*expected.shown);
  }
}

// Whether the cache has every layer that would come in a stream.
bool HasStreamedLayers(const image::ImageSource& source, const image::Image& image,
                       const CachedLayers& cached) {
  for (size_t layer = 0; layer < image.layers.size(); ++layer) {
    if (!cached.products[layer].cached && source.Streams(image.layers[layer])) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::optional<uint64_t> CompressedBytes(const image::Image& image) {
  uint64_t bytes = 0;
  for (const image::Layer& layer : image.layers) {
    if (!layer.size) {
      return std::nullopt;
    }
    bytes += *layer.size;
  }
  return bytes;
}

Result<Analysis> Analyze(image::ImageSource& source, const Options& options) {
  CachedImages memory(options);
  Expectation expected;
  TRY_ASSIGN(expected.recalled, Recall(source, options, memory));
  CachedLayers cached;
  if (expected.recalled) {
    cached = FindCached(*expected.recalled, options, {});
  }

  // A stream is read before the image is opened, as its manifest may come after its layers.
  Analysis analysis;
  StreamedBlobs streamed;
  if (expected.recalled && HasStreamedLayers(source, *expected.recalled, cached)) {
    analysis.image = *std::move(expected.recalled);
  } else {
    if (source.streams()) {
      ShowExpected(source, options.progress, expected);
      TRY_ASSIGN(streamed, ReadStream(source, options, expected));
    }
    TRY_ASSIGN(analysis.image, source.Open(options.selection));
    cached = FindCached(analysis.image, options, streamed);
  }

  // From here on it is fixed which layers the image has.
  if (analysis.image.layers.size() > options.limits.layers) {
    return OverLimit(&Limits::layers, options.limits,
                     fmt::format("an image of {} layers", analysis.image.layers.size()));
  }
  if (options.progress != nullptr) {
    options.progress->OnImage(analysis.image);
  }
  TRY_ASSIGN(analysis.base, FindBase(analysis.image, source, options.base));
  analysis.base_layers = analysis.base.layers;
  ImageFold fold(analysis.image.layers.size(), options.limits);
  TRY_ASSIGN(std::vector<LayerProduct> products,
             ReadLayers(source, analysis.image, options, streamed, std::move(cached), fold));
  const bool verified = std::ranges::none_of(products, &LayerProduct::listed);
  if (options.cache != nullptr && verified && !analysis.image.config_digest.empty()) {
    options.cache->PutConfig(analysis.image.config_digest, analysis.image.config_json);
    source.Remember(memory);
  }

  // From here on nothing is read any more.
  TRY_ASSIGN(FoldedImage folded, fold.Finish());
  analysis.tree = std::move(folded.tree);
  analysis.classic = std::move(folded.classic);
  for (size_t number = 0; number < products.size(); ++number) {
    LayerProduct& product = products[number];
    // A root file system's; what a container changed has no tar of its own that could be meant.
    if (analysis.image.config_digest.empty()) {
      analysis.image.layers[number].diff_id = product.diff_id;
    }
    ++(product.listed   ? analysis.layers_listed
       : product.cached ? analysis.layers_cached
                        : analysis.layers_read);
    analysis.facets.push_back(std::move(product.facets));
  }
  analysis.summary = tree::Summarize(analysis.tree, analysis.base_layers);
  analysis.kinds = CountKinds(analysis.tree, analysis.facets);
  return analysis;
}

}  // namespace fathom::analyze
