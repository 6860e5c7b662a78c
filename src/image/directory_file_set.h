// The files below a directory: an OCI layout, or a docker archive that was unpacked.
//
// Symbolic links are followed as long as they stay below the directory.
#pragma once

#include <memory>

#include "image/file_set.h"

namespace fathom::image {

class DirectoryFileSet final : public FileSet {
 public:
  explicit DirectoryFileSet(Fd directory) : directory_(std::move(directory)) {}

  Result<FileInfo> Find(std::string_view name) const override;
  Result<std::unique_ptr<ByteSource>> Open(std::string_view name) const override;
  Result<std::string> Read(std::string_view name, uint64_t most) const override;
  // True for any files, unless a part of an image is among them.
  bool LooksLikeRootfs() const override;

 private:
  struct OpenFile {
    std::string name;  // cleaned
    std::shared_ptr<const Fd> file;
    uint64_t size = 0;
  };
  Result<OpenFile> OpenRegular(std::string_view name) const;

  Fd directory_;
};

// Opens `name`, which is relative and clean, below the directory `root` for reading, whatever the
// system can do: by openat2(RESOLVE_BENEATH), else component by component without following links.
// `flags` go to open(2). The error is an errno; EXDEV and ELOOP when a link leads outside.
std::expected<Fd, int> OpenBeneath(int root, const std::string& name, int flags);
std::expected<Fd, int> OpenBeneathWithoutLinks(int root, std::string_view name, int flags);

}  // namespace fathom::image
