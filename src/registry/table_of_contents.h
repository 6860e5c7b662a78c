// Layers that carry a table of their contents, so that it can be had without the rest: eStargz and
// zstd:chunked.
//
// Sources: stargz-snapshotter's docs/estargz.md (the table is the last tar entry of a gzip layer,
// and a footer says where); containers/storage pkg/chunked (a zstd frame that decoders skip, and
// annotations that say where).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/limits.h"
#include "image/documents.h"
#include "layer/layer_index.h"
#include "registry/registry.h"

namespace fathom::registry {

// The index that a table describes, its contents named by SHA-256. What the table says of the layer
// is a claim: nothing of it has been compared with the layer. kCorrupt, kLimit.
Result<std::shared_ptr<const layer::LayerIndex>> ReadTableOfContents(std::string_view json,
                                                                     const Limits& limits);

// Where the table of an eStargz layer begins, from the layer's last bytes (at least
// kStargzFooterBytes); nothing when they are no footer.
constexpr uint64_t kStargzFooterBytes = 51;
std::optional<uint64_t> ParseStargzFooter(std::string_view end);

// What `io.github.containers.zstd-chunked.manifest-position` says: "offset:size:unpacked:type".
struct ChunkedPosition {
  uint64_t offset = 0;
  uint64_t size = 0;
  uint64_t unpacked = 0;
};
std::optional<ChunkedPosition> ParseChunkedPosition(std::string_view text);

// Fetches the table of a layer and nothing else of it, by ranges. Its digest is that of the layer's
// annotations, where these tell one. Nothing for a layer without a table, and from a registry that
// knows no ranges. Errors: those of BlobStream; kCorrupt, kLimit.
std::expected<std::shared_ptr<const layer::LayerIndex>, Refusal> FetchTableOfContents(
    Registry& registry, const std::string& repository, const image::Descriptor& layer,
    const Limits& limits);

}  // namespace fathom::registry
