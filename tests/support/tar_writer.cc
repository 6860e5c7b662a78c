#include "tests/support/tar_writer.h"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <stdexcept>

#include "tests/support/tar_block.h"

namespace fathom::testing {
namespace {

struct SplitName {
  std::string prefix;
  std::string name;
};

// The ustar split at a '/', or nothing when there is none that makes both halves fit.
std::optional<SplitName> Split(const std::string& path) {
  if (path.size() <= kName.width) {
    return SplitName{"", path};
  }
  for (size_t slash = path.find('/', 1); slash != std::string::npos && slash <= kPrefix.width;
       slash = path.find('/', slash + 1)) {
    const size_t rest = path.size() - slash - 1;
    if (rest > 0 && rest <= kName.width) {
      return SplitName{path.substr(0, slash), path.substr(slash + 1)};
    }
  }
  return std::nullopt;
}

bool IsAscii(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c & 0x80) == 0; });
}

[[noreturn]] void Refuse(const TarEntry& entry, const std::string& what) {
  throw std::invalid_argument("this tar dialect has no room for " + what + ": " + entry.name);
}

// "-1.5" for {-2, 500000000}.
std::string DecimalTime(int64_t seconds, uint32_t nanos) {
  const bool borrow = seconds < 0 && nanos > 0;
  const int64_t whole = borrow ? seconds + 1 : seconds;
  const uint32_t fraction = borrow ? 1000000000U - nanos : nanos;
  std::string text = (borrow && whole == 0 ? "-" : "") + std::to_string(whole);
  if (fraction != 0) {
    char digits[16];
    std::snprintf(digits, sizeof digits, ".%09u", fraction);
    text += digits;
    text.erase(text.find_last_not_of('0') + 1);
  }
  return text;
}

// What every dialect writes at the same place in the same way.
HeaderBlock CommonHeader(const TarEntry& entry) {
  HeaderBlock header;
  header.SetOctal(kMode, entry.mode);
  header.SetByte(kType.offset, entry.type);
  return header;
}

void SetDevice(HeaderBlock& header, const TarEntry& entry) {
  header.SetNumber(kDevMajor, entry.dev_major);
  header.SetNumber(kDevMinor, entry.dev_minor);
}

// Numbers in octal; what is too large or negative is refused.
void SetPlainNumbers(HeaderBlock& header, const TarEntry& entry) {
  const auto set = [&](Field field, int64_t value, const char* what) {
    if (!FitsOctal(field, value)) {
      Refuse(entry, what);
    }
    header.SetOctal(field, static_cast<uint64_t>(value));
  };
  set(kUid, entry.uid, "uid");
  set(kGid, entry.gid, "gid");
  set(kSize, static_cast<int64_t>(entry.content.size()), "size");
  set(kMtime, entry.mtime, "mtime");
}

void RefusePaxOnly(const TarEntry& entry) {
  if (!entry.xattrs.empty()) {
    Refuse(entry, "extended attributes");
  }
  if (entry.mtime_nanos != 0) {
    Refuse(entry, "fractions of a second");
  }
}

std::string UstarEntry(const TarEntry& entry) {
  RefusePaxOnly(entry);
  const std::optional<SplitName> split = Split(entry.name);
  if (!split || entry.link.size() > kLink.width) {
    Refuse(entry, "a name this long");
  }
  HeaderBlock header = CommonHeader(entry);
  header.SetText(kName, split->name);
  header.SetText(kPrefix, split->prefix);
  header.SetText(kLink, entry.link);
  header.SetText(kMagic, kUstarMagic);
  SetPlainNumbers(header, entry);
  SetDevice(header, entry);
  return header.Seal() + Padded(entry.content);
}

std::string V7Entry(const TarEntry& entry) {
  RefusePaxOnly(entry);
  const bool directory = entry.type == '5';
  const std::string slash = directory && !entry.name.ends_with('/') ? "/" : "";
  const std::string name = entry.name + slash;
  if (name.size() > kName.width || entry.link.size() > kLink.width) {
    Refuse(entry, "a name this long");
  }
  HeaderBlock header = CommonHeader(entry);
  if (directory || entry.type == '0') {
    header.SetByte(kType.offset, '\0');
  } else if (entry.type != '1' && entry.type != '2' && entry.type != '\0') {
    Refuse(entry, std::string("type ") + entry.type);
  }
  header.SetText(kName, name);
  header.SetText(kLink, entry.link);
  SetPlainNumbers(header, entry);
  return header.Seal() + Padded(entry.content);
}

