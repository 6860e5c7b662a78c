#include "archive/tar_header_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "archive/tar_header.h"
#include "archive/tar_parser.h"

namespace fathom::archive {
namespace {

char TypeCharacter(EntryType type) {
  switch (type) {
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
    case EntryType::kFile:
    case EntryType::kOther:
      break;
  }
  return '0';
}

// "LENGTH KEY=VALUE\n", where LENGTH counts its own digits, too.
std::string PaxRecord(std::string_view key, std::string_view value) {
  const size_t rest = key.size() + value.size() + 3;
  size_t length = rest;
  while (length != rest + fmt::formatted_size("{}", length)) {
    length = rest + fmt::formatted_size("{}", length);
  }
  return fmt::format("{} {}={}\n", length, key, value);
}

// Writes one header block, and collects what does not fit it as pax records.
class Block {
 public:
  Block() {
    std::copy_n("ustar", 6, header_.magic);
    std::copy_n("00", 2, header_.version);
  }

  void Text(std::span<char> field, std::string_view key, std::string_view text) {
    if (text.size() > field.size()) {
      records_ += PaxRecord(key, text);
    }
    std::copy_n(text.begin(), std::min(text.size(), field.size()), field.begin());
  }

  // Octal with a NUL behind it. Without a key the value is known to fit.
  void Number(std::span<char> field, std::string_view key, int64_t value) {
    const size_t digits = field.size() - 1;
    if (value < 0 || value >> (3 * digits) != 0) {
      records_ += PaxRecord(key, fmt::to_string(value));
      value = 0;
    }
    fmt::format_to_n(field.begin(), digits, "{:0{}o}", value, digits);
  }

  void Record(std::string_view key, std::string_view value) { records_ += PaxRecord(key, value); }

  TarHeader& header() { return header_; }
  const std::string& records() const { return records_; }

  std::string Finish() {
    std::ranges::fill(header_.checksum, ' ');
    unsigned sum = 0;
    for (const char c : Bytes()) {
      sum += static_cast<uint8_t>(c);
    }
    fmt::format_to_n(header_.checksum, sizeof(header_.checksum), "{:06o}", sum);
    header_.checksum[6] = '\0';
    return std::string(Bytes());
  }

 private:
  std::string_view Bytes() const {
    return {reinterpret_cast<const char*>(&header_), sizeof(header_)};
  }

  TarHeader header_{};
  std::string records_;
};

std::string ExtensionBlocks(const std::string& records) {
  Block block;
  block.Text(block.header().name, "path", "PaxHeaders/entry");
  block.Number(block.header().mode, "", 0644);
  block.Number(block.header().uid, "", 0);
  block.Number(block.header().gid, "", 0);
  block.Number(block.header().size, "", static_cast<int64_t>(records.size()));
  block.Number(block.header().mtime, "", 0);
  block.header().type = 'x';
  return block.Finish() + records + TarPadding(records.size());
}

}  // namespace

std::string TarHeaderBlocks(const TarEntry& entry) {
  Block block;
  TarHeader& header = block.header();
  const uint64_t size = entry.type == EntryType::kFile ? entry.size : 0;
  block.Text(header.name, "path", entry.path);
  block.Text(header.link, "linkpath", entry.link);
  block.Number(header.mode, "", entry.mode & 07777);
  block.Number(header.uid, "uid", entry.uid);
  block.Number(header.gid, "gid", entry.gid);
  block.Number(header.size, "size", static_cast<int64_t>(size));
  block.Number(header.mtime, "mtime", entry.mtime);
  block.Number(header.dev_major, "SCHILY.devmajor", entry.dev_major);
  block.Number(header.dev_minor, "SCHILY.devminor", entry.dev_minor);
  header.type = TypeCharacter(entry.type);
  for (const auto& [name, value] : entry.xattrs) {
    block.Record("SCHILY.xattr." + name, value);
  }
  const std::string extension = block.records().empty() ? "" : ExtensionBlocks(block.records());
  return extension + block.Finish();
}

std::string TarPadding(uint64_t size) {
  return std::string((kTarBlock - size % kTarBlock) % kTarBlock, '\0');
}

std::string TarEnd() { return std::string(2 * kTarBlock, '\0'); }

}  // namespace fathom::archive
