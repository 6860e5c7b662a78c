// From what a person typed to the source it means: a file, or an image that an engine or a registry
// holds.
#pragma once

#include <memory>

#include "cli/registry_access.h"
#include "image/open_source.h"

namespace fathom::cli {

// Without a scheme: an existing path, else the first engine that answers and has an image of this
// name (Docker, Podman, containerd), else the registry that the name tells. The source keeps
// `limits` and `registries`, which must outlive it.
//
// Errors: those of image::OpenSource(). With a scheme: kNotFound when the engine has no such image,
// kUnavailable when it does not answer, kDenied when it may not be asked. Without: kNotFound, with
// a line for each place that was tried.
Result<std::unique_ptr<image::ImageSource>> OpenReference(
    const image::Reference& reference, const image::Platform& platform, const Limits& limits,
    RegistryAccess& registries, image::Passes passes = image::Passes::kOnce);

}  // namespace fathom::cli
