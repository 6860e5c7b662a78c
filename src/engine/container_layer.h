// A container's own changes as one more layer: its tar is made while the container is exported.
#pragma once

#include <memory>
#include <vector>

#include "base/limits.h"
#include "engine/engine.h"

namespace fathom::engine {

// Of `exported`, a tar of the container's merged file system, the entries that `changes` names as
// added or modified, as they stand there; then a whiteout for each path that was deleted. `limits`
// must outlive the source.
std::unique_ptr<ByteSource> ContainerLayer(std::unique_ptr<ByteSource> exported,
                                           const std::vector<Change>& changes,
                                           const Limits& limits);

}  // namespace fathom::engine
