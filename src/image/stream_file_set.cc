#include "image/stream_file_set.h"

#include <algorithm>
#include <array>

#include "archive/tar_reader.h"

namespace fathom::image {
namespace {

constexpr size_t kPeekBytes = 512;

// Documents that are kept, as multiples of the largest one that is allowed: 64 MiB by default.
constexpr uint64_t kKeptDocuments = 8;

// The first bytes of a content, which were read to judge it, and then the rest.
class PeekedSource final : public ByteSource {
 public:
  PeekedSource(ByteView first, ByteSource& rest) : first_(first), rest_(rest) {}

  Result<size_t> Read(ByteSpan out) override {
    if (first_.empty()) {
      return rest_.Read(out);
    }
    const size_t count = std::min(out.size(), first_.size());
    std::copy_n(first_.begin(), count, out.begin());
    first_ = first_.subspan(count);
    return count;
  }

  Result<uint64_t> Skip(uint64_t count) override {
    const auto step = static_cast<size_t>(std::min<uint64_t>(count, first_.size()));
    first_ = first_.subspan(step);
    TRY_ASSIGN(const uint64_t more, rest_.Skip(count - step));
    return step + more;
  }

 private:
  ByteView first_;
  ByteSource& rest_;
};

std::string_view BaseName(std::string_view name) { return name.substr(name.rfind('/') + 1); }

// The two documents that everything starts from; they are kept whatever else there is.
bool IsEntryDocument(std::string_view name) {
  return name == "manifest.json" || name == "index.json";
}

// Names that no layer has.
bool IsNamedAsDocument(std::string_view name) {
  const std::string_view base = BaseName(name);
  constexpr std::array<std::string_view, 4> kNames = {"VERSION", "json", "repositories",
                                                      "oci-layout"};
  return name.ends_with(".json") || std::ranges::find(kNames, base) != kNames.end();
}

// JSON that is an object or a list. A tar whose first member is called `[` has zero bytes near.
bool BeginsLikeJson(ByteView first) {
  const std::string_view text = AsText(first);
  const size_t start = text.find_first_not_of(" \t\r\n");
  return start != std::string_view::npos && (text[start] == '{' || text[start] == '[') &&
         text.find('\0') == std::string_view::npos;
}

}  // namespace

Status StreamFileSet::ReadThrough(const BlobVisitor& visitor) {
  if (!read_) {
    read_ = true;
    return ReadMembers(members_, visitor);
  }
  if (reopen_ == nullptr) {
    return Fail(Code::kInvalidArgument, "it has gone by and cannot be read again");
  }
  TRY_ASSIGN(archive_, reopen_());
  kept_bytes_ = 0;
  MemberIndex again(limits_);
  return ReadMembers(again, visitor);
}

Status StreamFileSet::ReadMembers(MemberIndex& members, const BlobVisitor& visitor) {
  archive::TarReader reader(*archive_, limits_);
  while (true) {
    const auto entry = reader.Next();
    if (!entry) {
      return members.Blame(entry.error());
    }
    if (*entry == nullptr) {
      return Drain();
    }
    TRY_ASSIGN(auto* const file, members.Add(**entry));
    if (file != nullptr && !file->second.sparse) {
      TRY(ReadMember(*file, reader.content(), visitor));
    }
  }
}

Status StreamFileSet::ReadMember(MemberIndex::Files::value_type& file, ByteSource& content,
                                 const BlobVisitor& visitor) {
  Member& member = file.second;
  std::array<uint8_t, kPeekBytes> buffer;
  TRY_ASSIGN(const size_t got, ReadFull(content, buffer));
  const ByteView first(buffer.data(), got);
  PeekedSource whole(first, content);
  member.compression = archive::Sniff(first);
  member.is_document = IsNamedAsDocument(file.first) || BeginsLikeJson(first);
  return member.is_document ? KeepText(file.first, member, whole) : visitor(file.first, whole);
}

Status StreamFileSet::KeepText(std::string_view name, Member& member, ByteSource& content) {
  const uint64_t largest =
      std::max({limits_.manifest_bytes, limits_.index_bytes, limits_.config_bytes});
  const bool entry_document = IsEntryDocument(name);
  if (member.size > largest ||
      (!entry_document && kept_bytes_ + member.size > kKeptDocuments * largest)) {
    return {};
  }
  kept_bytes_ += entry_document ? 0 : member.size;
  TRY_ASSIGN(member.text, ReadAll(content, member.size));
  member.kept = true;
  return {};
}

// What follows the end of the archive is read too: the checksum of a compressed one stands there,
// and whoever writes into a pipe must be able to finish.
Status StreamFileSet::Drain() {
  TRY_ASSIGN(const uint64_t rest, archive_->Skip(limits_.layer_bytes));
  if (rest == limits_.layer_bytes) {
    return OverLimit(&Limits::layer_bytes, limits_, "what follows the end of the archive");
  }
  return {};
}

Result<FileInfo> StreamFileSet::Find(std::string_view name) const {
  TRY_ASSIGN(const auto* found, members_.Find(name));
  const Member& member = found->second;
  return FileInfo{found->first, member.size, member.compression, member.is_document};
}

Result<std::unique_ptr<ByteSource>> StreamFileSet::Open(std::string_view name) const {
  TRY_ASSIGN(const auto* found, members_.Find(name));
  const Member& member = found->second;
  if (!member.kept) {
    return Fail(Code::kInvalidArgument, "'{}' has gone by in the stream", name);
  }
  return std::make_unique<MemorySource>(AsBytes(member.text));
}

Result<std::string> StreamFileSet::Read(std::string_view name, uint64_t most) const {
  TRY_ASSIGN(const auto* found, members_.Find(name));
  const Member& member = found->second;
  if (!member.is_document) {
    return Fail(Code::kCorrupt, "'{}' is not JSON", name);
  }
  if (member.size > most) {
    return Fail(Code::kLimit, "'{}': more than {} bytes", name, most);
  }
  if (!member.kept) {
    return Fail(Code::kLimit,
                "'{}': the documents before it in the stream take more memory than is allowed; "
                "read the archive from an uncompressed file, or raise the limit with "
                "--max-config-bytes",
                name);
  }
  return member.text;
}

}  // namespace fathom::image
