// What a registry says: of one image, and of the tags of a repository.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "registry/inspection.h"

namespace fathom::report {

std::string ManifestTable(const registry::Inspection& inspection);
std::string ManifestJson(const registry::Inspection& inspection);  // fathom/manifest/v1

struct TagLine {
  std::string tag;
  std::optional<Digest> digest;  // where it was asked for
  std::string failure;           // why there is none
};
std::string TagsTable(std::span<const TagLine> tags);
std::string TagsJson(const std::string& repository,
                     std::span<const TagLine> tags);  // fathom/tags/v1

}  // namespace fathom::report
