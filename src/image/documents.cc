#include "image/documents.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/json.h"

namespace fathom::image {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 2> kIndexTypes = {
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json"};
constexpr std::array<std::string_view, 2> kManifestTypes = {
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json"};
constexpr std::array<std::string_view, 3> kConfigTypes = {
    "application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json",
    ""};

bool IsOneOf(std::string_view text, std::span<const std::string_view> list) {
  return std::ranges::find(list, text) != list.end();
}

Result<json> ParseObject(std::string_view text, const Limits& limits) {
  TRY_ASSIGN(json document, ParseJson(text, limits));
  if (!document.is_object()) {
    return Fail(Code::kCorrupt, "not an object but of type {}", document.type_name());
  }
  return document;
}

Result<Platform> ReadPlatform(const json& object) {
  Platform platform;
  TRY_ASSIGN(platform.os, StringMember(object, "os"));
  TRY_ASSIGN(platform.architecture, StringMember(object, "architecture"));
  TRY_ASSIGN(platform.variant, StringMember(object, "variant"));
  return platform;
}

Status ReadAnnotations(const json& object, Descriptor& descriptor) {
  TRY_ASSIGN(const json* annotations, ObjectMember(object, "annotations"));
  if (annotations == nullptr) {
    return {};
  }
  TRY_ASSIGN(descriptor.name, StringMember(*annotations, "io.containerd.image.name"));
  if (descriptor.name.empty()) {
    TRY_ASSIGN(descriptor.name, StringMember(*annotations, "org.opencontainers.image.ref.name"));
  }
  descriptor.attestation = FindMember(*annotations, "vnd.docker.reference.type") != nullptr;
  TRY_ASSIGN(const std::string about, StringMember(*annotations, "vnd.docker.reference.digest"));
  descriptor.about = Digest::Parse(about).value_or(Digest());
  for (const auto& [name, value] : annotations->items()) {
    if (value.is_string() &&
        (name.starts_with("containerd.io/snapshot/stargz/") || name.contains("zstd-chunked."))) {
      descriptor.annotations[name] = value.get<std::string>();
    }
  }
  return {};
}

Result<Descriptor> ReadDescriptor(const json& object) {
  if (!object.is_object()) {
    return Fail(Code::kCorrupt, "not an object but of type {}", object.type_name());
  }
  Descriptor descriptor;
  TRY_ASSIGN(descriptor.media_type, StringMember(object, "mediaType"));
  TRY_ASSIGN(descriptor.artifact_type, StringMember(object, "artifactType"));
  TRY_ASSIGN(const std::string digest, StringMember(object, "digest"));
  TRY_ASSIGN(descriptor.digest, Digest::Parse(digest));
  TRY_ASSIGN(const std::optional<uint64_t> size, Uint64Member(object, "size"));
  if (!size) {
    return Fail(Code::kCorrupt, "no 'size'");
  }
  descriptor.size = *size;
  TRY(ReadAnnotations(object, descriptor));
  TRY_ASSIGN(const json* urls, ArrayMember(object, "urls"));
  descriptor.foreign = urls != nullptr && !urls->empty();
  for (const json& url : urls != nullptr ? *urls : json::array()) {
    descriptor.urls.push_back(url.is_string() ? url.get<std::string>() : "");
  }
  TRY_ASSIGN(const json* platform, ObjectMember(object, "platform"));
  if (platform != nullptr) {
    TRY_ASSIGN(descriptor.platform, ReadPlatform(*platform));
  }
  if (descriptor.platform.os == "unknown" && descriptor.platform.architecture == "unknown") {
    descriptor.attestation = true;
  }
  return descriptor;
}

std::string TextOrNothing(const json& object, std::string_view name) {
  const json* const member = FindMember(object, name);
  return member != nullptr && member->is_string() ? member->get<std::string>() : "";
}

// Annotations are notes: one that cannot be read is no reason to refuse the image.
DeclaredBase ReadDeclaredBase(const json& document) {
  const json* const annotations = FindMember(document, "annotations");
  if (annotations == nullptr) {
    return {};
  }
  return {
      .name = TextOrNothing(*annotations, "org.opencontainers.image.base.name"),
      .digest = Digest::Parse(TextOrNothing(*annotations, "org.opencontainers.image.base.digest"))
                    .value_or(Digest())};
}

Result<std::vector<Descriptor>> ReadDescriptors(const json& document, std::string_view name) {
  TRY_ASSIGN(const json* list, ArrayMember(document, name));
  if (list == nullptr) {
    return Fail(Code::kCorrupt, "no '{}'", name);
  }
  std::vector<Descriptor> descriptors;
  for (const json& item : *list) {
    auto descriptor = ReadDescriptor(item);
    if (!descriptor) {
      return Wrap(descriptor.error(), "{}[{}]", name, descriptors.size());
    }
    descriptors.push_back(std::move(*descriptor));
  }
  return descriptors;
}

Status CheckCount(const json& document, std::string_view name, const Limits& limits,
                  uint64_t Limits::* limit) {
  const json* const list = FindMember(document, name);
  if (list != nullptr && list->is_array() && list->size() > limits.*limit) {
    return OverLimit(limit, limits, fmt::format("a list of {} {}", list->size(), name));
  }
  return {};
}

// A document that two readers could take for two things is refused (CVE-2021-41190).
Status CheckOneMeaning(const json& document, const std::string& declared) {
  TRY_ASSIGN(const std::string own, StringMember(document, "mediaType"));
  if (!own.empty() && !declared.empty() && own != declared) {
    return Fail(Code::kCorrupt, "its mediaType is '{}', but its descriptor says '{}'", own,
                declared);
  }
  if (document.contains("manifests") &&
      (document.contains("layers") || document.contains("config"))) {
    return Fail(Code::kCorrupt, "both an index and a manifest");
  }
  const json* const version = FindMember(document, "schemaVersion");
  if (version != nullptr && *version == 1) {
    return Fail(Code::kCorrupt, "a manifest of schema 1, which nobody writes any more");
  }
  return {};
}

// The type of what a manifest is of, when that is no container image.
Result<std::string> OtherType(const json& document) {
  TRY_ASSIGN(std::string artifact, StringMember(document, "artifactType"));
  if (!IsOneOf(artifact, kConfigTypes)) {
    return artifact;
  }
  TRY_ASSIGN(const json* config, ObjectMember(document, "config"));
  if (config == nullptr) {
    TRY_ASSIGN(std::string own, StringMember(document, "mediaType"));
    return own.empty() ? "a document without a config" : own;
  }
  TRY_ASSIGN(std::string type, StringMember(*config, "mediaType"));
  return IsOneOf(type, kConfigTypes) ? "" : type;
}

Result<HistoryEntry> ReadHistoryEntry(const json& object) {
  if (!object.is_object()) {
    return Fail(Code::kCorrupt, "not an object but of type {}", object.type_name());
  }
  HistoryEntry entry;
  TRY_ASSIGN(entry.created_by, StringMember(object, "created_by"));
  TRY_ASSIGN(entry.created, StringMember(object, "created"));
  TRY_ASSIGN(entry.author, StringMember(object, "author"));
  TRY_ASSIGN(entry.comment, StringMember(object, "comment"));
  TRY_ASSIGN(entry.empty_layer, BoolMember(object, "empty_layer"));
  return entry;
}

Result<std::vector<HistoryEntry>> ReadHistory(const json& document) {
  TRY_ASSIGN(const json* list, ArrayMember(document, "history"));
  std::vector<HistoryEntry> history;
  if (list == nullptr) {
    return history;
  }
  for (const json& item : *list) {
    auto entry = ReadHistoryEntry(item);
    if (!entry) {
      return Wrap(entry.error(), "history[{}]", history.size());
    }
    history.push_back(std::move(*entry));
  }
  return history;
}

Result<std::vector<Digest>> ReadDiffIds(const json& document) {
  TRY_ASSIGN(const json* rootfs, ObjectMember(document, "rootfs"));
  if (rootfs == nullptr) {
    return Fail(Code::kCorrupt, "no 'rootfs', so it is no config of an image");
  }
  TRY_ASSIGN(const std::vector<std::string> texts, StringsMember(*rootfs, "diff_ids"));
  std::vector<Digest> digests;
  for (const std::string& text : texts) {
    auto digest = Digest::Parse(text);
    if (!digest) {
      return Wrap(digest.error(), "rootfs.diff_ids[{}]", digests.size());
    }
    digests.push_back(*digest);
  }
  return digests;
}

Result<SavedImage> ReadSavedImage(const json& object, const Limits& limits) {
  if (!object.is_object()) {
    return Fail(Code::kCorrupt, "not an object but of type {}", object.type_name());
  }
  TRY(CheckCount(object, "Layers", limits, &Limits::layers));
  SavedImage image;
  TRY_ASSIGN(image.config, StringMember(object, "Config"));
  if (image.config.empty()) {
    return Fail(Code::kCorrupt, "no 'Config'");
  }
  TRY_ASSIGN(image.tags, StringsMember(object, "RepoTags"));
  TRY_ASSIGN(image.layers, StringsMember(object, "Layers"));
  return image;
}

}  // namespace

bool IsIndexType(std::string_view media_type) { return IsOneOf(media_type, kIndexTypes); }

bool IsManifestType(std::string_view media_type) { return IsOneOf(media_type, kManifestTypes); }

Result<bool> HasManifests(std::string_view text, const Limits& limits) {
  TRY_ASSIGN(const json document, ParseObject(text, limits));
  return document.contains("manifests");
}

std::string MediaTypeOf(std::string_view text, const Limits& limits) {
  const auto document = ParseObject(text, limits);
  if (!document) {
    return "";
  }
  const std::string own = TextOrNothing(*document, "mediaType");
  if (!own.empty()) {
    return own;
  }
  return document->contains("manifests") ? "application/vnd.oci.image.index.v1+json"
                                         : "application/vnd.oci.image.manifest.v1+json";
}

Result<std::vector<Descriptor>> ParseManifestBlobs(std::string_view text, const Limits& limits) {
  TRY_ASSIGN(const json document, ParseObject(text, limits));
  TRY(CheckOneMeaning(document, ""));
  std::vector<Descriptor> blobs;
  if (const json* config = FindMember(document, "config")) {
    auto descriptor = ReadDescriptor(*config);
    if (!descriptor) {
      return Wrap(descriptor.error(), "config");
    }
    blobs.push_back(*std::move(descriptor));
  }
  for (const char* member : {"layers", "blobs"}) {
    if (document.contains(member)) {
      TRY(CheckCount(document, member, limits, &Limits::layers));
      TRY_ASSIGN(std::vector<Descriptor> listed, ReadDescriptors(document, member));
      std::ranges::move(listed, std::back_inserter(blobs));
    }
  }
  return blobs;
}

Result<Index> ParseIndex(std::string_view text, const std::string& media_type,
                         const Limits& limits) {
  TRY_ASSIGN(const json document, ParseObject(text, limits));
  TRY(CheckOneMeaning(document, media_type));
  TRY(CheckCount(document, "manifests", limits, &Limits::index_manifests));
  Index index;
  TRY_ASSIGN(index.manifests, ReadDescriptors(document, "manifests"));
  return index;
}

Result<Manifest> ParseManifest(std::string_view text, const std::string& media_type,
                               const Limits& limits) {
  TRY_ASSIGN(const json document, ParseObject(text, limits));
  TRY(CheckOneMeaning(document, media_type));
  Manifest manifest;
  TRY_ASSIGN(manifest.other_type, OtherType(document));
  if (!manifest.other_type.empty()) {
    return manifest;
  }
  auto config = ReadDescriptor(document["config"]);
  if (!config) {
    return Wrap(config.error(), "config");
  }
  manifest.config = std::move(*config);
  TRY(CheckCount(document, "layers", limits, &Limits::layers));
  TRY_ASSIGN(manifest.layers, ReadDescriptors(document, "layers"));
  manifest.base = ReadDeclaredBase(document);
  return manifest;
}

Result<Config> ParseConfig(std::string_view text, const Limits& limits) {
  TRY_ASSIGN(const json document, ParseObject(text, limits));
  Config config;
  TRY_ASSIGN(config.platform, ReadPlatform(document));
  TRY_ASSIGN(config.created, StringMember(document, "created"));
  TRY_ASSIGN(config.author, StringMember(document, "author"));
  TRY_ASSIGN(config.diff_ids, ReadDiffIds(document));
  TRY_ASSIGN(config.history, ReadHistory(document));
  return config;
}

Result<std::vector<SavedImage>> ParseSavedImages(std::string_view text, const Limits& limits) {
  TRY_ASSIGN(const json document, ParseJson(text, limits));
  if (!document.is_array()) {
    const bool is_manifest = document.is_object() && document.contains("schemaVersion");
    return Fail(Code::kCorrupt, "not a list of images but of type {}{}", document.type_name(),
                is_manifest
                    ? ", as in a 'dir:' of skopeo; copy that with skopeo copy dir:... oci:..."
                    : "");
  }
  if (document.size() > limits.index_manifests) {
    return OverLimit(&Limits::index_manifests, limits,
                     fmt::format("a list of {} images", document.size()));
  }
  std::vector<SavedImage> images;
  for (const json& item : document) {
    auto image = ReadSavedImage(item, limits);
    if (!image) {
      return Wrap(image.error(), "image {}", images.size());
    }
    images.push_back(std::move(*image));
  }
  return images;
}

std::string WriteIndex(std::span<const Descriptor> manifests) {
  json list = json::array();
  for (const Descriptor& manifest : manifests) {
    json descriptor = {{"digest", manifest.digest.ToString()}, {"size", manifest.size}};
    if (!manifest.media_type.empty()) {
      descriptor["mediaType"] = manifest.media_type;
    }
    if (!manifest.name.empty()) {
      descriptor["annotations"] = {{"io.containerd.image.name", manifest.name},
                                   {"org.opencontainers.image.ref.name", manifest.name}};
    }
    list.push_back(std::move(descriptor));
  }
  const json index = {{"schemaVersion", 2}, {"manifests", std::move(list)}};
  return index.dump(-1, ' ', false, json::error_handler_t::replace);
}

Status JoinLayers(Config& config, std::vector<Layer>& layers) {
  if (!config.diff_ids.empty() && config.diff_ids.size() != layers.size()) {
    return Fail(Code::kCorrupt, "the config has {} diff IDs, but the manifest {} layers",
                config.diff_ids.size(), layers.size());
  }
  for (size_t i = 0; i < config.diff_ids.size(); ++i) {
    layers[i].diff_id = config.diff_ids[i];
  }
  size_t next = 0;
  for (size_t i = 0; i < config.history.size(); ++i) {
    if (config.history[i].empty_layer || next == layers.size()) {
      continue;
    }
    config.history[i].layer = next;
    layers[next++].history = i;
  }
  return {};
}

std::string BlobPath(const Digest& digest) {
  return fmt::format("blobs/{}/{}", AlgorithmName(digest.algorithm()), digest.Hex());
}

Digest DigestOfBlobPath(std::string_view name) {
  constexpr std::string_view kFolder = "blobs/";
  if (!name.starts_with(kFolder)) {
    return {};
  }
  std::string text(name.substr(kFolder.size()));
  std::ranges::replace(text, '/', ':');
  return Digest::Parse(text).value_or(Digest());
}

}  // namespace fathom::image
