#include "cli/open_reference.h"

#include "base/text.h"
#include "cli/environment.h"
#include "engine/container_source.h"
#include "engine/containerd_source.h"
#include "engine/engine_source.h"
#include "engine/open_engine.h"

namespace fathom::cli {
namespace {

using engine::Product;
using Source = Result<std::unique_ptr<image::ImageSource>>;

// A place that holds images, and how one gets there.
struct Place {
  image::Form form;
  std::string_view get;  // a command
};

constexpr Place kDocker{image::Form::kDocker, "docker pull {}"};
constexpr Place kPodman{image::Form::kPodman, "podman pull {}"};
constexpr Place kContainerd{image::Form::kContainerd, "ctr images pull {}"};

std::string CopyCommand(const std::string& name) {
  return fmt::format("skopeo copy docker://{} oci-archive:image.tar && fathom analyze image.tar",
                     name);
}

Source OpenInEngine(Product product, const std::string& name, const image::Platform& platform,
                    const Limits& limits) {
  TRY_ASSIGN(std::shared_ptr<engine::Engine> opened,
             engine::OpenEngine(product, Environment, limits));
  auto source = engine::EngineSource::Open(opened, name, platform, limits);
  if (!source) {
    return Wrap(std::move(source).error(), "{}", opened->name());
  }
  return source;
}

Source OpenContainer(Product product, const std::string& name, const Limits& limits) {
  TRY_ASSIGN(std::shared_ptr<engine::Engine> opened,
             engine::OpenEngine(product, Environment, limits));
  auto source = engine::ContainerSource::Open(opened, name, limits);
  if (!source) {
    return Wrap(std::move(source).error(), "container '{}' of {}", name, opened->name());
  }
  return source;
}

Source OpenIn(const Place& place, const std::string& name, const image::Platform& platform,
              const Limits& limits) {
  if (place.form == image::Form::kContainerd) {
    return engine::OpenContainerdImage(name, Environment, limits);
  }
  return OpenInEngine(place.form == image::Form::kDocker ? Product::kDocker : Product::kPodman,
                      name, platform, limits);
}

// An image that must be in one place.
Source OpenOnlyIn(const Place& place, const std::string& name, const image::Platform& platform,
                  const Limits& limits) {
  auto source = OpenIn(place, name, platform, limits);
  if (!source && source.error().code == Code::kNotFound) {
    source.error().message += "; to get it: " + fmt::format(fmt::runtime(place.get), name);
  }
  return source;
}

std::unexpected<Error> NoRegistriesYet(const std::string& name) {
  return Fail(Code::kNotFound, "registries cannot be read yet; instead: {}", CopyCommand(name));
}

// An image that may be anywhere. What only one of several places says goes on a line of its own.
Source OpenAnywhere(const std::string& name, const image::Platform& platform,
                    const Limits& limits) {
  std::string tried = fmt::format("'{}' is no file, and no image that is here:", name);
  for (const Place& place : {kDocker, kPodman, kContainerd}) {
    auto source = OpenIn(place, name, platform, limits);
    if (source) {
      return source;
    }
    tried += "\n  " + Printable(source.error().message);
  }
  return Fail(Code::kNotFound, "{}\n  registries cannot be read yet\nTo get it: {}; or: {}", tried,
              fmt::format(fmt::runtime(kDocker.get), name), CopyCommand(name));
}

}  // namespace

Source OpenReference(const image::Reference& reference, const image::Platform& platform,
                     const Limits& limits, image::Passes passes) {
  switch (reference.form) {
    case image::Form::kDocker:
      return OpenOnlyIn(kDocker, reference.path, platform, limits);
    case image::Form::kPodman:
      return OpenOnlyIn(kPodman, reference.path, platform, limits);
    case image::Form::kDockerContainer:
      return OpenContainer(Product::kDocker, reference.path, limits);
    case image::Form::kPodmanContainer:
      return OpenContainer(Product::kPodman, reference.path, limits);
    case image::Form::kContainerd:
      return OpenOnlyIn(kContainerd, reference.path, platform, limits);
    case image::Form::kRegistry:
      return NoRegistriesYet(reference.path);
    default:
      return image::IsFile(reference) ? image::OpenSource(reference, limits, passes)
                                      : OpenAnywhere(reference.path, platform, limits);
  }
}

}  // namespace fathom::cli
