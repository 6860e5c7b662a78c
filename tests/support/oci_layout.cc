#include "tests/support/oci_layout.h"

#include <fstream>
#include <stdexcept>

#include "tests/support/json_text.h"
#include "tests/support/tar_writer.h"

namespace fathom::testing {
namespace {

const std::string kOci = "application/vnd.oci.image.";
const std::string kRefName = "org.opencontainers.image.ref.name";

using Annotations = std::vector<std::pair<std::string, std::string>>;

std::string Descriptor(const std::string& media_type, const std::string& blob,
                       const std::string& platform, const Annotations& annotations) {
  JsonMembers members{{"mediaType", JsonString(media_type)},
                      {"digest", JsonString("sha256:" + Sha256Hex(blob))},
                      {"size", std::to_string(blob.size())}};
  if (!platform.empty()) {
    members.emplace_back("platform", platform);
  }
  if (!annotations.empty()) {
    members.emplace_back("annotations", JsonStringMap(annotations));
  }
  return JsonObject(members);
}

std::string PlatformJson(const std::string& os, const std::string& architecture,
                         const std::string& variant = "") {
  JsonMembers members{{"architecture", JsonString(architecture)}, {"os", JsonString(os)}};
  if (!variant.empty()) {
    members.emplace_back("variant", JsonString(variant));
  }
  return JsonObject(members);
}

std::string Index(const std::vector<std::string>& descriptors) {
  return JsonObject({{"schemaVersion", "2"},
                     {"mediaType", JsonString(kOci + "index.v1+json")},
                     {"manifests", JsonArray(descriptors)}});
}

std::string Manifest(const std::string& config, const std::vector<std::string>& layers,
                     const Annotations& annotations) {
  JsonMembers members{{"schemaVersion", "2"},
                      {"mediaType", JsonString(kOci + "manifest.v1+json")},
                      {"config", PlainDescriptor(kOci + "config.v1+json", config)},
                      {"layers", JsonArray(layers)}};
  if (!annotations.empty()) {
    members.emplace_back("annotations", JsonStringMap(annotations));
  }
  return JsonObject(members);
}

// Collects the blobs and the descriptors of one layout.
class LayoutBuilder {
 public:
  LayoutBuilder(LayerCompression compression, const OciOptions& options)
      : compression_(compression), options_(options) {}

  void AddImage(const ImageSpec& spec) {
    PutBlob(ConfigJson(spec));
    for (const std::string& tar : spec.layer_tars) {
      PutBlob(Compress(tar, compression_));
    }
    const std::string manifest = OciManifestJson(spec, compression_);
    const std::string platform =
        options_.platforms ? PlatformJson(spec.os, spec.architecture, spec.variant) : "";
    const bool tagged_here = options_.nested_indexes == 0;
    AddTagged(manifest, kOci + "manifest.v1+json", platform,
              tagged_here ? spec.tags : std::vector<std::string>{});
    PutBlob(manifest);
  }

  // What BuildKit adds beside an image: a statement about it under a platform that is none.
  void AddAttestation(const ImageSpec& spec) {
    const std::string subject = "sha256:" + Sha256Hex(OciManifestJson(spec, compression_));
    const std::string statement =
        JsonObject({{"_type", JsonString("https://in-toto.io/Statement/v0.1")},
                    {"predicateType", JsonString("https://slsa.dev/provenance/v0.2")},
                    {"subject", JsonArray({JsonObject({{"name", JsonString(subject)}})})}});
    const std::string rootfs =
        JsonObject({{"type", JsonString("layers")},
                    {"diff_ids", JsonStrings({"sha256:" + Sha256Hex(statement)})}});
    const std::string config = JsonObject({{"architecture", JsonString("unknown")},
                                           {"os", JsonString("unknown")},
                                           {"config", "{}"},
                                           {"rootfs", rootfs}});
    const std::string manifest =
        Manifest(config, {PlainDescriptor("application/vnd.in-toto+json", statement)}, {});
    descriptors_.push_back(Descriptor(kOci + "manifest.v1+json", manifest,
                                      PlatformJson("unknown", "unknown"),
                                      {{"vnd.docker.reference.digest", subject},
                                       {"vnd.docker.reference.type", "attestation-manifest"}}));
    for (const std::string& blob : {statement, config, manifest}) {
      PutBlob(blob);
    }
  }

