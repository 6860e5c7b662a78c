// The manifests that an OCI layout lists, through all nested indexes.
#pragma once

#include <string>
#include <vector>

#include "base/limits.h"
#include "image/choose.h"
#include "image/documents.h"
#include "image/file_set.h"

namespace fathom::image {

// A manifest and how to choose it. `choice.platform` is what its descriptor says.
struct ListedManifest {
  Descriptor descriptor;
  Choice choice;
};

// Every manifest below index.json, each digest once, in the order of the documents; without
// attestations, and without artifacts when there is something else. With a tag that index.json
// itself names, only what stands below that. Errors: kNotFound without index.json; kCorrupt,
// kLimit.
Result<std::vector<ListedManifest>> ListManifests(const FileSet& files, const std::string& tag,
                                                  const Limits& limits);

// The blob that `descriptor` names, checked against its size and digest. kCorrupt, with the digest,
// when it is absent or differs.
Result<std::string> ReadBlob(const FileSet& files, const Descriptor& descriptor,
                             const Limits& limits, uint64_t Limits::* limit);

}  // namespace fathom::image
