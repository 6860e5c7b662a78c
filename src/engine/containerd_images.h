// The names under which containerd keeps images, and what they stand for.
#pragma once

#include <string>
#include <vector>

#include "base/digest.h"
#include "engine/bolt_file.h"

namespace fathom::engine {

struct ContainerdImage {
  std::string space;  // namespace: "default", "k8s.io", "moby"
  std::string name;   // "docker.io/library/alpine:3"
  std::string media_type;
  Digest digest;  // of a manifest or an index
};

// What the metadata holds in all namespaces, or in one. Buckets: v1, namespace, images, NAME,
// target. Names of namespaces without images are in `spaces` too.
struct ContainerdImages {
  std::vector<std::string> spaces;
  std::vector<ContainerdImage> images;
};
Result<ContainerdImages> ListContainerdImages(const BoltFile& metadata, const std::string& space);

}  // namespace fathom::engine
