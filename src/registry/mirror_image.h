// From a name to what of an image has to be fetched: its documents are stored on the way.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/limits.h"
#include "image/documents.h"
#include "registry/layout_store.h"
#include "registry/registry.h"
#include "registry/remote_name.h"

namespace fathom::registry {

// A blob that an image needs, as its manifest declares it.
struct NeededBlob {
  Digest digest;
  uint64_t size = 0;
  std::vector<std::string> urls = {};  // of a foreign layer
};

struct ResolvedImage {
  image::Descriptor root;  // for index.json: manifest or index, with the reference as its name
  std::vector<NeededBlob> blobs;
  uint64_t foreign = 0;  // layers that are left where they are
};

// Asks for the digest of the name, then for the documents that the store lacks, for the platforms
// that are wanted (none: all). All of an index is stored as it is; documents for other platforms
// are left out. Errors: those of FetchManifest(); kNotFound when it is for none of the platforms;
// kCorrupt, kLimit for what the documents say.
std::expected<ResolvedImage, Refusal> ResolveImage(Registry& registry, const RemoteName& name,
                                                   const std::vector<image::Platform>& platforms,
                                                   LayoutStore& store, const Limits& limits);

}  // namespace fathom::registry
