// For tests: what a tar archive says of one member.
#pragma once

#include <string>
#include <utility>

#include "archive/tar_entry.h"

namespace fathom::layer {

inline archive::TarEntry Named(std::string path,
                               archive::EntryType type = archive::EntryType::kFile,
                               std::string link = "") {
  archive::TarEntry entry;
  entry.path = std::move(path);
  entry.type = type;
  entry.link = std::move(link);
  entry.mode = 0644;
  return entry;
}

}  // namespace fathom::layer
