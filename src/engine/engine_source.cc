#include "engine/engine_source.h"

#include <algorithm>
#include <utility>

#include "image/choose.h"
#include "image/docker_archive.h"
#include "image/documents.h"
#include "image/oci_layout.h"
#include "image/tag.h"

namespace fathom::engine {

Result<std::unique_ptr<EngineSource>> EngineSource::Open(std::shared_ptr<Engine> engine,
                                                         std::string name,
                                                         const image::Platform& platform,
                                                         const Limits& limits) {
  std::unique_ptr<EngineSource> source(
      new EngineSource(std::move(engine), std::move(name), platform, limits));
  TRY_ASSIGN(source->facts_, source->engine_->InspectImage(source->name_, platform));
  TRY_ASSIGN(source->id_, Digest::Parse(source->facts_.id));
  return source;
}

std::string EngineSource::name() const { return fmt::format("'{}' of {}", name_, engine_->name()); }

// The form of a save, and with it what is known of the layers' blobs, depends on the engine.
std::string EngineSource::MemoryKey() const {
  return fmt::format("image {} for '{}' saved by {}", facts_.id, platform_.ToString(),
                     engine_->version());
}

// The image's name that was meant; "" when it was asked for by its ID, as a save says it.
std::string EngineSource::Reference() const {
  image::Choice choice;
  for (const std::string& tag : facts_.tags) {
    if (image::MatchTag(name_, tag) > image::TagMatch::kTagOnly) {
      choice.names.push_back(tag);
    }
  }
  return image::NameOf(choice, name_);
}

Result<std::optional<image::Image>> EngineSource::Recall(const image::Selection& /*selection*/,
                                                         const image::ImageMemory& memory) {
  std::optional<image::Image> image = memory.Find(MemoryKey());
  if (image) {
    image->reference = Reference();
  }
  return image;
}

std::optional<image::Image> EngineSource::Preview() {
  if (facts_.diff_ids.empty() || facts_.diff_ids.size() > limits_.layers) {
    return std::nullopt;
  }
  image::Image image;
  image.reference = Reference();
  image.config.diff_ids = facts_.diff_ids;
  image.layers.resize(facts_.diff_ids.size());
  image.config.history = engine_->HistoryOf(facts_.id).value_or(std::vector<image::HistoryEntry>());
  // A history whose guesses do not add up would name wrong layers.
  if (std::cmp_not_equal(
          std::ranges::count(image.config.history, false, &image::HistoryEntry::empty_layer),
          image.layers.size())) {
    image.config.history.clear();
  }
  return image::JoinLayers(image.config, image.layers) ? std::optional(std::move(image))
                                                       : std::nullopt;
}

Status EngineSource::ReadThrough(const image::BlobVisitor& visitor) {
  TRY_ASSIGN(auto archive, engine_->SaveImage(name_, platform_));
  files_ = std::make_unique<image::StreamFileSet>(std::move(archive), limits_);
  return files_->ReadThrough(visitor);
}

Result<image::Image> EngineSource::Open(const image::Selection& selection) {
  if (files_ == nullptr || files_->empty()) {
    return Fail(Code::kCorrupt, "what the engine saved is empty");
  }
  image::Selection chosen = selection;
  chosen.tag.clear();
  chosen.config = id_;
  const bool docker = image::HasFile(*files_, "manifest.json");
  TRY_ASSIGN(image::Image image, docker ? image::OpenDockerArchive(*files_, chosen, limits_)
                                        : image::OpenOciLayout(*files_, chosen, limits_));
  image.reference = Reference();
  opened_ = HasId(image) ? std::optional(image) : std::nullopt;
  return image;
}

// Whether the ID, which the engine merely says, is one of this image's digests: of its config, or,
// with containerd's image store, of its manifest or of an index that lists that.
bool EngineSource::HasId(const image::Image& image) const {
  if (id_ == image.config_digest || (id_ == image.digest && !id_.empty())) {
    return true;
  }
  const auto text = files_->Read(image::BlobPath(id_), limits_.index_bytes);
  if (!text || DigestOf(AsBytes(*text), id_.algorithm()) != id_) {
    return false;
  }
  const auto index = image::ParseIndex(*text, "", limits_);
  return index && std::ranges::any_of(index->manifests, [&image](const auto& manifest) {
           return manifest.digest == image.digest && !image.digest.empty();
         });
}

void EngineSource::Remember(image::ImageMemory& memory) const {
  if (opened_) {
    memory.Keep(MemoryKey(), *opened_);
  }
}

Result<std::unique_ptr<ByteSource>> EngineSource::OpenLayer(const image::Layer& layer) const {
  return Fail(Code::kInvalidArgument, "'{}' has gone by in the stream", layer.name);
}

}  // namespace fathom::engine
