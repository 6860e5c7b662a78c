// Images of a layout as one file: what `docker load` takes, or the layout itself as a tar.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/limits.h"
#include "base/result.h"
#include "image/image.h"
#include "registry/layout_store.h"

namespace fathom::registry {

using PutBytes = std::function<Status(ByteView)>;

// As `docker save` wrote it before version 25: manifest.json, and config and layers of each image,
// each once. One platform of each image: the one that is wanted, else this machine's. Layers keep
// their compression, but for zstd, which engines before 23 cannot load: these are written unpacked.
// Errors: those of opening the images, and of `put`.
Status WriteDockerArchive(const LayoutStore& store, const std::vector<std::string>& references,
                          const image::Platform& platform, const Limits& limits,
                          const PutBytes& put);

// The layout without what it keeps for itself.
Status WriteOciArchive(const LayoutStore& store, const PutBytes& put);

}  // namespace fathom::registry
