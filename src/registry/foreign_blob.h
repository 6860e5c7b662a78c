// Layers that a registry may not hand out: their descriptors say where they lie instead.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/io.h"
#include "registry/registry.h"

namespace fathom::registry {

// The blob from the first of `urls` that has it. Nobody's credentials go there. Errors: kDenied for
// places that safe_target.h forbids, kNotFound, kUnavailable.
std::expected<std::unique_ptr<ByteSource>, Refusal> OpenForeignBlob(
    Registry& registry, const std::vector<std::string>& urls);

}  // namespace fathom::registry
