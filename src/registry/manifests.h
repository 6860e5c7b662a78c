// Manifests and indexes as a registry has them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/limits.h"
#include "image/documents.h"
#include "registry/registry.h"
#include "registry/remote_name.h"

namespace fathom::registry {

// A manifest or an index, byte for byte as it was sent.
struct Document {
  std::string text;
  std::string media_type;  // as it was served
  Digest digest;           // computed
};

// Docker's manifests of schema 1, which were signed: their digest leaves the signature out.
inline constexpr std::string_view kSchema1 = "application/vnd.docker.distribution.manifest.v1+json";
inline constexpr std::string_view kSignedSchema1 =
    "application/vnd.docker.distribution.manifest.v1+prettyjws";
bool IsSchema1(std::string_view media_type);

// The part of a signed manifest of schema 1 that its digest is taken of; the whole text when it has
// no signature. kCorrupt for a signature that does not say which part that is.
Result<std::string> PayloadOf(const std::string& text, const Limits& limits);

// What `name` means: counts as a pull. Its digest is that of the name, or what the registry says
// it is, else kCorrupt. kLimit when it is larger than Limits::manifest_bytes.
std::expected<Document, Refusal> FetchManifest(Registry& registry, const RemoteName& name,
                                               const Limits& limits);

// The digest of what `name` means now, without a pull; fetches it where the registry says no
// digest.
std::expected<Digest, Refusal> FindDigest(Registry& registry, const RemoteName& name,
                                          const Limits& limits);

// What refers to a manifest: signatures, attestations, lists of contents. Asks the referrers API,
// and where there is none the tag that stands for it.
std::expected<std::vector<image::Descriptor>, Refusal> ListReferrers(Registry& registry,
                                                                     const RemoteName& name,
                                                                     const Digest& digest,
                                                                     const Limits& limits);

}  // namespace fathom::registry
