#include "analyze/read_layers.h"

#include <algorithm>
#include <mutex>
#include <numeric>
#include <thread>
#include <tuple>

#include "image/documents.h"

namespace fathom::analyze {
namespace {

unsigned ThreadCount(const Options& options) {
  return options.threads > 0 ? options.threads : std::max(1u, std::thread::hardware_concurrency());
}

// Reads one blob to its end. `layer` says which digests to compute.
Result<ReadBlob> ReadOne(archive::PumpCrew& crew, ByteSource& blob, const image::Layer& layer,
                         ContentAlgorithm algorithm, const Options& options,
                         std::atomic<uint64_t>* count, std::atomic<uint64_t>& image_bytes) {
  std::optional<CancellableSource> cancellable;
  if (options.progress != nullptr) {
    cancellable.emplace(blob, [&options] { return options.progress->IsCancelled(); });
  }
  ByteSource& source = cancellable ? static_cast<ByteSource&>(*cancellable) : blob;
  archive::PumpOptions pump_options;
  pump_options.blob_algorithm = layer.digest.algorithm();
  pump_options.diff_algorithm = layer.diff_id.algorithm();
  pump_options.progress = count;
  pump_options.image_bytes = &image_bytes;
  layer::LayerScan scan(algorithm, Facets(), options.limits);
  archive::BlobPump pump(crew, source, scan, options.limits, pump_options);
  TRY_ASSIGN(archive::BlobFacts facts, pump.Run());
  return ReadBlob{facts, scan.Take()};
}

// Manifest and config must tell the truth about the blob.
Status Verify(const image::Layer& declared, const archive::BlobFacts& facts) {
  if (declared.size && *declared.size != facts.blob_bytes) {
    return Fail(Code::kCorrupt, "its blob has {} bytes, the manifest declares {}", facts.blob_bytes,
                *declared.size);
  }
  if (!declared.digest.empty() && declared.digest != facts.blob_digest) {
    return Fail(Code::kCorrupt, "its blob has the digest {}, declared is {}",
                facts.blob_digest.ToString(), declared.digest.ToString());
  }
  if (!declared.diff_id.empty() && declared.diff_id != facts.diff_id) {
    return Fail(Code::kCorrupt, "its content has the diff ID {}, the config declares {}",
                facts.diff_id.ToString(), declared.diff_id.ToString());
  }
  return {};
}

bool IsTarType(std::string_view media_type) {
  return media_type.empty() || media_type.find("tar") != std::string_view::npos;
}

std::unexpected<Error> InLayer(Error error, const image::Image& image, size_t layer) {
  const Digest& id = image.layers[layer].diff_id;
  const std::string name = id.empty() ? image.layers[layer].name : id.ToString();
  if (const std::string& type = image.layers[layer].media_type; !IsTarType(type)) {
    error = Wrap(std::move(error), "of the media type '{}'", type.substr(0, 200)).error();
  }
  return Wrap(std::move(error), "layer {} ({})", layer, name.substr(0, 200));
}

// One reading of an image's layers. Threads take the largest blob that is left; one that finds none
// helps the others.
class Reading {
 public:
  Reading(const image::ImageSource& source, const image::Image& image, const Options& options,
          const StreamedBlobs& streamed, CachedLayers cached, ImageFold& fold)
      : source_(source),
        image_(image),
        options_(options),
        streamed_(streamed),
        fold_(fold),
        algorithm_(cached.algorithm),
        products_(std::move(cached.products)),
        failed_layer_(image.layers.size()) {}

  Result<std::vector<LayerProduct>> Run() {
    ListWork();
    Announce();
    RunThreads();
    if (failed_layer_ < image_.layers.size()) {
      return InLayer(*error_, image_, failed_layer_);
    }
    TRY(CheckSize());
    return std::move(products_);
  }

