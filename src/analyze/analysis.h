// Analysis: all we know of an image. What every command reads from.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "analyze/base_image.h"
#include "image/image.h"
#include "layer/content_observer.h"
#include "layer/file_kind.h"
#include "tree/classic.h"
#include "tree/file_tree.h"
#include "tree/summary.h"

namespace fathom::analyze {

// Visible bytes of files of one kind.
struct KindBytes {
  layer::FileKind kind;
  uint64_t files = 0;
  uint64_t bytes = 0;
};

struct Analysis {
  image::Image image;
  tree::FileTree tree;
  tree::Summary summary;
  tree::ClassicNumbers classic;
  std::vector<KindBytes> kinds;  // in the order of layer::kFileKinds
  BaseImage base;                // how the next is known
  size_t base_layers = 1;        // leading layers taken as the base image; base.layers
  std::vector<std::vector<layer::Facet>> facets;  // of each layer

  size_t layers_read = 0;
  size_t layers_cached = 0;
  size_t layers_listed = 0;  // known by their own tables of contents: not verified
};

// Sum of the declared sizes of the layers' blobs; nothing when one of them declares none.
std::optional<uint64_t> CompressedBytes(const image::Image& image);

}  // namespace fathom::analyze
