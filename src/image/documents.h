// The JSON documents that describe an image: index, manifest and config of the OCI image
// specification and of Docker's schema 2, and the manifest.json of `docker save`.
//
// Parsers take hostile text. Members that the specifications leave optional may be absent; a member
// of a wrong type is kCorrupt, and the message says which. Numbers of things are kLimit.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/limits.h"
#include "base/result.h"
#include "image/image.h"

namespace fathom::image {

// What one document says of a blob.
struct Descriptor {
  std::string media_type;
  Digest digest;
  uint64_t size = 0;
  Platform platform;          // empty when not given
  std::string name;           // from the annotations: of the image, else its tag; "" when none
  std::string artifact_type;  // of something that is no image
  bool attestation = false;   // a statement about another image
  Digest about = {};          // the manifest that an attestation is about, where it says so
  bool foreign = false;       // has `urls`: may lie elsewhere
  std::vector<std::string> urls = {};
  // Those of lazily readable layers, which say where the table of their contents is.
  std::map<std::string, std::string> annotations = {};
};

struct Index {
  std::vector<Descriptor> manifests;
};

struct Manifest {
  std::string other_type;  // what it is of, when it is not of a container image; else ""
  Descriptor config;
  std::vector<Descriptor> layers;
  DeclaredBase base;
};

// One image of a manifest.json.
struct SavedImage {
  std::string config;
  std::vector<std::string> tags;
  std::vector<std::string> layers;
};

// What the media type of a descriptor says; both false when it says nothing.
bool IsIndexType(std::string_view media_type);
bool IsManifestType(std::string_view media_type);

// Tells an index from a manifest by its members.
Result<bool> HasManifests(std::string_view text, const Limits& limits);

// `media_type` is what the document's descriptor says, "" when it has none.
Result<Index> ParseIndex(std::string_view text, const std::string& media_type,
                         const Limits& limits);

// An index that lists these, with their names as annotations, as an OCI layout's index.json has it.
std::string WriteIndex(std::span<const Descriptor> manifests);

// Of something that is not a container image, only `other_type` is filled in.
Result<Manifest> ParseManifest(std::string_view text, const std::string& media_type,
                               const Limits& limits);

// Every blob that a manifest names, config first, whatever it is a manifest of.
Result<std::vector<Descriptor>> ParseManifestBlobs(std::string_view text, const Limits& limits);

// What an index or manifest says that it is, else what its members tell, in the words of OCI.
std::string MediaTypeOf(std::string_view text, const Limits& limits);

Result<Config> ParseConfig(std::string_view text, const Limits& limits);

Result<std::vector<SavedImage>> ParseSavedImages(std::string_view text, const Limits& limits);

// Joins what manifest and config say: the k-th layer has the k-th diff ID, and the k-th history
// entry that is not empty made it. Entries beyond the layers have none. kCorrupt when the numbers
// of layers and of diff IDs differ, unless there are no diff IDs at all.
Status JoinLayers(Config& config, std::vector<Layer>& layers);

// "blobs/sha256/<hex>", where an OCI layout keeps a blob.
std::string BlobPath(const Digest& digest);

// The digest in the name "blobs/<algorithm>/<hex>"; empty for another name.
Digest DigestOfBlobPath(std::string_view name);

}  // namespace fathom::image