 private:
  // Each blob once, however many layers it is, unless they declare it differently.
  void ListWork() {
    std::map<std::tuple<std::string, std::string, std::string>, size_t> firsts;
    same_as_.resize(products_.size());
    for (size_t number = 0; number < products_.size(); ++number) {
      const image::Layer& layer = image_.layers[number];
      const std::tuple declared(layer.name, layer.digest.ToString(), layer.diff_id.ToString());
      same_as_[number] = firsts.emplace(declared, number).first->second;
      if (products_[number].cached) {
        fold_.Put(number, products_[number].index);
      } else if (same_as_[number] == number) {
        work_.push_back(number);
      }
    }
    std::ranges::stable_sort(work_, std::greater<>(), [&](size_t layer) {
      return source_.StoredBytes(image_.layers[layer]);
    });
  }

  // Of all layers, those of the cache included.
  Status CheckSize() const {
    const uint64_t bytes = std::accumulate(
        products_.begin(), products_.end(), uint64_t{0},
        [](uint64_t sum, const LayerProduct& p) { return sum + p.index->decoded_bytes(); });
    if (bytes > options_.limits.image_bytes) {
      return OverLimit(&Limits::image_bytes, options_.limits,
                       fmt::format("an image that unpacks to {} bytes", bytes));
    }
    return {};
  }

  void Announce() {
    if (options_.progress == nullptr) {
      return;
    }
    const uint64_t bytes =
        std::accumulate(work_.begin(), work_.end(), uint64_t{0}, [&](uint64_t sum, size_t layer) {
          return sum + source_.StoredBytes(image_.layers[layer]);
        });
    options_.progress->OnStart(work_.size(), bytes);
    for (size_t layer = 0; layer < products_.size(); ++layer) {
      if (products_[layer].cached) {
        options_.progress->OnLayer(layer, 0, true);
        options_.progress->OnIndex(layer, products_[layer].index);
      }
    }
  }

  void RunThreads() {
    left_ = work_.size();
    if (work_.empty()) {
      crew_.Close();
    }
    std::vector<std::jthread> threads;
    for (unsigned i = 1; i < ThreadCount(options_); ++i) {
      threads.emplace_back([this] { Work(); });
    }
    Work();
  }

  void Work() {
    fold_.Work();
    for (size_t next = next_++; next < work_.size(); next = next_++) {
      ReadLayer(work_[next]);
      if (--left_ == 0) {
        crew_.Close();
      }
      fold_.Work();
    }
    crew_.Help();
    fold_.Work();
  }

  void ReadLayer(size_t layer) {
    {
      const std::lock_guard lock(mutex_);
      if (layer > failed_layer_) {
        return;  // an error in a lower layer is the one to be told
      }
    }
    Status status = ReadVerified(layer);
    const std::lock_guard lock(mutex_);
    if (!status && layer < failed_layer_) {
      failed_layer_ = layer;
      error_ = std::move(status).error();
    } else if (status && options_.progress != nullptr) {
      options_.progress->OnLayer(layer, source_.StoredBytes(image_.layers[layer]), false);
      for (size_t same = layer; same < products_.size(); ++same) {
        if (same_as_[same] == layer) {
          options_.progress->OnIndex(same, products_[same].index);
        }
      }
    }
  }

  Status ReadVerified(size_t number) {
    const image::Layer& layer = image_.layers[number];
    TRY_ASSIGN(const bool listed, ListInstead(number));
    if (listed) {
      return {};
    }
    TRY_ASSIGN(ReadBlob blob,
               source_.Streams(layer) ? TakeStreamed(layer) : ReadFromSource(number));
    TRY(Verify(layer, blob.facts));
    // One without a diff ID could not be found again.
    if (options_.cache != nullptr && !layer.diff_id.empty()) {
      options_.cache->Put(blob.facts.diff_id, *blob.scan.index, blob.scan.facets);
    }
    Share(number,
          {std::move(blob.scan.index), std::move(blob.scan.facets), blob.facts.diff_id, false});
    return {};
  }

  // Whether the layer's own table serves in place of the layer.
  Result<bool> ListInstead(size_t number) {
    if (!options_.list_layer || source_.Streams(image_.layers[number])) {
      return false;
    }
    LayerProduct product;
    TRY_ASSIGN(product.index, options_.list_layer(image_.layers[number]));
    product.listed = true;
    if (product.index == nullptr || product.index->algorithm() != algorithm_) {
      return false;
    }
    for (const layer::FacetKind& kind : Facets()) {
      product.facets.push_back({kind.name, kind.version, ""});
    }
    Share(number, product);
    return true;
  }

