// A container as a source: the layers of its image and, on top, one with its own changes.
#pragma once

#include <memory>
#include <string>

#include "engine/engine_source.h"

namespace fathom::engine {

// The top layer declares no digest, so that it is read anew each time and never cached.
class ContainerSource final : public image::ImageSource {
 public:
  // kNotFound when the engine has no such container, or no longer has its image.
  static Result<std::unique_ptr<ContainerSource>> Open(std::shared_ptr<Engine> engine,
                                                       const std::string& container,
                                                       const Limits& limits);

  std::string name() const override;
  bool streams() const override { return true; }
  bool Streams(const image::Layer& layer) const override { return layer.name != LayerName(); }
  Result<std::optional<image::Image>> Recall(const image::Selection& selection,
                                             const image::ImageMemory& memory) override;
  Status ReadThrough(const image::BlobVisitor& visitor) override;
  Result<image::Image> Open(const image::Selection& selection) override;
  void Remember(image::ImageMemory& memory) const override { image_->Remember(memory); }
  uint64_t StoredBytes(const image::Layer& layer) const override;
  Result<std::unique_ptr<ByteSource>> OpenLayer(const image::Layer& layer) const override;

 private:
  ContainerSource(std::shared_ptr<Engine> engine, ContainerFacts facts, const Limits& limits)
      : engine_(std::move(engine)), facts_(std::move(facts)), limits_(limits) {}

  std::string LayerName() const { return "container/" + facts_.id; }
  image::Image WithChanges(image::Image image) const;

  const std::shared_ptr<Engine> engine_;
  const ContainerFacts facts_;
  const Limits& limits_;
  std::unique_ptr<EngineSource> image_;
};

}  // namespace fathom::engine
