// What a file is by its first bytes: text, ELF, archive, script or something else. The facet
// "file-kind" has one byte for each entry of the layer, in order: a FileKind.
#pragma once

#include <array>
#include <string_view>

#include "layer/content_observer.h"

namespace fathom::layer {

enum class FileKind : uint8_t { kNone, kOther, kText, kElf, kArchive, kScript };

inline constexpr std::array kFileKinds = {FileKind::kElf, FileKind::kArchive, FileKind::kScript,
                                          FileKind::kText, FileKind::kOther};

std::string_view FileKindName(FileKind kind);

// Judges by the first bytes of a file that is not empty; kFileKindBytes of them are enough.
FileKind ClassifyFile(ByteView first_bytes);

constexpr uint64_t kFileKindBytes = 512;

// kNone stands for entries that have no content.
FacetKind FileKindFacet();

}  // namespace fathom::layer
