#include "tests/support/oracle_tar.h"

#include <charconv>
#include <map>
#include <optional>
#include <stdexcept>

namespace fathom::testing {
namespace {

using Records = std::map<std::string, std::string>;

constexpr size_t kBlock = 512;
constexpr std::string_view kXattr = "SCHILY.xattr.";

// A field up to its first NUL.
std::string Text(std::string_view block, size_t offset, size_t width) {
  const std::string_view field = block.substr(offset, width);
  return std::string(field.substr(0, field.find('\0')));
}

int64_t Base256(std::string_view field) {
  uint64_t value = (field[0] & 0x40) != 0 ? ~uint64_t{0} : 0;
  value = (value << 6) | (static_cast<unsigned char>(field[0]) & 0x3f);
  for (char c : field.substr(1)) {
    value = (value << 8) | static_cast<unsigned char>(c);
  }
  return static_cast<int64_t>(value);
}

int64_t Number(std::string_view block, size_t offset, size_t width) {
  const std::string_view field = block.substr(offset, width);
  if ((field[0] & 0x80) != 0) {
    return Base256(field);
  }
  int64_t value = 0;
  for (char c : field) {
    if (c >= '0' && c <= '7') {
      value = value * 8 + (c - '0');
    }
  }
  return value;
}

bool ChecksumHolds(std::string_view block) {
  int64_t sum = 0;
  for (size_t i = 0; i < kBlock; ++i) {
    sum += i >= 148 && i < 156 ? ' ' : static_cast<unsigned char>(block[i]);
  }
  return sum == Number(block, 148, 8);
}

int64_t Decimal(std::string_view text) {
  int64_t value = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc()) {
    throw std::runtime_error("not a number in a pax record: " + std::string(text));
  }
  return value;
}

// Adds the records of a pax body. A record without a value takes its keyword away.
void MergePax(std::string_view body, Records& records) {
  while (!body.empty()) {
    const size_t space = body.find(' ');
    const auto length = static_cast<size_t>(Decimal(body));
    if (space == std::string_view::npos || length <= space + 1 || length > body.size()) {
      throw std::runtime_error("broken pax record");
    }
    const std::string_view record = body.substr(space + 1, length - space - 2);
    const size_t equals = record.find('=');
    if (equals == std::string_view::npos) {
      throw std::runtime_error("pax record without '='");
    }
    const std::string keyword(record.substr(0, equals));
    records.erase(keyword);
    if (equals + 1 < record.size()) {
      records[keyword] = record.substr(equals + 1);
    }
    body.remove_prefix(length);
  }
}

// Seconds are rounded down, as a file system keeps them: -1.5 is second -2 and half a second.
void SetTime(TarEntry& entry, const std::string& text) {
  const size_t point = text.find('.');
  entry.mtime = Decimal(text);
  entry.mtime_nanos = 0;
  if (point == std::string::npos) {
    return;
  }
  std::string digits = text.substr(point + 1, 9);
  digits.resize(9, '0');
  const int64_t nanos = Decimal(digits);
  const bool down = text[0] == '-' && nanos != 0;
  entry.mtime -= down ? 1 : 0;
  entry.mtime_nanos = static_cast<uint32_t>(down ? 1000000000 - nanos : nanos);
}

class Reader {
 public:
  explicit Reader(std::string_view archive) : rest_(archive) {}

  std::vector<TarEntry> ReadAll() {
    std::vector<TarEntry> entries;
    while (std::optional<TarEntry> entry = Next()) {
      entries.push_back(std::move(*entry));
    }
    return entries;
  }

 private:
  std::string_view Take(size_t size) {
    if (size > rest_.size()) {
      throw std::runtime_error("tar archive is cut short");
    }
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  std::string_view TakeBody(int64_t size) {
    if (size < 0) {
      throw std::runtime_error("negative size in a tar header");
    }
    const auto wanted = static_cast<size_t>(size);
    const std::string_view body = Take(wanted);
    Take(std::min((kBlock - wanted % kBlock) % kBlock, rest_.size()));
    return body;
  }

  std::optional<TarEntry> Next() {
    Records local;
    std::string long_name, long_link;
    while (!rest_.empty()) {
      const std::string_view block = Take(kBlock);
      if (block.find_first_not_of('\0') == std::string_view::npos) {
        return std::nullopt;
      }
      if (!ChecksumHolds(block)) {
        throw std::runtime_error("tar header with a wrong checksum");
      }
      const char type = block[156];
      if (type != 'x' && type != 'g' && type != 'L' && type != 'K') {
        return Assemble(block, local, long_name, long_link);
      }
      const std::string_view body = TakeBody(Number(block, 124, 12));
      if (type == 'x' || type == 'g') {
        MergePax(body, type == 'x' ? local : global_);
      } else {
        (type == 'L' ? long_name : long_link) = body.substr(0, body.find('\0'));
      }
    }
    return std::nullopt;
  }

  static TarEntry FromHeader(std::string_view block) {
    TarEntry entry;
    entry.name = Text(block, 0, 100);
    entry.type = block[156];
    entry.link = Text(block, 157, 100);
    entry.mode = static_cast<uint32_t>(Number(block, 100, 8));
    entry.uid = Number(block, 108, 8);
    entry.gid = Number(block, 116, 8);
    entry.mtime = Number(block, 136, 12);
    const std::string_view magic = block.substr(257, 6);
    if (magic.starts_with("ustar")) {
      entry.dev_major = static_cast<uint32_t>(Number(block, 329, 8));
      entry.dev_minor = static_cast<uint32_t>(Number(block, 337, 8));
    }
    const std::string prefix = Text(block, 345, 155);
    if (magic == std::string_view("ustar\0", 6) && !prefix.empty()) {
      entry.name = prefix + "/" + entry.name;
    }
    return entry;
  }

  TarEntry Assemble(std::string_view block, const Records& local, const std::string& long_name,
                    const std::string& long_link) {
    TarEntry entry = FromHeader(block);
    entry.name = long_name.empty() ? entry.name : long_name;
    entry.link = long_link.empty() ? entry.link : long_link;
    int64_t size = Number(block, 124, 12);
    Records records = global_;
    for (const auto& [keyword, value] : local) {
      records[keyword] = value;
    }
    for (const auto& [keyword, value] : records) {
      Apply(keyword, value, entry, size);
    }
    if (entry.type == '\0') {
      entry.type = entry.name.ends_with('/') ? '5' : '0';
    }
    if (entry.type < '1' || entry.type > '6') {  // the types between have no body
      entry.content = TakeBody(size);
    }
    return entry;
  }

  static void Apply(const std::string& keyword, const std::string& value, TarEntry& entry,
                    int64_t& size) {
    if (keyword == "path") {
      entry.name = value;
    } else if (keyword == "linkpath") {
      entry.link = value;
    } else if (keyword == "size") {
      size = Decimal(value);
    } else if (keyword == "uid") {
      entry.uid = Decimal(value);
    } else if (keyword == "gid") {
      entry.gid = Decimal(value);
    } else if (keyword == "mtime") {
      SetTime(entry, value);
    } else if (keyword.starts_with(kXattr)) {
      entry.xattrs.emplace_back(keyword.substr(kXattr.size()), value);
    }
  }

  std::string_view rest_;
  Records global_;
};

}  // namespace

std::vector<TarEntry> ReadTar(std::string_view archive) { return Reader(archive).ReadAll(); }

}  // namespace fathom::testing
