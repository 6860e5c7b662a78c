// What a registry knows of one image: the manifests of its platforms, what it is made of, and what
// refers to it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/limits.h"
#include "image/documents.h"
#include "image/image.h"
#include "registry/manifests.h"
#include "registry/registry.h"
#include "registry/remote_name.h"

namespace fathom::registry {

// A manifest below an index, or below an index in it.
struct IndexEntry {
  image::Descriptor descriptor;
  size_t depth = 0;  // indexes between it and the one that was asked for
};

// Something about the image that is kept beside it.
struct Referrer {
  image::Descriptor descriptor;
  std::string kind;  // "signature", "attestation", "list of contents", or its artifact type
  std::string tag;   // where cosign keeps it; "" for what the referrers API tells
};

struct Inspection {
  RemoteName name;
  Document document;                  // what the name means
  std::vector<IndexEntry> manifests;  // of an index, in its order
  // The image for the platform that was asked for. Nothing when the document is of none, or for
  // other platforms only; `no_image` then says why.
  std::optional<image::Image> image;
  std::string no_image;
  std::vector<Referrer> referrers;
};

// Errors: those of FetchManifest(). What only
// explains the image, and cannot be had, is left out.
Result<Inspection> Inspect(Registries& registries, const RemoteName& name,
                           const image::Platform& platform, const Limits& limits);

}  // namespace fathom::registry
