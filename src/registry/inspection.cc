#include "registry/inspection.h"

#include <algorithm>
#include <array>

#include "registry/registry_source.h"

namespace fathom::registry {
namespace {

// Lists what is below an index, depth first, each nested index once.
class IndexLister {
 public:
  IndexLister(Registry& registry, const RemoteName& name, const Limits& limits)
      : registry_(registry), name_(name), limits_(limits) {}

  Status List(const std::string& text, const std::string& media_type, size_t depth) {
    TRY_ASSIGN(image::Index index, image::ParseIndex(text, media_type, limits_));
    for (image::Descriptor& descriptor : index.manifests) {
      if (found_.size() >= limits_.index_manifests || depth > limits_.index_depth) {
        return Fail(Code::kLimit, "its indexes list more manifests than the limits allow");
      }
      const bool nested = image::IsIndexType(descriptor.media_type);
      RemoteName below = name_;
      below.tag.clear();
      below.digest = descriptor.digest;
      const std::string type = descriptor.media_type;
      found_.push_back({std::move(descriptor), depth});
      if (nested) {
        auto document = FetchManifest(registry_, below, limits_);
        if (!document) {
          return FromRegistry(std::move(document).error(), registry_);
        }
        TRY(List(document->text, type, depth + 1));
      }
    }
    return {};
  }

  std::vector<IndexEntry> Take() { return std::move(found_); }

 private:
  Registry& registry_;
  const RemoteName& name_;
  const Limits& limits_;
  std::vector<IndexEntry> found_;
};

// What the media types of signatures and statements are called among people.
std::string KindOf(const image::Descriptor& descriptor) {
  const std::string& type = descriptor.artifact_type;
  const auto contains = [&type](std::string_view word) { return type.contains(word); };
  if (contains("cosign") || contains("notary") || contains("signature")) {
    return "signature";
  }
  if (contains("in-toto") || contains("slsa") || contains("attestation") ||
      contains("sigstore.bundle")) {
    return "attestation";
  }
  if (contains("spdx") || contains("cyclonedx") || contains("sbom")) {
    return "list of contents";
  }
  return type.empty() ? "artifact" : type;
}

// cosign keeps them under tags that are made of the digest.
void FindTagged(Registry& registry, const RemoteName& name, const Digest& digest,
                const Limits& limits, std::vector<Referrer>& found) {
  constexpr std::array<std::pair<const char*, const char*>, 3> kSuffixes = {
      {{".sig", "signature"}, {".att", "attestation"}, {".sbom", "list of contents"}}};
  for (const auto& [suffix, kind] : kSuffixes) {
    RemoteName tagged = name;
    tagged.digest = {};
    tagged.tag = fmt::format("{}-{}{}", AlgorithmName(digest.algorithm()), digest.Hex(), suffix);
    if (tagged.tag.size() > 128) {
      return;
    }
    if (const auto there = FindDigest(registry, tagged, limits)) {
      Referrer referrer{{}, kind, tagged.tag};
      referrer.descriptor.digest = *there;
      found.push_back(std::move(referrer));
    }
  }
}

void FindReferrers(Registry& registry, const Limits& limits, Inspection& inspection) {
  std::vector<Digest> subjects = {inspection.document.digest};
  if (inspection.image && inspection.image->digest != subjects[0]) {
    subjects.push_back(inspection.image->digest);
  }
  for (const Digest& subject : subjects) {
    const auto listed = ListReferrers(registry, inspection.name, subject, limits);
    for (const image::Descriptor& descriptor :
         listed ? *listed : std::vector<image::Descriptor>()) {
      inspection.referrers.push_back({descriptor, KindOf(descriptor), ""});
    }
    FindTagged(registry, inspection.name, subject, limits, inspection.referrers);
  }
}

}  // namespace

Result<Inspection> Inspect(Registries& registries, const RemoteName& name,
                           const image::Platform& platform, const Limits& limits) {
  Registry& registry = registries.Get(name.registry);
  Inspection inspection;
  inspection.name = name;
  auto document = FetchManifest(registry, name, limits);
  if (!document) {
    return FromRegistry(std::move(document).error(), registry);
  }
  inspection.document = *document;
  const bool schema1 = IsSchema1(document->media_type);
  auto is_index = schema1 ? Result<bool>(false) : image::HasManifests(document->text, limits);
  if (!is_index) {
    return Wrap(std::move(is_index).error(), "{}", name.ToString());
  }
  if (*is_index) {
    IndexLister lister(registry, name, limits);
    TRY(lister.List(document->text, "", 0));
    inspection.manifests = lister.Take();
  }
  RegistrySource source(registry, name, *std::move(document), limits);
  if (auto image = source.Open({.tag = "", .platform = platform})) {
    inspection.image = *std::move(image);
  } else {
    inspection.no_image = image.error().message;
  }
  FindReferrers(registry, limits, inspection);
  return inspection;
}

}  // namespace fathom::registry
