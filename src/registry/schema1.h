// Docker's manifests of schema 1, which name no config and tell no diff IDs.
//
// Source: distribution's docs/spec/manifest-v2-1. Withdrawn in 2019; registries still hold them.
#pragma once

#include "base/limits.h"
#include "base/result.h"
#include "image/image.h"
#include "registry/manifests.h"

namespace fathom::registry {

// The image that a document of schema 1 describes: its layers by digest, base first, and the
// history that its "v1Compatibility" entries tell. kCorrupt when these do not match.
Result<image::Image> ReadSchema1(const Document& document, const Limits& limits);

}  // namespace fathom::registry
