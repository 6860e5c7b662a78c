// Podman where no service of it answers: the program `podman` itself is run.
#pragma once

#include <memory>

#include "base/limits.h"
#include "engine/engine.h"

namespace fathom::engine {

// kNotFound when the program is not there. `limits` must outlive the engine.
Result<std::unique_ptr<Engine>> OpenPodmanProgram(const Limits& limits);

}  // namespace fathom::engine
