#include "image/oci_layout.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "image/documents.h"
#include "image/oci_index.h"
#include "image/platform.h"

namespace fathom::image {
namespace {

Result<Manifest> LoadManifest(const FileSet& files, const Descriptor& descriptor,
                              const Limits& limits) {
  TRY_ASSIGN(const std::string text, ReadBlob(files, descriptor, limits, &Limits::manifest_bytes));
  auto manifest = ParseManifest(text, descriptor.media_type, limits);
  if (!manifest) {
    return Wrap(manifest.error(), "manifest {}", descriptor.digest.ToString());
  }
  return manifest;
}

Status LoadConfig(const FileSet& files, const Descriptor& descriptor, const Limits& limits,
                  Image& image) {
  TRY_ASSIGN(image.config_json, ReadBlob(files, descriptor, limits, &Limits::config_bytes));
  auto config = ParseConfig(image.config_json, limits);
  if (!config) {
    return Wrap(config.error(), "config {}", descriptor.digest.ToString());
  }
  image.config_digest = descriptor.digest;
  image.config = std::move(*config);
  return {};
}

// A layer whose media type says that it holds no file system that can be read.
Status CheckLayerType(const Descriptor& layer) {
  if (layer.media_type.ends_with("+encrypted")) {
    return Fail(Code::kCorrupt, "it is encrypted ({})", layer.media_type);
  }
  if (layer.media_type.ends_with("json")) {
    return Fail(Code::kCorrupt, "it is no file system but {}", layer.media_type);
  }
  return {};
}

bool IsForeign(const Descriptor& layer) {
  return layer.foreign || layer.media_type.find("foreign") != std::string::npos ||
         layer.media_type.find("nondistributable") != std::string::npos;
}

Status CheckLayerBlob(const FileSet& files, const Descriptor& layer) {
  TRY(CheckLayerType(layer));
  auto info = files.Find(BlobPath(layer.digest));
  if (!info && info.error().code == Code::kNotFound) {
    return Fail(Code::kCorrupt, "its blob is not there{}",
                IsForeign(layer)
                    ? "; it is a foreign layer, which has to be fetched from where its urls say"
                    : "");
  }
  if (!info) {
    return std::unexpected(info.error());
  }
  if (info->size != layer.size) {
    return Fail(Code::kCorrupt, "its blob has {} bytes, but its descriptor says {}", info->size,
                layer.size);
  }
  if (info->is_document) {
    return Fail(Code::kCorrupt, "its blob is JSON, not a tar archive");
  }
  return {};
}

Result<std::vector<Layer>> ReadLayers(const FileSet& files, const Manifest& manifest) {
  std::vector<Layer> layers;
  for (const Descriptor& descriptor : manifest.layers) {
    if (Status status = CheckLayerBlob(files, descriptor); !status) {
      return Wrap(status.error(), "layer {} ({})", layers.size(), descriptor.digest.ToString());
    }
    Layer layer;
    layer.name = BlobPath(descriptor.digest);
    layer.digest = descriptor.digest;
    layer.size = descriptor.size;
    layer.media_type = descriptor.media_type;
    layers.push_back(std::move(layer));
  }
  return layers;
}

Result<Image> LoadImage(const FileSet& files, const Descriptor& descriptor, const Limits& limits) {
  TRY_ASSIGN(const Manifest manifest, LoadManifest(files, descriptor, limits));
  if (!manifest.other_type.empty()) {
    return Fail(Code::kCorrupt, "manifest {}: not a container image: {}",
                descriptor.digest.ToString(), manifest.other_type);
  }
  Image image;
  image.digest = descriptor.digest;
  image.base = manifest.base;
  TRY(LoadConfig(files, manifest.config, limits, image));
  TRY_ASSIGN(image.layers, ReadLayers(files, manifest));
  if (Status status = JoinLayers(image.config, image.layers); !status) {
    return Wrap(status.error(), "manifest {}", descriptor.digest.ToString());
  }
  return image;
}

// Chooses between manifests; documents are read only as far as the choice needs them.
class Chooser {
 public:
  Chooser(const FileSet& files, const Limits& limits) : files_(files), limits_(limits) {}

  Result<ListedManifest> Choose(std::vector<ListedManifest> manifests, const Selection& selection);

