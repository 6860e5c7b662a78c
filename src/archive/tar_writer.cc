#include "archive/tar_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <numeric>

#include "archive/tar_header.h"

namespace fathom::archive {
namespace {

constexpr size_t kBlock = sizeof(TarHeader);
constexpr char kZeros[2 * kBlock] = {};

char TypeFlag(EntryType type) {
  switch (type) {
    case EntryType::kFile:
      return '0';
    case EntryType::kHardLink:
      return '1';
    case EntryType::kSymlink:
      return '2';
    case EntryType::kCharDevice:
      return '3';
    case EntryType::kBlockDevice:
      return '4';
    case EntryType::kDirectory:
      return '5';
    case EntryType::kFifo:
      return '6';
    case EntryType::kOther:
      break;
  }
  return '0';
}

// "LENGTH KEY=VALUE\n", where LENGTH counts itself.
void AddRecord(std::string& records, std::string_view key, std::string_view value) {
  const size_t rest = key.size() + value.size() + 3;
  size_t length = rest;
  while (length != rest + fmt::formatted_size("{}", length)) {
    length = rest + fmt::formatted_size("{}", length);
  }
  records += fmt::format("{} {}={}\n", length, key, value);
}

void SetText(char* field, size_t width, std::string_view text) {
  std::memcpy(field, text.data(), std::min(width, text.size()));
}

bool FitsOctal(size_t width, uint64_t value) { return value >> (3 * (width - 1)) == 0; }

// Octal digits and a NUL; a number that does not fit as base-256, as GNU tar writes it.
void SetNumber(char* field, size_t width, uint64_t value) {
  if (FitsOctal(width, value)) {
    fmt::format_to_n(field, width - 1, "{:0{}o}", value, width - 1);
    return;
  }
  field[0] = static_cast<char>(0x80);
  for (size_t i = width; --i > 0; value >>= 8) {
    field[i] = static_cast<char>(value & 0xff);
  }
}

std::string Block(TarHeader& header) {
  std::memset(header.checksum, ' ', sizeof(header.checksum));
  const auto* const bytes = reinterpret_cast<const uint8_t*>(&header);
  const unsigned sum = std::accumulate(bytes, bytes + kBlock, 0u);
  fmt::format_to_n(header.checksum, 6, "{:06o}", sum);
  header.checksum[6] = '\0';
  return {reinterpret_cast<const char*>(&header), kBlock};
}

TarHeader Ustar(char type) {
  TarHeader header{};
  std::memcpy(header.magic, "ustar", 6);
  std::memcpy(header.version, "00", 2);
  header.type = type;
  return header;
}

// Puts a number into its field, or a zero there and the number into a pax record.
void PutNumber(char* field, size_t width, std::string_view key, int64_t value,
               std::string& records) {
  const bool fits = value >= 0 && FitsOctal(width, static_cast<uint64_t>(value));
  if (!fits) {
    AddRecord(records, key, fmt::to_string(value));
  }
  SetNumber(field, width, fits ? static_cast<uint64_t>(value) : 0);
}

void PutText(char* field, size_t width, std::string_view key, std::string_view value,
             std::string& records) {
  if (value.size() > width) {
    AddRecord(records, key, value);
  }
  SetText(field, width, value);
}

}  // namespace

std::string TarHeaderBlocks(const TarEntry& entry) {
  TarHeader header = Ustar(TypeFlag(entry.type));
  std::string records;
  PutText(header.name, sizeof(header.name), "path", entry.path, records);
  PutText(header.link, sizeof(header.link), "linkpath", entry.link, records);
  SetNumber(header.mode, sizeof(header.mode), entry.mode & 07777u);
  PutNumber(header.uid, sizeof(header.uid), "uid", entry.uid, records);
  PutNumber(header.gid, sizeof(header.gid), "gid", entry.gid, records);
  const uint64_t size = entry.type == EntryType::kFile ? entry.size : 0;
  PutNumber(header.size, sizeof(header.size), "size", static_cast<int64_t>(size), records);
  PutNumber(header.mtime, sizeof(header.mtime), "mtime", entry.mtime, records);
  if (entry.type == EntryType::kCharDevice || entry.type == EntryType::kBlockDevice) {
    SetNumber(header.dev_major, sizeof(header.dev_major), entry.dev_major);
    SetNumber(header.dev_minor, sizeof(header.dev_minor), entry.dev_minor);
  }
  for (const auto& [name, value] : entry.xattrs) {
    if (!name.contains('=')) {
      AddRecord(records, "SCHILY.xattr." + name, value);
    }
  }
  if (records.empty()) {
    return Block(header);
  }
  TarHeader extension = Ustar('x');
  SetText(extension.name, sizeof(extension.name), "PaxHeaders/" + entry.path);
  SetNumber(extension.mode, sizeof(extension.mode), 0644);
  SetNumber(extension.uid, sizeof(extension.uid), 0);
  SetNumber(extension.gid, sizeof(extension.gid), 0);
  SetNumber(extension.size, sizeof(extension.size), records.size());
  SetNumber(extension.mtime, sizeof(extension.mtime), 0);
  return Block(extension) + records + std::string(TarPadding(records.size())) + Block(header);
}

std::string_view TarPadding(uint64_t size) {
  return {kZeros, static_cast<size_t>((kBlock - size % kBlock) % kBlock)};
}

std::string_view TarEnd() { return {kZeros, sizeof(kZeros)}; }

}  // namespace fathom::archive