  Result<ReadBlob> ReadFromSource(size_t number) {
    const image::Layer& layer = image_.layers[number];
    TRY_ASSIGN(const std::unique_ptr<ByteSource> bytes, source_.OpenLayer(layer));
    std::atomic<uint64_t>* count =
        options_.progress == nullptr ? nullptr : &options_.progress->CountOf(number);
    return ReadOne(crew_, *bytes, layer, algorithm_, options_, count, image_bytes_);
  }

  Result<ReadBlob> TakeStreamed(const image::Layer& layer) const {
    const auto found = streamed_.find(layer.name);
    if (found == streamed_.end()) {
      return Fail(Code::kCorrupt, "'{}' is not in the archive", layer.name);
    }
    if (const auto* passed = std::get_if<PassedBlob>(&found->second)) {
      return Fail(Code::kCorrupt,
                  "'{}' is, by its name, the layer {}, which is not what the config declares; "
                  "--no-cache reads what it holds",
                  layer.name, passed->diff_id.ToString());
    }
    return std::get<Result<ReadBlob>>(found->second);
  }

  // Sets the product of all layers that have this blob.
  void Share(size_t first, const LayerProduct& product) {
    for (size_t layer = first; layer < products_.size(); ++layer) {
      if (same_as_[layer] == first) {
        products_[layer] = product;
        fold_.Put(layer, product.index);
      }
    }
  }

  const image::ImageSource& source_;
  const image::Image& image_;
  const Options& options_;
  const StreamedBlobs& streamed_;
  ImageFold& fold_;
  const ContentAlgorithm algorithm_;
  std::vector<LayerProduct> products_;
  std::vector<size_t> same_as_;  // of each layer: the first that declares the same blob
  std::vector<size_t> work_;     // layers to read, largest first
  std::atomic<size_t> next_ = 0;
  std::atomic<size_t> left_ = 0;
  std::atomic<uint64_t> image_bytes_ = 0;  // unpacked so far
  archive::PumpCrew crew_;

