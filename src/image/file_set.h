// The port to the named files that make up a saved image: members of an archive, or files below a
// directory. Names are relative, with `/` between components; nothing outside can be named.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "archive/compression.h"
#include "base/io.h"
#include "base/limits.h"

namespace fathom::image {

// What a file set knows of one regular file.
struct FileInfo {
  std::string name;   // cleaned; in an archive, of the member that links lead to
  uint64_t size = 0;  // bytes
  archive::Compression compression = archive::Compression::kNone;  // told by its first bytes
  bool is_document = false;  // a stream took it for JSON and did not hand it out as a blob
};

// Thread-safe once it is set up. Errors name the file, not the set.
class FileSet {
 public:
  virtual ~FileSet() = default;

  // The regular file behind `name`, links followed. Errors: kNotFound; kCorrupt for links that
  // lead outside, in circles or nowhere, and for a name that leads outside.
  virtual Result<FileInfo> Find(std::string_view name) const = 0;

  // The bytes of a file as stored.
  virtual Result<std::unique_ptr<ByteSource>> Open(std::string_view name) const = 0;

  // The whole of a file. kLimit when it has more than `most` bytes.
  virtual Result<std::string> Read(std::string_view name, uint64_t most) const = 0;

  // True when the files look like a root file system rather than like an image.
  virtual bool LooksLikeRootfs() const = 0;
};

// The name without empty and `.` components and with `..` resolved; nothing when it is empty or
// leads outside. A leading `/` is dropped.
std::optional<std::string> CleanName(std::string_view name);

// True unless the file is certainly absent: one that cannot be read counts as being there.
bool HasFile(const FileSet& files, std::string_view name);

// The text of a JSON document, whose size is limited by `limit`. Errors: those of FileSet, kLimit.
Result<std::string> ReadDocument(const FileSet& files, std::string_view name, const Limits& limits,
                                 uint64_t Limits::* limit);

}  // namespace fathom::image
