// The files of an OCI layout in memory, shared by the OCI and the Docker 25 writers.
#pragma once

#include <map>
#include <span>
#include <string>

#include "tests/support/image_writer.h"

namespace fathom::testing {

// Path to content. Blobs sort before index.json and oci-layout.
using LayoutFiles = std::map<std::string, std::string>;

inline std::string BlobPath(const std::string& hex) { return "blobs/sha256/" + hex; }

LayoutFiles OciLayoutFiles(std::span<const ImageSpec> specs, LayerCompression compression,
                           const OciOptions& options);

// {"mediaType":...,"digest":...,"size":...} and no more.
std::string PlainDescriptor(const std::string& media_type, const std::string& blob);

}  // namespace fathom::testing