  LayoutFiles Finish(const std::vector<std::string>& outer_tags) {
    for (int depth = options_.nested_indexes; depth > 0; --depth) {
      const std::string index = Index(std::exchange(descriptors_, {}));
      PutBlob(index);
      const bool outermost = depth == 1;
      AddTagged(index, kOci + "index.v1+json", "",
                outermost ? outer_tags : std::vector<std::string>{});
    }
    files_["index.json"] = Index(descriptors_);
    files_["oci-layout"] = R"({"imageLayoutVersion":"1.0.0"})";
    return std::move(files_);
  }

 private:
  void PutBlob(const std::string& blob) { files_[BlobPath(Sha256Hex(blob))] = blob; }

  // One descriptor for each tag; one without a name when there is none.
  void AddTagged(const std::string& blob, const std::string& media_type,
                 const std::string& platform, const std::vector<std::string>& tags) {
    for (const std::string& tag : tags) {
      descriptors_.push_back(Descriptor(media_type, blob, platform, {{kRefName, tag}}));
    }
    if (tags.empty()) {
      descriptors_.push_back(Descriptor(media_type, blob, platform, {}));
    }
  }

  LayerCompression compression_;
  OciOptions options_;
  LayoutFiles files_;
  std::vector<std::string> descriptors_;
};

void WriteWhole(const std::filesystem::path& path, const std::string& content) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream out(path, std::ios::binary);
  out.write(content.data(), static_cast<std::streamsize>(content.size()));
  if (!out.flush()) {
    throw std::runtime_error("cannot write " + path.string());
  }
}

}  // namespace

std::string PlainDescriptor(const std::string& media_type, const std::string& blob) {
  return Descriptor(media_type, blob, "", {});
}

std::string LayerMediaType(LayerCompression compression) {
  switch (compression) {
    case LayerCompression::kPlain:
      return kOci + "layer.v1.tar";
    case LayerCompression::kGzip:
    case LayerCompression::kGzipMultiMember:
      return kOci + "layer.v1.tar+gzip";
    case LayerCompression::kZstd:
    case LayerCompression::kZstdSkippable:
      return kOci + "layer.v1.tar+zstd";
  }
  throw std::invalid_argument("no such compression");
}

std::string OciManifestJson(const ImageSpec& spec, LayerCompression compression) {
  std::vector<std::string> layers;
  for (const std::string& tar : spec.layer_tars) {
    layers.push_back(PlainDescriptor(LayerMediaType(compression), Compress(tar, compression)));
  }
  return Manifest(ConfigJson(spec), layers, spec.annotations);
}

LayoutFiles OciLayoutFiles(std::span<const ImageSpec> specs, LayerCompression compression,
                           const OciOptions& options) {
  LayoutBuilder builder(compression, options);
  for (const ImageSpec& spec : specs) {
    builder.AddImage(spec);
  }
  for (const ImageSpec& spec : specs) {
    if (options.attestations) {
      builder.AddAttestation(spec);
    }
  }
  return builder.Finish(specs.empty() ? std::vector<std::string>{} : specs.front().tags);
}

std::string OciArchive(std::span<const ImageSpec> specs, LayerCompression compression,
                       const OciOptions& options) {
  std::vector<TarEntry> entries{DirEntry("blobs/"), DirEntry("blobs/sha256/")};
  for (const auto& [path, content] : OciLayoutFiles(specs, compression, options)) {
    entries.push_back(FileEntry(path, content));
  }
  return WriteTar(entries);
}

std::string OciArchive(const ImageSpec& spec, LayerCompression compression,
                       const OciOptions& options) {
  return OciArchive(std::span(&spec, 1), compression, options);
}

void WriteOciDirectory(std::span<const ImageSpec> specs, LayerCompression compression,
                       const std::filesystem::path& path, const OciOptions& options) {
  for (const auto& [name, content] : OciLayoutFiles(specs, compression, options)) {
    WriteWhole(path / name, content);
  }
}

void WriteOciDirectory(const ImageSpec& spec, LayerCompression compression,
                       const std::filesystem::path& path, const OciOptions& options) {
  WriteOciDirectory(std::span(&spec, 1), compression, path, options);
}

}  // namespace fathom::testing
