// An image that an engine holds, as a source: inspected at once, saved only when it must be read.
#pragma once

#include <memory>
#include <string>

#include "base/limits.h"
#include "engine/engine.h"
#include "image/image_source.h"
#include "image/stream_file_set.h"

namespace fathom::engine {

// Streams: see image::ImageSource. What `docker save` writes goes straight to the visitor.
class EngineSource final : public image::ImageSource {
 public:
  // Asks the engine which image `name` is; `platform` as Engine::InspectImage() has it. The source
  // keeps `limits`, which must outlive it. kNotFound when the engine has no such image.
  static Result<std::unique_ptr<EngineSource>> Open(std::shared_ptr<Engine> engine,
                                                    std::string name,
                                                    const image::Platform& platform,
                                                    const Limits& limits);

  std::string name() const override;
  bool streams() const override { return true; }
  Result<std::optional<image::Image>> Recall(const image::Selection& selection,
                                             const image::ImageMemory& memory) override;
  std::optional<image::Image> Preview() override;
  Status ReadThrough(const image::BlobVisitor& visitor) override;
  Result<image::Image> Open(const image::Selection& selection) override;
  void Remember(image::ImageMemory& memory) const override;
  Result<std::unique_ptr<ByteSource>> OpenLayer(const image::Layer& layer) const override;

 private:
  EngineSource(std::shared_ptr<Engine> engine, std::string name, const image::Platform& platform,
               const Limits& limits)
      : engine_(std::move(engine)), name_(std::move(name)), platform_(platform), limits_(limits) {}

  std::string MemoryKey() const;
  std::string Reference() const;
  bool HasId(const image::Image& image) const;

  const std::shared_ptr<Engine> engine_;
  const std::string name_;  // as it was asked for
  const image::Platform platform_;
  const Limits& limits_;
  ImageFacts facts_;
  Digest id_;
  std::unique_ptr<image::StreamFileSet> files_;  // of the latest save
  std::optional<image::Image> opened_;           // what Remember() keeps
};

}  // namespace fathom::engine
