#include "image/tar_file_set.h"

#include <array>

#include "archive/tar_reader.h"

namespace fathom::image {

Result<std::unique_ptr<TarFileSet>> TarFileSet::Read(std::shared_ptr<const Fd> file, uint64_t size,
                                                     const Limits& limits) {
  FileSource source(file, 0, size);
  std::unique_ptr<TarFileSet> set(new TarFileSet(std::move(file), limits));
  archive::TarReader reader(source, limits);
  while (true) {
    const auto entry = reader.Next();
    if (!entry) {
      return set->members_.Blame(entry.error());
    }
    if (*entry == nullptr) {
      return set;
    }
    TRY(set->members_.Add(**entry));
  }
}

Result<FileInfo> TarFileSet::Find(std::string_view name) const {
  TRY_ASSIGN(const auto* found, members_.Find(name));
  const Member& member = found->second;
  FileSource content(file_, member.offset, member.size);
  std::array<uint8_t, archive::kSniffBytes> first{};
  TRY_ASSIGN(const size_t got, ReadFull(content, first));
  return FileInfo{found->first, member.size, archive::Sniff({first.data(), got}), false};
}

Result<std::unique_ptr<ByteSource>> TarFileSet::Open(std::string_view name) const {
  TRY_ASSIGN(const auto* found, members_.Find(name));
  const Member& member = found->second;
  return std::make_unique<FileSource>(file_, member.offset, member.size);
}

Result<std::string> TarFileSet::Read(std::string_view name, uint64_t most) const {
  TRY_ASSIGN(const auto source, Open(name));
  auto text = ReadAll(*source, most);
  if (!text) {
    return Wrap(text.error(), "'{}'", name);
  }
  return text;
}

}  // namespace fathom::image
