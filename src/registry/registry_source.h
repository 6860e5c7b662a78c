// An image in a registry, as a source: its layers go straight to whoever reads them.
#pragma once

#include <memory>
#include <string>

#include "image/image_source.h"
#include "layer/layer_index.h"
#include "registry/manifests.h"
#include "registry/registry.h"
#include "registry/registry_files.h"
#include "registry/remote_name.h"

namespace fathom::registry {

// See image::ImageSource. What is chosen by tag when the source is opened stays: documents and
// layers are asked for by their digests.
class RegistrySource final : public image::ImageSource {
 public:
  // Asks the registry what `name` means now. `registries` and `limits` outlive the source. Errors:
  // kNotFound when there is no such image, and those of Registry::Send().
  static Result<std::unique_ptr<RegistrySource>> Open(Registries& registries, RemoteName name,
                                                      const Limits& limits);

  // The same, of a document that was fetched already.
  RegistrySource(Registry& registry, RemoteName name, Document document, const Limits& limits);

  std::string name() const override { return name_.ToString(); }
  bool streams() const override { return false; }
  Status ReadThrough(const image::BlobVisitor& visitor) override;
  Result<image::Image> Open(const image::Selection& selection) override;
  Result<image::Image> OpenNeighbour(const Digest& manifest) override;
  // What the layer's own table says is in it, fetched alone; null when it has none. A claim that
  // nobody has compared with the layer. Thread-safe.
  Result<std::shared_ptr<const layer::LayerIndex>> ListLayer(const image::Layer& layer) const;

  Result<std::unique_ptr<ByteSource>> OpenLayer(const image::Layer& layer) const override;

 private:
  Registry& registry_;
  const RemoteName name_;
  const Document document_;
  const Limits& limits_;
  const std::unique_ptr<RegistryFiles> files_;
};

// The error with the registry's name before it, as people are told it.
std::unexpected<Error> FromRegistry(Refusal refusal, const Registry& registry);

}  // namespace fathom::registry
