#include "engine/container_source.h"

#include "engine/container_layer.h"

namespace fathom::engine {

Result<std::unique_ptr<ContainerSource>> ContainerSource::Open(std::shared_ptr<Engine> engine,
                                                               const std::string& container,
                                                               const Limits& limits) {
  TRY_ASSIGN(ContainerFacts facts, engine->InspectContainer(container));
  const std::string image = facts.image;
  std::unique_ptr<ContainerSource> source(
      new ContainerSource(std::move(engine), std::move(facts), limits));
  auto opened = EngineSource::Open(source->engine_, image, {}, limits);
  if (!opened) {
    return Wrap(std::move(opened).error(), "its image {}", image);
  }
  source->image_ = *std::move(opened);
  return source;
}

std::string ContainerSource::name() const {
  return fmt::format("container '{}' of {}", facts_.name, engine_->name());
}

image::Image ContainerSource::WithChanges(image::Image image) const {
  image.reference = facts_.name;
  image.digest = {};  // the manifest is of the image alone
  image::Layer layer;
  layer.name = LayerName();
  layer.media_type = "application/vnd.docker.image.rootfs.diff.tar";
  layer.history = image.config.history.size();
  image::HistoryEntry made;
  made.created_by = fmt::format("changes of container {} ({})", facts_.name, facts_.id);
  made.layer = image.layers.size();
  image.config.history.push_back(std::move(made));
  image.layers.push_back(std::move(layer));
  return image;
}

Result<std::optional<image::Image>> ContainerSource::Recall(const image::Selection& selection,
                                                            const image::ImageMemory& memory) {
  TRY_ASSIGN(std::optional<image::Image> image, image_->Recall(selection, memory));
  return image ? std::optional(WithChanges(*std::move(image))) : std::nullopt;
}

Status ContainerSource::ReadThrough(const image::BlobVisitor& visitor) {
  return image_->ReadThrough(visitor);
}

Result<image::Image> ContainerSource::Open(const image::Selection& selection) {
  TRY_ASSIGN(image::Image image, image_->Open(selection));
  return WithChanges(std::move(image));
}

uint64_t ContainerSource::StoredBytes(const image::Layer& layer) const {
  return Streams(layer) ? image_->StoredBytes(layer) : 0;
}

Result<std::unique_ptr<ByteSource>> ContainerSource::OpenLayer(const image::Layer& layer) const {
  if (Streams(layer)) {
    return image_->OpenLayer(layer);
  }
  TRY_ASSIGN(const std::vector<Change> changes, engine_->ChangesOf(facts_.id));
  TRY_ASSIGN(auto exported, engine_->ExportContainer(facts_.id));
  return ContainerLayer(std::move(exported), changes, limits_);
}

}  // namespace fathom::engine
