#include "image/docker_archive.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "image/choose.h"
#include "image/documents.h"
#include "image/oci_layout.h"

namespace fathom::image {
namespace {

constexpr std::string_view kManifestName = "manifest.json";

// An image of manifest.json.
struct Listed {
  SavedImage saved;
  Choice choice;
};

Result<std::vector<Listed>> ReadManifest(const FileSet& files, const Limits& limits) {
  TRY_ASSIGN(const std::string text,
             ReadDocument(files, kManifestName, limits, &Limits::manifest_bytes));
  auto images = ParseSavedImages(text, limits);
  if (!images) {
    return Wrap(images.error(), "'{}'", kManifestName);
  }
  if (images->empty()) {
    return Fail(Code::kCorrupt, "'{}' lists no image", kManifestName);
  }
  std::vector<Listed> listed;
  for (SavedImage& saved : *images) {
    Choice choice;
    choice.names = saved.tags;
    choice.id = fmt::format("@{}", listed.size());
    choice.origin = saved.config;
    listed.push_back({std::move(saved), std::move(choice)});
  }
  return listed;
}

// The digest that the name of a config declares; empty for another name.
Digest DeclaredDigest(std::string_view name) {
  if (const Digest digest = DigestOfBlobPath(name); !digest.empty()) {
    return digest;
  }
  if (name.ends_with(".json")) {
    name.remove_suffix(5);
  }
  const std::string text = (name.starts_with("sha256:") ? "" : "sha256:") + std::string(name);
  return Digest::Parse(text).value_or(Digest());
}

Status LoadConfig(const FileSet& files, const std::string& name, const Limits& limits,
                  Image& image) {
  auto text = ReadDocument(files, name, limits, &Limits::config_bytes);
  if (!text && text.error().code == Code::kNotFound) {
    return Fail(Code::kCorrupt, "config '{}' is not there", name);
  }
  if (!text) {
    return Wrap(text.error(), "config");
  }
  const Digest declared = DeclaredDigest(name);
  image.config_digest = DigestOf(AsBytes(*text), declared.algorithm());
  if (!declared.empty() && declared != image.config_digest) {
    return Fail(Code::kCorrupt, "config '{}' has other content, of digest {}", name,
                image.config_digest.ToString());
  }
  auto config = ParseConfig(*text, limits);
  if (!config) {
    return Wrap(config.error(), "config '{}'", name);
  }
  image.config_json = std::move(*text);
  image.config = std::move(*config);
  return {};
}

std::string_view MediaTypeOf(archive::Compression compression) {
  switch (compression) {
    case archive::Compression::kGzip:
      return "application/vnd.docker.image.rootfs.diff.tar.gzip";
    case archive::Compression::kZstd:
      return "application/vnd.oci.image.layer.v1.tar+zstd";
    case archive::Compression::kNone:
      break;
  }
  return "application/vnd.docker.image.rootfs.diff.tar";
}

Result<Layer> ReadLayer(const FileSet& files, const std::string& name) {
  auto info = files.Find(name);
  if (!info && info.error().code == Code::kNotFound) {
    return Fail(Code::kCorrupt, "it is not there");
  }
  if (!info) {
    return std::unexpected(info.error());
  }
  if (info->is_document) {
    return Fail(Code::kCorrupt, "it is JSON, not a tar archive");
  }
  Layer layer;
  layer.digest = DigestOfBlobPath(info->name);
  layer.media_type = MediaTypeOf(info->compression);
  // What a registry would hold of a plain layer is not known here.
  if (info->compression != archive::Compression::kNone) {
    layer.size = info->size;
  }
  layer.name = std::move(info->name);
  return layer;
}

Result<std::vector<Layer>> ReadLayers(const FileSet& files, const SavedImage& saved) {
  std::vector<Layer> layers;
  for (const std::string& name : saved.layers) {
    auto layer = ReadLayer(files, name);
    if (!layer) {
      return Wrap(layer.error(), "layer {} ('{}')", layers.size(), name);
    }
    layers.push_back(std::move(*layer));
  }
  return layers;
}

std::vector<Choice> ChoicesOf(std::span<const Listed> images) {
  std::vector<Choice> choices;
  std::ranges::transform(images, std::back_inserter(choices), &Listed::choice);
  return choices;
}

// Those with this config; all when there is none.
std::vector<Listed> WithConfig(std::vector<Listed> images, const Digest& config) {
  const auto is_other = [&config](const Listed& listed) {
    return DeclaredDigest(listed.saved.config) != config;
  };
  if (!config.empty() && !std::ranges::all_of(images, is_other)) {
    std::erase_if(images, is_other);
  }
  return images;
}

// Those that the tag means, each once.
Result<std::vector<Listed>> ChooseImages(std::vector<Listed> images, const std::string& tag) {
  TRY_ASSIGN(const std::vector<size_t> meant, ChooseByTag(ChoicesOf(images), tag));
  std::vector<Listed> chosen;
  std::set<std::pair<std::string, std::vector<std::string>>> seen;
  for (const size_t i : meant) {
    if (seen.emplace(images[i].saved.config, images[i].saved.layers).second) {
      chosen.push_back(std::move(images[i]));
    }
  }
  return chosen;
}

// Fills in the platforms that the configs name, of which no more is kept.
Status FillPlatforms(const FileSet& files, const Limits& limits, std::vector<Listed>& images) {
  std::map<std::string, Platform> of_config;
  for (Listed& listed : images) {
    const std::string& name = listed.saved.config;
    if (!of_config.contains(name)) {
      Image image;
      TRY(LoadConfig(files, name, limits, image));
      of_config[name] = image.config.platform;
    }
    listed.choice.platform = of_config[name];
  }
  return {};
}

// The one image of those listed. A config that names no platform serves every wish.
Result<Listed> Choose(const FileSet& files, const Selection& selection, const Limits& limits) {
  TRY_ASSIGN(std::vector<Listed> images, ReadManifest(files, limits));
  images = WithConfig(std::move(images), selection.config);
  TRY_ASSIGN(images, ChooseImages(std::move(images), selection.tag));
  if (images.size() == 1 && selection.platform.os.empty()) {
    return std::move(images[0]);
  }
  TRY(FillPlatforms(files, limits, images));
  if (images.size() == 1 && images[0].choice.platform == Platform()) {
    return std::move(images[0]);
  }
  TRY_ASSIGN(const size_t chosen, ChooseByPlatform(ChoicesOf(images), selection.platform));
  return std::move(images[chosen]);
}

}  // namespace

Result<Image> OpenDockerArchive(const FileSet& files, const Selection& selection,
                                const Limits& limits) {
  TRY_ASSIGN(const Listed listed, Choose(files, selection, limits));
  Image image;
  image.reference = NameOf(listed.choice, selection.tag);
  TRY(LoadConfig(files, listed.saved.config, limits, image));
  TRY_ASSIGN(image.layers, ReadLayers(files, listed.saved));
  if (Status status = JoinLayers(image.config, image.layers); !status) {
    return Wrap(status.error(), "config '{}'", listed.saved.config);
  }
  if (HasFile(files, "index.json")) {
    ManifestFacts facts = ManifestOfConfig(files, image.config_digest, limits);
    image.digest = facts.digest;
    image.base = std::move(facts.base);
  }
  return image;
}

}  // namespace fathom::image
