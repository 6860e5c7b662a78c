// The files that keep a layer's index and its facets on disk, as bytes.
//
// Their layout is written down in docs/formats/layer-index.md; a change of it, or of what a record
// means (the whiteout rules for instance), takes a new kIndexFormatVersion. Each file carries its
// key, so that a file under another layer's name is refused, and a checksum over everything.
// Reading trusts nothing: whatever it accepts is safe to use without further checks.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "layer/content_observer.h"
#include "layer/layer_index.h"

namespace fathom::layer {

constexpr uint32_t kIndexFormatVersion = 2;

// Stateless; any thread.
class IndexFormat {
 public:
  // The whole file. `diff_id` is the layer's, not empty.
  static std::string Write(const Digest& diff_id, const LayerIndex& index);

  // kCorrupt unless `file` is, to its last byte, the index of this layer with contents named by
  // this algorithm. Takes memory for at most twice the file's size.
  static Result<std::shared_ptr<const LayerIndex>> Read(const Digest& diff_id,
                                                        ContentAlgorithm algorithm, ByteView file);
};

// The same for a facet. The meaning of its bytes is its observer's business and is not checked.
std::string WriteFacet(const Digest& diff_id, const Facet& facet);
Result<Facet> ReadFacet(const Digest& diff_id, std::string_view name, uint32_t version,
                        ByteView file);

}  // namespace fathom::layer
