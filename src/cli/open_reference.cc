#include "cli/open_reference.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "cli/environment.h"
#include "engine/container_source.h"
#include "engine/containerd_source.h"
#include "engine/engine_source.h"
#include "engine/open_engine.h"
#include "registry/registry_source.h"
#include "registry/remote_name.h"

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

Source OpenInRegistry(const std::string& text, const Limits& limits, RegistryAccess& access) {
  TRY_ASSIGN(registry::RemoteName name, registry::ParseRemoteName(text));
  TRY_ASSIGN(registry::Registries * registries, access.Get());
  return registry::RegistrySource::Open(*registries, std::move(name), limits);
}

// A name that could be an image's, but is hardly meant so: nobody's registry is asked for it.
bool IsNamedLikeAFile(std::string_view name) {
  constexpr std::array<std::string_view, 9> kEndings = {".tar", ".gz",  ".tgz", ".zst", ".tzst",
                                                        ".xz",  ".bz2", ".oci", ".img"};
  return std::ranges::any_of(kEndings,
                             [name](std::string_view end) { return name.ends_with(end); });
}

// An image that may be anywhere. What only one of several places says goes on a line of its own.
Source OpenAnywhere(const std::string& name, const image::Platform& platform, const Limits& limits,
                    RegistryAccess& registries) {
  std::string tried = fmt::format("'{}' is no file, and no image that can be had:", name);
  for (const Place& place : {kDocker, kPodman, kContainerd}) {
    auto source = OpenIn(place, name, platform, limits);
    if (source) {
      return source;
    }
    tried += "\n  " + Printable(source.error().message);
  }
  if (IsNamedLikeAFile(name)) {
    return Fail(Code::kNotFound, "{}", tried);
  }
  auto source = OpenInRegistry(name, limits, registries);
  return source ? std::move(source)
                : Source(Fail(source.error().code, "{}\n  {}", tried,
                              Printable(source.error().message)));
}

}  // namespace

Source OpenReference(const image::Reference& reference, const image::Platform& platform,
                     const Limits& limits, RegistryAccess& registries, image::Passes passes) {
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
      return OpenInRegistry(reference.path, limits, registries);
    default:
      return image::IsFile(reference) ? image::OpenSource(reference, limits, passes)
                                      : OpenAnywhere(reference.path, platform, limits, registries);
  }
}

}  // namespace fathom::cli
