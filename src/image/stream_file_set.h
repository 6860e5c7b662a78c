// The members of an archive that comes past only once: a pipe, or a compressed archive.
#pragma once

#include <functional>
#include <memory>

#include "image/file_set.h"
#include "image/image_source.h"
#include "image/member_index.h"

namespace fathom::image {

// Of each member, one pass keeps name, size and first bytes, and the text of those that are JSON;
// every other one goes to the visitor. What is too large to be a document or too much to keep is
// remembered as such and is an error only when somebody asks for it.
class StreamFileSet final : public FileSet {
 public:
  // `archive` gives the bytes of a tar; `reopen` the same anew, where that is possible. `limits`
  // must outlive the set.
  StreamFileSet(std::unique_ptr<ByteSource> archive, const Limits& limits,
                Reopener reopen = nullptr)
      : archive_(std::move(archive)),
        reopen_(std::move(reopen)),
        limits_(limits),
        members_(limits) {}

  // Reads the stream to its end. Once more only where it can be had anew; what is known of its
  // members stays as the first time told. Errors: the visitor's, kCorrupt, kIo, kLimit;
  // kInvalidArgument when it has gone by.
  Status ReadThrough(const BlobVisitor& visitor);

  // True when there was no member at all.
  bool empty() const { return members_.empty(); }

  Result<FileInfo> Find(std::string_view name) const override;
  // The text of a document; other members have gone by.
  Result<std::unique_ptr<ByteSource>> Open(std::string_view name) const override;
  Result<std::string> Read(std::string_view name, uint64_t most) const override;
  bool LooksLikeRootfs() const override { return members_.looks_like_rootfs(); }

 private:
  Status ReadMembers(MemberIndex& members, const BlobVisitor& visitor);
  Status ReadMember(MemberIndex::Files::value_type& file, ByteSource& content,
                    const BlobVisitor& visitor);
  Status KeepText(std::string_view name, Member& member, ByteSource& content);
  Status Drain();

  std::unique_ptr<ByteSource> archive_;
  Reopener reopen_;
  bool read_ = false;
  const Limits& limits_;
  MemberIndex members_;
  uint64_t kept_bytes_ = 0;
};

}  // namespace fathom::image
