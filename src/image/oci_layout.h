// Images in an OCI image layout, version 1.0.0: index.json and blobs/<algorithm>/<hex>.
#pragma once

#include "base/limits.h"
#include "image/file_set.h"
#include "image/image.h"
#include "image/image_source.h"

namespace fathom::image {

// The chosen image of the layout. Every document is checked against the digest and size that its
// descriptor declares; of a layer, only the size. Attestations are set aside. Errors as in
// ImageSource::Open().
Result<Image> OpenOciLayout(const FileSet& files, const Selection& selection, const Limits& limits);

// What the one manifest in index.json whose config is `config` tells beside the layers. Empty when
// there is no such manifest, or more than one, or it cannot be told.
struct ManifestFacts {
  Digest digest;
  DeclaredBase base;
};
ManifestFacts ManifestOfConfig(const FileSet& files, const Digest& config, const Limits& limits);

}  // namespace fathom::image
