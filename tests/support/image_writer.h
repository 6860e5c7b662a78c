// Writes container images as the tools of the field do: docker save of two generations, podman,
// kaniko, and OCI layouts as a tar or a directory. The same input gives the same bytes.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/blob.h"

namespace fathom::testing {

struct History {
  std::string created_by = {};
  bool empty_layer = false;
  std::string comment = {};
  std::string author = {};
  std::string created = {};
};

// One image of one platform. Empty members are left out of the config and the manifest.
struct ImageSpec {
  std::vector<std::string> layer_tars = {};  // uncompressed, base first
  std::vector<History> history = {};
  std::string architecture = "amd64";
  std::string os = "linux";
  std::string variant = {};
  std::vector<std::string> tags = {};  // "name:tag"
  std::string created = {};
  std::vector<std::pair<std::string, std::string>> labels = {};
  std::vector<std::pair<std::string, std::string>> annotations = {};  // of the OCI manifest
};

// The config blob that every archive of this image holds.
std::string ConfigJson(const ImageSpec& spec);

// "sha256:..." of each layer's tar.
std::vector<std::string> DiffIds(const ImageSpec& spec);

enum class DockerDialect {
  kLegacy,    // <id>/layer.tar, sorted; a layer met before is a symlink ../<other>/layer.tar
  kDocker25,  // an OCI layout too (blobs/sha256/...); manifest.json is the last entry
  kPodman,    // <diff id>.tar, and <id>/layer.tar as a symlink to it
  kKaniko,    // config named sha256:<hex>, layers <hex>.tar.gz, manifest.json last
};

// What `docker load` takes: a tar with one manifest.json for all images.
std::string DockerArchive(const ImageSpec& spec, DockerDialect dialect);
std::string DockerArchive(std::span<const ImageSpec> specs, DockerDialect dialect);

struct OciOptions {
  int nested_indexes = 0;     // indexes between index.json and the manifests
  bool attestations = false;  // after the images: one attestation manifest for each
  bool platforms = true;      // whether descriptors of manifests name their platform
};

// An OCI layout. Several images stand beside each other in one index, each under its own tags;
// with a nested index, the outermost descriptor carries the tags of the first.
std::string OciArchive(const ImageSpec& spec, LayerCompression compression,
                       const OciOptions& options = {});
std::string OciArchive(std::span<const ImageSpec> specs, LayerCompression compression,
                       const OciOptions& options = {});
void WriteOciDirectory(const ImageSpec& spec, LayerCompression compression,
                       const std::filesystem::path& path, const OciOptions& options = {});
void WriteOciDirectory(std::span<const ImageSpec> specs, LayerCompression compression,
                       const std::filesystem::path& path, const OciOptions& options = {});

// The OCI media type of a layer stored so.
std::string LayerMediaType(LayerCompression compression);

// The manifest blob of an image in an OCI layout; its SHA-256 is the image's digest.
std::string OciManifestJson(const ImageSpec& spec, LayerCompression compression);

}  // namespace fathom::testing
