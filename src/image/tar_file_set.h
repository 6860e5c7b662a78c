// The members of a tar archive that is a plain file, found by seeking over their contents.
#pragma once

#include <memory>

#include "image/file_set.h"
#include "image/member_index.h"

namespace fathom::image {

class TarFileSet final : public FileSet {
 public:
  // Reads the headers of the archive, which has `size` bytes. `limits` must outlive the set.
  // Errors: kCorrupt, kIo, kLimit.
  static Result<std::unique_ptr<TarFileSet>> Read(std::shared_ptr<const Fd> file, uint64_t size,
                                                  const Limits& limits);

  Result<FileInfo> Find(std::string_view name) const override;
  Result<std::unique_ptr<ByteSource>> Open(std::string_view name) const override;
  Result<std::string> Read(std::string_view name, uint64_t most) const override;
  bool LooksLikeRootfs() const override { return members_.looks_like_rootfs(); }

 private:
  TarFileSet(std::shared_ptr<const Fd> file, const Limits& limits)
      : file_(std::move(file)), members_(limits) {}

  std::shared_ptr<const Fd> file_;
  MemberIndex members_;
};

}  // namespace fathom::image