  std::mutex mutex_;
  size_t failed_layer_;
  std::optional<Error> error_;
};

bool MayUseCache(const Options& options) { return options.cache != nullptr && !options.verify; }

// A layer of the cache that the limits allow.
std::optional<LayerProduct> FindLayer(const Digest& diff_id, ContentAlgorithm algorithm,
                                      const Options& options) {
  auto found = diff_id.empty() ? std::nullopt : options.cache->Find(diff_id, algorithm, Facets());
  if (!found || found->index->entry_count() > options.limits.layer_entries ||
      found->index->decoded_bytes() > options.limits.layer_bytes) {
    return std::nullopt;
  }
  return LayerProduct{std::move(found->index), std::move(found->facets), diff_id, true};
}

// The layer that a blob of a stream is, by what was known of the image before, or by its name: an
// OCI layout's blob that is not compressed, or a layer as podman and skopeo call it.
Digest DiffIdByName(const std::string& name, const std::optional<image::Image>& recalled) {
  if (recalled) {
    const auto found = std::ranges::find(recalled->layers, name, &image::Layer::name);
    if (found != recalled->layers.end()) {
      return found->diff_id;
    }
  }
  constexpr std::string_view kTar = ".tar";
  const std::string_view text = name;
  return text.ends_with(kTar) ? Digest::Parse("sha256:" + name.substr(0, name.size() - kTar.size()))
                                    .value_or(Digest())
                              : image::DigestOfBlobPath(text);
}

// The product of a blob that was passed over because it is this layer.
const LayerProduct* FindPassed(const StreamedBlobs& streamed, const image::Layer& layer) {
  const auto found = streamed.find(layer.name);
  const auto* passed = found == streamed.end() ? nullptr : std::get_if<PassedBlob>(&found->second);
  return passed != nullptr && passed->diff_id == layer.diff_id ? &passed->product : nullptr;
}

// Tells of a blob of a stream that is a layer, or several, of the image that was shown.
void TellOf(const Expectation& expected, const Digest& diff_id,
            const std::shared_ptr<const layer::LayerIndex>& index, bool cached,
            Progress* progress) {
  if (!expected.shown || progress == nullptr) {
    return;
  }
  const std::vector<image::Layer>& layers = expected.shown->layers;
  for (size_t layer = 0; layer < layers.size(); ++layer) {
    if (layers[layer].diff_id == diff_id) {
      progress->OnLayer(layer, 0, cached);
      progress->OnIndex(layer, index);
    }
  }
}

}  // namespace

std::span<const layer::FacetKind> Facets() {
  static const std::array kinds = {layer::FileKindFacet()};
  return kinds;
}

Result<StreamedBlobs> ReadStream(image::ImageSource& source, const Options& options,
                                 const Expectation& expected) {
  StreamedBlobs blobs;
  archive::PumpCrew crew;
  std::atomic<uint64_t> image_bytes = 0;
  std::vector<std::jthread> helpers;
  for (unsigned i = 1; i < ThreadCount(options); ++i) {
    helpers.emplace_back([&crew] { crew.Help(); });
  }
  const auto pass_over = [&](const std::string& name) {
    if (!MayUseCache(options)) {
      return false;
    }
    const Digest diff_id = DiffIdByName(name, expected.recalled);
    auto product = FindLayer(diff_id, options.algorithm, options);
    if (!product || product->index->algorithm() != options.algorithm) {
      return false;
    }
    TellOf(expected, diff_id, product->index, true, options.progress);
    blobs.insert_or_assign(name, PassedBlob{diff_id, *std::move(product)});
    return true;
  };
  Status status = source.ReadThrough([&](const std::string& name, ByteSource& bytes) -> Status {
    if (pass_over(name)) {
      return {};
    }
    image::Layer layer;
    if (name.starts_with("blobs/sha512/")) {
      layer.digest = DigestOf({}, DigestAlgorithm::kSha512);
    }
    std::atomic<uint64_t>* count =
        options.progress == nullptr ? nullptr : &options.progress->bytes_read;
    auto blob = ReadOne(crew, bytes, layer, options.algorithm, options, count, image_bytes);
    if (!blob && blob.error().code == Code::kCancelled) {
      return std::unexpected(std::move(blob).error());
    }
    if (blob) {
      TellOf(expected, blob->facts.diff_id, blob->scan.index, false, options.progress);
    }
    blobs.insert_or_assign(name, std::move(blob));
    return {};
  });
  crew.Close();
  TRY(status);
  return blobs;
}

// Contents of different algorithms cannot be compared: where the cache has a layer only with
// SHA-256, all others are wanted with SHA-256, too. What was streamed already cannot be had with
// another one.
CachedLayers FindCached(const image::Image& image, const Options& options,
                        const StreamedBlobs& streamed) {
  CachedLayers cached{options.algorithm, std::vector<LayerProduct>(image.layers.size())};
  for (size_t layer = 0; MayUseCache(options) && layer < image.layers.size(); ++layer) {
    if (cached.products[layer].cached) {
      continue;
    }
    if (const LayerProduct* passed = FindPassed(streamed, image.layers[layer])) {
      cached.products[layer] = *passed;
      continue;
    }
    auto found = FindLayer(image.layers[layer].diff_id, cached.algorithm, options);
    if (!found) {
      continue;
    }
    if (found->index->algorithm() == cached.algorithm) {
      cached.products[layer] = *std::move(found);
    } else if (streamed.empty()) {
      cached = {found->index->algorithm(), std::vector<LayerProduct>(image.layers.size())};
      layer = static_cast<size_t>(-1);  // from the first one on
    }
  }
  return cached;
}

Result<std::vector<LayerProduct>> ReadLayers(const image::ImageSource& source,
                                             const image::Image& image, const Options& options,
                                             const StreamedBlobs& streamed, CachedLayers cached,
                                             ImageFold& fold) {
  return Reading(source, image, options, streamed, std::move(cached), fold).Run();
}

}  // namespace fathom::analyze
