// An image in containerd's content store, read from its files: containerd itself is not asked.
#pragma once

#include <memory>
#include <string>

#include "base/limits.h"
#include "engine/places.h"
#include "image/image_source.h"

namespace fathom::engine {

// `name` is an image's name, or the digest "sha256:..." of a manifest or index in the store. The
// store lies below $CONTAINERD_ROOT, else /var/lib/containerd; $CONTAINERD_NAMESPACE says where to
// look, else all namespaces are. The source keeps `limits`, which must outlive it. Errors:
// kNotFound, with the namespaces that were looked at; kUnavailable when there is no store; kDenied
// when it may not be read; kInvalidArgument when the name means several images; kCorrupt; kLimit.
Result<std::unique_ptr<image::ImageSource>> OpenContainerdImage(const std::string& name,
                                                                const Environment& environment,
                                                                const Limits& limits);

}  // namespace fathom::engine
