// Takes the files of a plan out of an image: contents are read again from the layers' blobs.
//
// A layer that nothing is wanted from is not read; of the others each blob is read once, as far as
// its last wanted entry. What is read must be what the layer index tells, content hash by content
// hash; else the blob has changed since, and the error is kCorrupt.
#pragma once

#include "extract/plan.h"
#include "extract/target.h"
#include "image/image_source.h"

namespace fathom::extract {

// `source` is open with `image`, from which `tree` was made. A source that streams is read through
// again; its error tells when it cannot be.
Status Extract(const Plan& plan, const tree::FileTree& tree, image::ImageSource& source,
               const image::Image& image, const Limits& limits, Target& target);

// Only the contents, in the order of the layers.
Status ReadContents(const Plan& plan, const tree::FileTree& tree, image::ImageSource& source,
                    const image::Image& image, const Limits& limits, Target& target);

}  // namespace fathom::extract
