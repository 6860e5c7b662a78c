// Images as `docker save` writes them: manifest.json, and the configs and layers that it names.
#pragma once

#include "base/limits.h"
#include "image/file_set.h"
#include "image/image.h"
#include "image/image_source.h"

namespace fathom::image {

// The chosen image of the archive. A config whose name is a digest is checked against it. Errors as
// in ImageSource::Open().
Result<Image> OpenDockerArchive(const FileSet& files, const Selection& selection,
                                const Limits& limits);

}  // namespace fathom::image
