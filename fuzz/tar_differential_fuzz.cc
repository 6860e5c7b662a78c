// TarParser against libarchive: where both accept an archive, they agree on every entry's cleaned
// path, type, size, mode, owner, time, link and content.
//
// Differences that are meant, and how they are kept out:
//   - libarchive passes over global pax headers ('g'); fathom applies them, as POSIX says.
//   - Types that no file system has (volume labels, dump directories, Solaris' lists and what
//     neither knows) are regular files, or nothing, to libarchive; fathom calls them kOther.
//   - Hard links with a size: libarchive guesses from what follows whether there is content; fathom
//     and the container engines say there is none. The same holds for other types with a size.
//   - Names that end in '/': a directory to libarchive whatever the type; to fathom, as to the
//     engines, only where the type says nothing (v7).
//   - Negative uids and gids are 0 to libarchive; so are negative base-256 times in places.
//   - Times before 1970 with a fraction: libarchive cuts towards zero, fathom rounds down.
//   - pax records of vendors (SCHILY.realsize, LIBARCHIVE., SUN., hdrcharset) that fathom passes
//     over.
//   - Sparse forms of GNU whose records are not as GNU tar writes them: libarchive takes the digits
//     that a value begins with, whatever follows, and other version numbers.
//   - An empty long name or link target of GNU's 'L' and 'K' records: libarchive takes it; to
//   fathom,
//     as to Go's archive/tar, which engines unpack with, the header's own stands.
//   - A warning of libarchive (ARCHIVE_WARN) counts as a refusal.
#include <archive.h>
#include <archive_entry.h>

#include <clocale>
#include <optional>
#include <set>

#include "archive/tar_header.h"
#include "base/digest.h"
#include "base/path_table.h"
#include "fuzz/fuzz.h"
#include "fuzz/tar_events.h"

namespace fathom::fuzz {
namespace {

using fathom::archive::EntryType;

constexpr uint64_t kMostContent = 1 << 20;

struct Seen {
  std::string path;
  EntryType type;
  uint64_t size;
  uint32_t mode;
  int64_t uid;
  int64_t gid;
  int64_t mtime;
  std::string link;
  std::string content;

