// Puts a LayerIndex together, entry by entry.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "layer/layer_index.h"

namespace fathom::layer {

// Not thread-safe.
class LayerIndexBuilder {
 public:
  // `limits` must outlive the builder.
  LayerIndexBuilder(ContentAlgorithm algorithm, const Limits& limits);

  // Adds a row and returns its id. kLimit when the layer has too many entries.
  Result<EntryId> Add(const archive::TarEntry& entry);

  // Where the hash of a row's content belongs. Valid until the next Add().
  ByteSpan ContentOf(EntryId id);

  const LayerIndex& index() const { return index_; }

  // The finished index; the builder is spent.
  std::shared_ptr<const LayerIndex> Finish(uint64_t decoded_bytes);

 private:
  PathId InternPath(std::string_view path);
  PathId InternComponents();
  uint32_t InternXattrs(const archive::TarEntry& entry);
  Mark MarkOf(const archive::TarEntry& entry, PathId path) const;

  const Limits& limits_;
  LayerIndex index_;
  std::vector<std::string_view> components_;
  std::string xattr_text_;
  // The directory of the previous entry: most entries share it.
  std::string last_directory_;
  PathId last_directory_id_ = kRootPath;
};

}  // namespace fathom::layer
