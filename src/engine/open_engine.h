// The engine of a product that answers on this machine.
#pragma once

#include <memory>

#include "engine/engine.h"
#include "engine/places.h"

namespace fathom::engine {

// The first place that answers; of Podman, else its program. Errors say what was tried: kDenied
// when one of the places may not be used, else kUnavailable; kInvalidArgument for an environment
// that names no place. `limits` must outlive the engine.
Result<std::unique_ptr<Engine>> OpenEngine(Product product, const Environment& environment,
                                           const Limits& limits);

}  // namespace fathom::engine