 private:
  Status FillPlatforms(std::vector<ListedManifest>& manifests);
  Result<std::optional<Platform>> PlatformOf(const Descriptor& descriptor);

  const FileSet& files_;
  const Limits& limits_;
  std::map<Digest, Platform> of_config_;
};

std::vector<Choice> ChoicesOf(std::span<const ListedManifest> manifests) {
  std::vector<Choice> choices;
  for (const ListedManifest& listed : manifests) {
    choices.push_back(listed.choice);
  }
  return choices;
}

Result<ListedManifest> Chooser::Choose(std::vector<ListedManifest> manifests,
                                       const Selection& selection) {
  if (manifests.empty()) {
    return Fail(Code::kCorrupt, "'index.json' lists no image");
  }
  TRY_ASSIGN(const std::vector<size_t> meant, ChooseByTag(ChoicesOf(manifests), selection.tag));
  std::vector<ListedManifest> rest;
  rest.reserve(meant.size());
  for (const size_t i : meant) {
    rest.push_back(std::move(manifests[i]));
  }
  // Of an image for many platforms, often only some are kept.
  const auto absent = [this](const ListedManifest& listed) {
    return !HasFile(files_, BlobPath(listed.descriptor.digest));
  };
  const bool any_platform = selection.platform.os.empty();
  if (any_platform && !std::ranges::all_of(rest, absent)) {
    std::erase_if(rest, absent);
  }
  if (any_platform && rest.size() == 1) {
    return std::move(rest[0]);
  }
  TRY(FillPlatforms(rest));
  TRY_ASSIGN(const size_t chosen, ChooseByPlatform(ChoicesOf(rest), selection.platform));
  return std::move(rest[chosen]);
}

// Asks the configs of manifests whose descriptor names no platform, and leaves out what turns out
// to be no image, unless nothing else is there.
Status Chooser::FillPlatforms(std::vector<ListedManifest>& manifests) {
  std::set<Digest> others;
  for (ListedManifest& listed : manifests) {
    if (listed.choice.platform != Platform()) {
      continue;
    }
    TRY_ASSIGN(std::optional<Platform> platform, PlatformOf(listed.descriptor));
    if (platform) {
      listed.choice.platform = std::move(*platform);
    } else {
      others.insert(listed.descriptor.digest);
    }
  }
  if (others.size() < manifests.size()) {
    std::erase_if(manifests, [&others](const ListedManifest& listed) {
      return others.contains(listed.descriptor.digest);
    });
  }
  return {};
}

// Nothing for a manifest that is of no image.
Result<std::optional<Platform>> Chooser::PlatformOf(const Descriptor& descriptor) {
  TRY_ASSIGN(const Manifest manifest, LoadManifest(files_, descriptor, limits_));
  if (!manifest.other_type.empty()) {
    return std::nullopt;
  }
  const Digest& config = manifest.config.digest;
  if (!of_config_.contains(config)) {
    Image image;
    TRY(LoadConfig(files_, manifest.config, limits_, image));
    of_config_[config] = image.config.platform;
  }
  return of_config_[config];
}

}  // namespace

Result<Image> OpenOciLayout(const FileSet& files, const Selection& selection,
                            const Limits& limits) {
  TRY_ASSIGN(std::vector<ListedManifest> manifests, ListManifests(files, selection.tag, limits));
  TRY_ASSIGN(const ListedManifest chosen,
             Chooser(files, limits).Choose(std::move(manifests), selection));
  TRY_ASSIGN(Image image, LoadImage(files, chosen.descriptor, limits));
  image.reference = NameOf(chosen.choice, selection.tag);
  return image;
}

ManifestFacts ManifestOfConfig(const FileSet& files, const Digest& config, const Limits& limits) {
  const auto manifests = ListManifests(files, "", limits);
  ManifestFacts found;
  if (!manifests) {
    return found;
  }
  for (const ListedManifest& listed : *manifests) {
    const auto manifest = LoadManifest(files, listed.descriptor, limits);
    if (!manifest || manifest->config.digest != config) {
      continue;
    }
    if (!found.digest.empty()) {
      return {};
    }
    found = {listed.descriptor.digest, manifest->base};
  }
  return found;
}

}  // namespace fathom::image
