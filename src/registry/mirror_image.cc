#include "registry/mirror_image.h"

#include <algorithm>
#include <set>

#include "image/platform.h"
#include "registry/manifests.h"

namespace fathom::registry {
namespace {

class Resolver {
 public:
  Resolver(Registry& registry, const RemoteName& name,
           const std::vector<image::Platform>& platforms, LayoutStore& store, const Limits& limits)
      : registry_(registry), name_(name), platforms_(platforms), store_(store), limits_(limits) {}

  std::expected<ResolvedImage, Refusal> Run() {
    auto digest = FindDigest(registry_, name_, limits_);
    if (!digest) {
      return std::unexpected(std::move(digest).error());
    }
    auto document = Load(*digest);
    if (!document) {
      return std::unexpected(std::move(document).error());
    }
    image_.root.digest = document->digest;
    image_.root.size = document->text.size();
    image_.root.media_type = document->media_type.empty()
                                 ? image::MediaTypeOf(document->text, limits_)
                                 : document->media_type;
    image_.root.name = name_.ToString();
    if (auto taken = Take(*document, 0); !taken) {
      return std::unexpected(std::move(taken).error());
    }
    if (!platforms_.empty() && image_.blobs.empty() && image_.foreign == 0) {
      return std::unexpected(
          Error{Code::kNotFound, "it is for none of the platforms that are wanted"});
    }
    return std::move(image_);
  }

 private:
  // From the store, where an earlier run has put it.
  std::expected<Document, Refusal> Load(const Digest& digest) {
    if (auto text = store_.Read(digest, limits_.manifest_bytes);
        text && DigestOf(AsBytes(*text), digest.algorithm()) == digest) {
      return Document{*std::move(text), "", digest};
    }
    RemoteName name = name_;
    name.digest = digest;
    auto document = FetchManifest(registry_, name, limits_);
    if (!document) {
      return document;
    }
    if (Status put = store_.Put(digest, document->text); !put) {
      return std::unexpected(std::move(put).error());
    }
    return document;
  }

  std::expected<void, Refusal> Take(Document& document, size_t depth) {
    if (IsSchema1(document.media_type)) {
      return std::unexpected(
          Error{Code::kInvalidArgument, "a manifest of schema 1, which no OCI layout can hold"});
    }
    auto is_index = image::HasManifests(document.text, limits_);
    if (!is_index) {
      return std::unexpected(std::move(is_index).error());
    }
    return *is_index ? TakeIndex(document, depth) : TakeManifest(document);
  }

  // Of an image or of anything else, such as an attestation.
  std::expected<void, Refusal> TakeManifest(const Document& document) {
    auto blobs = image::ParseManifestBlobs(document.text, limits_);
    if (!blobs) {
      return std::unexpected(std::move(blobs).error());
    }
    for (const image::Descriptor& blob : *blobs) {
      Need(blob);
    }
    return {};
  }

  void Need(const image::Descriptor& descriptor) {
    if (descriptor.foreign && !registry_.settings().foreign) {
      ++image_.foreign;
    } else if (needed_.insert(descriptor.digest).second) {
      image_.blobs.push_back({descriptor.digest, descriptor.size, descriptor.urls});
    }
  }

  bool IsWanted(const image::Descriptor& descriptor, const std::set<Digest>& chosen) const {
    if (platforms_.empty()) {
      return true;
    }
    if (descriptor.attestation) {
      return chosen.contains(descriptor.about);
    }
    return descriptor.platform.os.empty() ||
           std::ranges::any_of(platforms_, [&](const image::Platform& wanted) {
             return image::PlatformMatch(wanted, descriptor.platform) > 0;
           });
  }

  std::expected<void, Refusal> TakeIndex(const Document& document, size_t depth) {
    if (depth > limits_.index_depth) {
      return std::unexpected(
          OverLimit(&Limits::index_depth, limits_, "an index within indexes").error());
    }
    auto index = image::ParseIndex(document.text, "", limits_);
    if (!index) {
      return std::unexpected(std::move(index).error());
    }
    std::set<Digest> chosen;
    for (const image::Descriptor& descriptor : index->manifests) {
      if (!descriptor.attestation && IsWanted(descriptor, {})) {
        chosen.insert(descriptor.digest);
      }
    }
    for (const image::Descriptor& descriptor : index->manifests) {
      if (!IsWanted(descriptor, chosen) || !visited_.insert(descriptor.digest).second) {
        continue;
      }
      auto below = Load(descriptor.digest);
      if (!below) {
        return std::unexpected(std::move(below).error());
      }
      if (auto taken = Take(*below, depth + 1); !taken) {
        return taken;
      }
    }
    return {};
  }

  Registry& registry_;
  const RemoteName& name_;
  const std::vector<image::Platform>& platforms_;
  LayoutStore& store_;
  const Limits& limits_;
  ResolvedImage image_;
  std::set<Digest> needed_;
  std::set<Digest> visited_;
};

}  // namespace

std::expected<ResolvedImage, Refusal> ResolveImage(Registry& registry, const RemoteName& name,
                                                   const std::vector<image::Platform>& platforms,
                                                   LayoutStore& store, const Limits& limits) {
  return Resolver(registry, name, platforms, store, limits).Run();
}

}  // namespace fathom::registry
