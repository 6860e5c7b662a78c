// Which platform an image is for, and which of several to take.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "base/result.h"
#include "image/image.h"

namespace fathom::image {

// linux and the architecture of this machine, in the words of Go (amd64, arm64, arm with v7, ...).
Platform ThisMachine();

// How well an image for `offered` serves who wants `wanted`: 0 not at all; more is better. A
// variant that is not named means any, best the usual one (arm v7, arm64 v8, amd64 v1).
int PlatformMatch(const Platform& wanted, const Platform& offered);

// The index of the platform to take. When `wanted` has no os: this machine's, else the only one
// that differs from no other. Errors: kNotFound with the list.
Result<size_t> ChoosePlatform(std::span<const Platform> offered, const Platform& wanted);

}  // namespace fathom::image