  bool operator==(const Seen&) const = default;
};

std::string Cleaned(std::string_view path) {
  std::vector<std::string_view> components;
  CleanComponents(path, components);
  std::string cleaned;
  for (const std::string_view component : components) {
    cleaned += '/';
    cleaned += component;
  }
  return cleaned;
}

bool IsPlain(std::string_view numbers) {
  return numbers.find_first_not_of("0123456789,") == std::string_view::npos;
}

// Whether every record of GNU's sparse forms is a line of the length it says, with plain numbers.
bool SparseRecordsAreSound(std::string_view text) {
  constexpr std::string_view kPrefix = "GNU.sparse.";
  static const std::set<std::string_view> kNumbers = {"GNU.sparse.size",      "GNU.sparse.realsize",
                                                      "GNU.sparse.numblocks", "GNU.sparse.offset",
                                                      "GNU.sparse.numbytes",  "GNU.sparse.map"};
  for (size_t at = text.find(kPrefix); at != text.npos; at = text.find(kPrefix, at + 1)) {
    const size_t end = text.find('\n', at);
    const size_t equals = text.find('=', at);
    if (end == text.npos || equals > end || at < 2 || text[at - 1] != ' ') {
      return false;
    }
    const size_t before = text.find_last_not_of("0123456789", at - 2);
    const size_t begin = before == text.npos ? 0 : before + 1;
    const auto length = fathom::archive::DecimalNumber(text.substr(begin, at - 1 - begin));
    const std::string_view key = text.substr(at, equals - at);
    const std::string_view value = text.substr(equals + 1, end - equals - 1);
    const bool sound = key == "GNU.sparse.major"   ? value == "1"
                       : key == "GNU.sparse.minor" ? value == "0"
                       : key == "GNU.sparse.name"  ? !value.empty()
                                                   : IsPlain(value) && kNumbers.contains(key);
    if (!sound || !length || static_cast<size_t>(*length) != end + 1 - begin) {
      return false;
    }
  }
  return true;
}

size_t CountOf(std::string_view text, std::string_view part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

// Whether every block that could be a header is one of which both think the same.
bool HeadersAreComparable(ByteView bytes) {
  constexpr size_t kType = offsetof(fathom::archive::TarHeader, type);
  constexpr std::string_view kKnown(
      "\0"
      "01234567SxXLK",
      14);
  for (size_t at = 0; at + 512 <= bytes.size(); at += 512) {
    const ByteView block = bytes.subspan(at, 512);
    if (!fathom::archive::ChecksumFits(block)) {
      continue;
    }
    const auto type = static_cast<char>(block[kType]);
    const bool long_name = type == 'L' || type == 'K';
    const bool empty = at + 512 >= bytes.size() || bytes[at + 512] == 0;
    if (!kKnown.contains(type) || (long_name && empty)) {
      return false;
    }
  }
  for (const char* key : {"SCHILY.realsize", "LIBARCHIVE.", "SUN.", "hdrcharset"}) {
    if (AsText(bytes).contains(key)) {
      return false;
    }
  }
  return SparseRecordsAreSound(AsText(bytes));
}

std::optional<std::vector<Seen>> Ours(ByteView bytes) {
  const Limits limits;
  const testing::TarEvents events =
      testing::ReadTarEvents(bytes, limits, [&] { return bytes.size(); });
  if (events.error) {
    return std::nullopt;
  }
  std::vector<Seen> all;
  size_t pax_sparse = 0;
  for (const testing::SeenEntry& one : events.entries) {
    const uint8_t type =
        bytes[one.entry.header_offset + offsetof(fathom::archive::TarHeader, type)];
    pax_sparse += one.entry.sparse && type != 'S' ? 1 : 0;
    const fathom::archive::TarEntry& entry = one.entry;
    const bool file = entry.type == EntryType::kFile;
    const bool comparable = entry.size <= (file ? kMostContent : 0) && entry.uid >= 0 &&
                            entry.gid >= 0 && entry.mtime >= 0 &&
                            (!file || !entry.path.ends_with('/')) && !entry.path.empty();
    if (!comparable) {
      return std::nullopt;
    }
    const bool link = entry.type == EntryType::kHardLink || entry.type == EntryType::kSymlink;
    all.push_back({Cleaned(entry.path), entry.type, entry.size, entry.mode, entry.uid, entry.gid,
                   entry.mtime, link ? entry.link : "", file ? one.Content() : ""});
  }
  // A size without a map, or two sizes for one file, is not as GNU tar writes it.
  const size_t sizes =
      CountOf(AsText(bytes), "GNU.sparse.size=") + CountOf(AsText(bytes), "GNU.sparse.realsize=");
  const bool counted =
      CountOf(AsText(bytes), "GNU.sparse.size=") == CountOf(AsText(bytes), "GNU.sparse.numblocks=");
  return counted && sizes == pax_sparse ? std::optional(all) : std::nullopt;
}

EntryType TypeOf(archive_entry* entry) {
  if (archive_entry_hardlink(entry) != nullptr) {
    return EntryType::kHardLink;
  }
  switch (archive_entry_filetype(entry)) {
    case AE_IFREG:
      return EntryType::kFile;
    case AE_IFLNK:
      return EntryType::kSymlink;
    case AE_IFCHR:
      return EntryType::kCharDevice;
    case AE_IFBLK:
      return EntryType::kBlockDevice;
    case AE_IFDIR:
      return EntryType::kDirectory;
    case AE_IFIFO:
      return EntryType::kFifo;
    default:
      return EntryType::kOther;
  }
}

std::string Text(const char* text) { return text == nullptr ? "" : text; }

// The content with its holes filled in; nothing when it is cut short or too much.
std::optional<std::string> ContentOf(::archive* reader, uint64_t size) {
  std::string content;
  while (true) {
    const void* data = nullptr;
    size_t count = 0;
    la_int64_t offset = 0;
    const int code = archive_read_data_block(reader, &data, &count, &offset);
    if (code == ARCHIVE_EOF) {
      break;
    }
    if (code != ARCHIVE_OK || static_cast<uint64_t>(offset) + count > kMostContent) {
      return std::nullopt;
    }
    content.resize(static_cast<size_t>(offset), '\0');
    content.append(static_cast<const char*>(data), count);
  }
  content.resize(std::max<size_t>(content.size(), static_cast<size_t>(size)), '\0');
  return content;
}

std::optional<std::vector<Seen>> ReadAllEntries(::archive* reader) {
  std::vector<Seen> all;
  while (true) {
    archive_entry* entry = nullptr;
    const int code = archive_read_next_header(reader, &entry);
    if (code == ARCHIVE_EOF) {
      return all;
    }
    if (code != ARCHIVE_OK) {
      return std::nullopt;
    }
    const EntryType type = TypeOf(entry);
    const auto size = static_cast<uint64_t>(archive_entry_size(entry));
    if (size > kMostContent) {
      return std::nullopt;
    }
    std::optional<std::string> content = "";
    if (type == EntryType::kFile) {
      content = ContentOf(reader, size);
      if (!content) {
        return std::nullopt;
      }
    }
    const std::string link = Text(type == EntryType::kHardLink ? archive_entry_hardlink(entry)
                                                               : archive_entry_symlink(entry));
    all.push_back({Cleaned(Text(archive_entry_pathname(entry))), type, size,
                   archive_entry_perm(entry) & 07777, archive_entry_uid(entry),
                   archive_entry_gid(entry), archive_entry_mtime(entry), link, *content});
  }
}

std::optional<std::vector<Seen>> Theirs(ByteView bytes) {
  ::archive* reader = archive_read_new();
  archive_read_support_format_tar(reader);
  std::optional<std::vector<Seen>> all;
  if (archive_read_open_memory(reader, bytes.data(), bytes.size()) == ARCHIVE_OK) {
    all = ReadAllEntries(reader);
  }
  archive_read_free(reader);
  return all;
}

void Print(const char* who, const std::vector<Seen>& all) {
  for (const Seen& one : all) {
    fmt::print(stderr, "{}: {} type {} size {} mode {:o} owner {}:{} mtime {} -> '{}' content {}\n",
               who, one.path, static_cast<int>(one.type), one.size, one.mode, one.uid, one.gid,
               one.mtime, one.link, DigestOf(AsBytes(one.content)).Hex().substr(0, 12));
  }
}

}  // namespace
}  // namespace fathom::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace fathom;
  static const bool utf8 = std::setlocale(LC_ALL, "C.UTF-8") != nullptr;
  const ByteView bytes(data, size);
  if (!utf8 || !fuzz::HeadersAreComparable(bytes)) {
    return 0;
  }
  const auto ours = fuzz::Ours(bytes);
  if (!ours) {
    return 0;
  }
  const auto theirs = fuzz::Theirs(bytes);
  if (theirs && *ours != *theirs) {
    fuzz::Print("fathom", *ours);
    fuzz::Print("libarchive", *theirs);
    FUZZ_CHECK(*ours == *theirs);
  }
  return 0;
}
