#include "registry/registry_source.h"

#include "image/oci_layout.h"
#include "registry/schema1.h"
#include "registry/table_of_contents.h"

namespace fathom::registry {
namespace {

image::Descriptor DescriptorOf(const Document& document, const RemoteName& name) {
  image::Descriptor descriptor;
  const bool known =
      image::IsIndexType(document.media_type) || image::IsManifestType(document.media_type);
  descriptor.media_type = known ? document.media_type : "";
  descriptor.digest = document.digest;
  descriptor.size = document.text.size();
  descriptor.name = name.ToString();
  return descriptor;
}

}  // namespace

std::unexpected<Error> FromRegistry(Refusal refusal, const Registry& registry) {
  return Wrap(Error(std::move(refusal)), "registry {}", registry.name());
}

RegistrySource::RegistrySource(Registry& registry, RemoteName name, Document document,
                               const Limits& limits)
    : registry_(registry),
      name_(std::move(name)),
      document_(std::move(document)),
      limits_(limits),
      files_(std::make_unique<RegistryFiles>(registry, name_.repository,
                                             DescriptorOf(document_, name_), limits)) {
  files_->Keep(document_);
}

Result<std::unique_ptr<RegistrySource>> RegistrySource::Open(Registries& registries,
                                                             RemoteName name,
                                                             const Limits& limits) {
  Registry& registry = registries.Get(name.registry);
  auto document = FetchManifest(registry, name, limits);
  if (!document) {
    return FromRegistry(std::move(document).error(), registry);
  }
  return std::make_unique<RegistrySource>(registry, std::move(name), *std::move(document), limits);
}

Status RegistrySource::ReadThrough(const image::BlobVisitor& /*visitor*/) {
  return Fail(Code::kInvalidArgument, "'{}' is no stream", name());
}

Result<image::Image> RegistrySource::Open(const image::Selection& selection) {
  if (IsSchema1(document_.media_type)) {
    TRY_ASSIGN(image::Image image, ReadSchema1(document_, limits_));
    for (const image::Layer& layer : image.layers) {
      files_->Expect(layer.digest);
    }
    image.reference = name();
    return image;
  }
  return image::OpenOciLayout(*files_, {"", selection.platform}, limits_);
}

Result<image::Image> RegistrySource::OpenNeighbour(const Digest& manifest) {
  RemoteName neighbour = name_;
  neighbour.tag.clear();
  neighbour.digest = manifest;
  auto document = FetchManifest(registry_, neighbour, limits_);
  if (!document) {
    return FromRegistry(std::move(document).error(), registry_);
  }
  RegistrySource source(registry_, neighbour, *std::move(document), limits_);
  return source.Open({});
}

Result<std::shared_ptr<const layer::LayerIndex>> RegistrySource::ListLayer(
    const image::Layer& layer) const {
  TRY_ASSIGN(const image::Descriptor descriptor, files_->DescriptorOf(layer.name));
  if (!descriptor.urls.empty()) {
    return std::shared_ptr<const layer::LayerIndex>();
  }
  auto listed = FetchTableOfContents(registry_, name_.repository, descriptor, limits_);
  if (!listed) {
    return FromRegistry(std::move(listed).error(), registry_);
  }
  return *std::move(listed);
}

Result<std::unique_ptr<ByteSource>> RegistrySource::OpenLayer(const image::Layer& layer) const {
  return files_->Open(layer.name);
}

}  // namespace fathom::registry
