// Index, manifest and manifest.json: never a crash, and whatever is accepted is within the limits.
#include "fuzz/fuzz.h"
#include "image/documents.h"

namespace fathom::fuzz {
namespace {

const char* const kMediaTypes[] = {"", "application/vnd.oci.image.manifest.v1+json",
                                   "application/vnd.oci.image.index.v1+json",
                                   "application/vnd.docker.distribution.manifest.v2+json"};

void Read(std::string_view text, const Limits& limits) {
  static_cast<void>(image::HasManifests(text, limits));
  for (const char* media_type : kMediaTypes) {
    if (const auto index = image::ParseIndex(text, media_type, limits)) {
      FUZZ_CHECK(index->manifests.size() <= limits.index_manifests);
      for (const image::Descriptor& one : index->manifests) {
        FUZZ_CHECK(image::DigestOfBlobPath(image::BlobPath(one.digest)) == one.digest);
      }
    }
    if (const auto manifest = image::ParseManifest(text, media_type, limits)) {
      FUZZ_CHECK(manifest->layers.size() <= limits.layers);
      for (const image::Descriptor& one : manifest->layers) {
        FUZZ_CHECK(!one.digest.empty());
      }
    }
  }
  if (const auto saved = image::ParseSavedImages(text, limits)) {
    for (const image::SavedImage& one : *saved) {
      FUZZ_CHECK(one.layers.size() <= limits.layers);
    }
  }
}

}  // namespace
}  // namespace fathom::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace fathom;
  Limits small;
  small.index_manifests = 3;
  small.layers = 3;
  small.json_depth = 6;
  for (const Limits& limits : {Limits(), small}) {
    fuzz::Read(AsText({data, size}), limits);
  }
  return 0;
}