// The pax records that an entry needs; the entry is left with what fits in a ustar header.
std::string TakePaxRecords(TarEntry& entry) {
  std::string records;
  if (!Split(entry.name) || !IsAscii(entry.name)) {
    records += PaxRecord("path", entry.name);
    entry.name.resize(std::min(entry.name.size(), kName.width - 1));
  }
  if (entry.link.size() > kLink.width || !IsAscii(entry.link)) {
    records += PaxRecord("linkpath", entry.link);
    entry.link.resize(std::min(entry.link.size(), kLink.width - 1));
  }
  const auto number = [&](Field field, const char* keyword, int64_t& value) {
    if (!FitsOctal(field, value)) {
      records += PaxRecord(keyword, std::to_string(value));
      value = 0;
    }
  };
  number(kUid, "uid", entry.uid);
  number(kGid, "gid", entry.gid);
  if (!FitsOctal(kMtime, entry.mtime) || entry.mtime_nanos != 0) {
    records += PaxRecord("mtime", DecimalTime(entry.mtime, entry.mtime_nanos));
    entry.mtime = FitsOctal(kMtime, entry.mtime) ? entry.mtime : 0;
    entry.mtime_nanos = 0;
  }
  for (const auto& [name, value] : entry.xattrs) {
    records += PaxRecord("SCHILY.xattr." + name, value);
  }
  entry.xattrs.clear();
  return records;
}

std::string PaxEntry(TarEntry entry) {
  const std::string full_name = entry.name;
  std::string records = TakePaxRecords(entry);
  const auto size = static_cast<int64_t>(entry.content.size());
  if (!FitsOctal(kSize, size)) {
    records += PaxRecord("size", std::to_string(size));
    const std::string content = std::exchange(entry.content, "");
    return PaxHeader('x', full_name, records) + UstarEntry(entry) + Padded(content);
  }
  return (records.empty() ? "" : PaxHeader('x', full_name, records)) + UstarEntry(entry);
}

// An 'L' or 'K' record: the next entry's name or link target in full.
std::string GnuLong(char type, const std::string& text) {
  HeaderBlock header;
  header.SetText(kName, "././@LongLink");
  header.SetOctal(kMode, 0644);
  header.SetOctal(kUid, 0);
  header.SetOctal(kGid, 0);
  header.SetOctal(kSize, text.size() + 1);
  header.SetOctal(kMtime, 0);
  header.SetByte(kType.offset, type);
  header.SetText(kMagic, kGnuMagic);
  return header.Seal() + Padded(text + '\0');
}

std::string GnuEntry(const TarEntry& entry) {
  RefusePaxOnly(entry);
  std::string out;
  if (entry.link.size() > kLink.width) {
    out += GnuLong('K', entry.link);
  }
  if (entry.name.size() > kName.width) {
    out += GnuLong('L', entry.name);
  }
  HeaderBlock header = CommonHeader(entry);
  header.SetText(kName, entry.name.substr(0, kName.width));
  header.SetText(kLink, entry.link.substr(0, kLink.width));
  header.SetText(kMagic, kGnuMagic);
  header.SetNumber(kUid, entry.uid);
  header.SetNumber(kGid, entry.gid);
  header.SetNumber(kSize, static_cast<int64_t>(entry.content.size()));
  header.SetNumber(kMtime, entry.mtime);
  SetDevice(header, entry);
  return out + header.Seal() + Padded(entry.content);
}

std::string WriteEntry(const TarEntry& entry, TarFormat format) {
  switch (format) {
    case TarFormat::kUstar:
      return UstarEntry(entry);
    case TarFormat::kV7:
      return V7Entry(entry);
    case TarFormat::kPax:
      return PaxEntry(entry);
    case TarFormat::kGnu:
      return GnuEntry(entry);
  }
  throw std::invalid_argument("no such tar dialect");
}

}  // namespace

std::string WriteTar(std::span<const TarEntry> entries, const TarOptions& options) {
  std::string out;
  if (!options.global_pax.empty()) {
    std::string records;
    for (const auto& [keyword, value] : options.global_pax) {
      records += PaxRecord(keyword, value);
    }
    out += PaxHeader('g', "global", records);
  }
  for (const TarEntry& entry : entries) {
    out += WriteEntry(entry, options.format);
  }
  return out + EndOfArchive(options.end_blocks);
}

std::string WriteTar(std::initializer_list<TarEntry> entries, const TarOptions& options) {
  return WriteTar(std::span(entries.begin(), entries.size()), options);
}

std::string EndOfArchive(int blocks) {
  return std::string(static_cast<size_t>(blocks) * kBlockSize, '\0');
}

TarEntry FileEntry(std::string name, std::string content, uint32_t mode) {
  return {.name = std::move(name), .content = std::move(content), .mode = mode};
}

TarEntry DirEntry(std::string name, uint32_t mode) {
  return {.name = std::move(name), .type = '5', .mode = mode};
}

TarEntry SymlinkEntry(std::string name, std::string target) {
  return {.name = std::move(name), .type = '2', .link = std::move(target), .mode = 0777};
}

TarEntry HardLinkEntry(std::string name, std::string target) {
  return {.name = std::move(name), .type = '1', .link = std::move(target)};
}

TarEntry DeviceEntry(std::string name, char type, uint32_t dev_major, uint32_t dev_minor) {
  return {.name = std::move(name), .type = type, .dev_major = dev_major, .dev_minor = dev_minor};
}

TarEntry WhiteoutEntry(const std::string& path) {
  const size_t base = path.find_last_of('/') + 1;
  return FileEntry(path.substr(0, base) + ".wh." + path.substr(base));
}

TarEntry OpaqueEntry(const std::string& directory) {
  return FileEntry((directory.empty() ? "" : directory + "/") + ".wh..wh..opq");
}

}  // namespace fathom::testing
