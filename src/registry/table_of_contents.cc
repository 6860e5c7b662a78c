#include "registry/table_of_contents.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <nlohmann/json.hpp>

#include "archive/open_stream.h"
#include "archive/tar_reader.h"
#include "base/base64.h"
#include "base/json.h"
#include "base/number.h"
#include "layer/layer_index_builder.h"
#include "registry/blob_stream.h"

namespace fathom::registry {
namespace {

using nlohmann::json;
using Index = std::shared_ptr<const layer::LayerIndex>;

template <typename T>
using Asked = std::expected<T, Refusal>;

constexpr uint64_t kTableBytes = 150 << 20;  // unpacked
constexpr uint64_t kTarBlock = 512;
constexpr std::string_view kTableName = "stargz.index.json";
constexpr std::string_view kTableDigest = "containerd.io/snapshot/stargz/toc.digest";

// Annotations of zstd:chunked, as they are called now and as they were called first.
const std::string* ChunkedAnnotation(const image::Descriptor& layer, std::string_view name) {
  for (const std::string_view prefix :
       {"io.github.containers.zstd-chunked.", "io.containers.zstd-chunked."}) {
    const auto found = layer.annotations.find(std::string(prefix) + std::string(name));
    if (found != layer.annotations.end()) {
      return &found->second;
    }
  }
  return nullptr;
}

// Seconds since 1970 of "2025-01-16T20:27:12Z", with a fraction or an offset or not; 0 of others.
int64_t ParseTime(std::string_view text) {
  constexpr size_t kWhole = 19;
  if (text.size() < kWhole) {
    return 0;
  }
  const auto part = [text](size_t at, size_t size) {
    return ParseNumber<int64_t>(text.substr(at, size)).value_or(-1);
  };
  const std::chrono::year_month_day date(
      std::chrono::year(static_cast<int>(part(0, 4))),
      std::chrono::month(static_cast<unsigned>(std::max<int64_t>(part(5, 2), 0))),
      std::chrono::day(static_cast<unsigned>(std::max<int64_t>(part(8, 2), 0))));
  const int64_t hour = part(11, 2);
  const int64_t minute = part(14, 2);
  const int64_t second = part(17, 2);
  if (!date.ok() || hour < 0 || minute < 0 || second < 0) {
    return 0;
  }
  const std::chrono::sys_seconds day = std::chrono::sys_days(date);
  int64_t time = day.time_since_epoch().count() + hour * 3600 + minute * 60 + second;
  const size_t sign = text.find_first_of("+-", kWhole);
  if (sign != std::string_view::npos && text.size() == sign + 6) {
    const int64_t offset = part(sign + 1, 2) * 3600 + part(sign + 4, 2) * 60;
    time += text[sign] == '+' ? -offset : offset;
  }
  return time;
}

std::optional<archive::EntryType> TypeOf(std::string_view type) {
  using enum archive::EntryType;
  static const std::map<std::string_view, archive::EntryType> kTypes = {
      {"dir", kDirectory},     {"reg", kFile},        {"symlink", kSymlink},
      {"hardlink", kHardLink}, {"char", kCharDevice}, {"block", kBlockDevice},
      {"fifo", kFifo}};
  const auto found = kTypes.find(type);
  return found == kTypes.end() ? std::nullopt : std::optional(found->second);
}

Status ReadXattrs(const json& row, archive::TarEntry& entry) {
  TRY_ASSIGN(const json* xattrs, ObjectMember(row, "xattrs"));
  if (xattrs == nullptr) {
    return {};
  }
  for (const auto& [name, value] : xattrs->items()) {
    TRY_ASSIGN(const std::string encoded, StringMember(*xattrs, name));
    TRY_ASSIGN(std::string bytes, FromBase64(encoded));
    entry.xattrs.emplace_back(name, std::move(bytes));
  }
  std::ranges::sort(entry.xattrs);
  return {};
}

Result<archive::TarEntry> ReadEntry(const json& row, archive::EntryType type,
                                    const Limits& limits) {
  archive::TarEntry entry;
  entry.type = type;
  TRY_ASSIGN(entry.path, StringMember(row, "name"));
  TRY_ASSIGN(entry.link, StringMember(row, "linkName"));
  if (entry.path.size() > limits.path_bytes || entry.link.size() > limits.link_bytes) {
    return Fail(Code::kLimit, "a name of {} bytes", std::max(entry.path.size(), entry.link.size()));
  }
  if (entry.path.contains('\0') || entry.link.contains('\0')) {
    return Fail(Code::kCorrupt, "a name with a zero in it");
  }
  const auto number = [&row](const char* name) -> Result<uint64_t> {
    TRY_ASSIGN(const auto value, Uint64Member(row, name));
    return value.value_or(0);
  };
  TRY_ASSIGN(const uint64_t mode, number("mode"));
  entry.mode = static_cast<uint32_t>(mode & 07777);
  TRY_ASSIGN(const uint64_t uid, number("uid"));
  TRY_ASSIGN(const uint64_t gid, number("gid"));
  TRY_ASSIGN(const uint64_t major, number("devMajor"));
  TRY_ASSIGN(const uint64_t minor, number("devMinor"));
  entry.uid = static_cast<int64_t>(uid);
  entry.gid = static_cast<int64_t>(gid);
  entry.dev_major = static_cast<uint32_t>(major);
  entry.dev_minor = static_cast<uint32_t>(minor);
  if (type == archive::EntryType::kFile) {
    TRY_ASSIGN(entry.size, number("size"));
  }
  TRY_ASSIGN(const std::string time, StringMember(row, "modtime"));
  entry.mtime = ParseTime(time);
  TRY(ReadXattrs(row, entry));
  return entry;
}

Status SetContent(const json& row, const archive::TarEntry& entry,
                  layer::LayerIndexBuilder& builder, layer::EntryId id) {
  TRY_ASSIGN(const std::string text, StringMember(row, "digest"));
  Digest digest = DigestOf({});
  if (entry.size > 0 || !text.empty()) {
    TRY_ASSIGN(digest, Digest::Parse(text));
  }
  const ByteSpan content = builder.ContentOf(id);
  if (digest.bytes().size() != content.size()) {
    return Fail(Code::kCorrupt, "a digest that is no SHA-256");
  }
  std::ranges::copy(digest.bytes(), content.begin());
  return {};
}

// Bytes [begin, end) of the blob; nothing from a registry that knows no ranges.
Asked<std::optional<std::string>> FetchRange(Registry& registry, const std::string& repository,
                                             const Digest& digest, uint64_t begin, uint64_t end) {
  auto stream =
      BlobStream::Open(registry, repository, digest, {.begin = begin, .end = end, .strict = true});
  if (!stream && stream.error().code == Code::kInvalidArgument && stream.error().status == 200) {
    return std::nullopt;
  }
  if (!stream) {
    return std::unexpected(std::move(stream).error());
  }
  auto bytes = ReadAll(**stream, end - begin);
  if (!bytes) {
    return std::unexpected(std::move(bytes).error());
  }
  if (bytes->size() != end - begin) {
    return std::unexpected(Error{Code::kCorrupt, "the blob ends before its table of contents"});
  }
  return *std::move(bytes);
}

// What gzip or zstd bytes decode to, up to the limit of tables.
Result<std::string> Unpack(std::string bytes, const Limits& limits) {
  auto source = std::make_unique<MemorySource>(AsBytes(bytes));
  TRY_ASSIGN(const archive::DecodedStream stream, archive::OpenStream(std::move(source), limits));
  return ReadAll(*stream.bytes, kTableBytes);
}

// The table within the tar that the last gzip member of an eStargz layer holds.
Result<std::string> TableOfTar(const std::string& tar, const Limits& limits) {
  MemorySource source(AsBytes(tar));
  archive::TarReader reader(source, limits);
  while (true) {
    TRY_ASSIGN(const archive::TarEntry* entry, reader.Next());
    if (entry == nullptr) {
      return Fail(Code::kCorrupt, "no '{}' where its footer says", kTableName);
    }
    if (entry->path == kTableName) {
      return ReadAll(reader.content(), kTableBytes);
    }
  }
}

Status CheckDigest(std::string_view bytes, const std::string& declared) {
  TRY_ASSIGN(const Digest digest, Digest::Parse(declared));
  const Digest actual = DigestOf(AsBytes(bytes), digest.algorithm());
  return actual == digest ? Status()
                          : Status(Fail(Code::kCorrupt,
                                        "its table of contents has the digest {}, "
                                        "its annotations say {}",
                                        actual.ToString(), declared));
}

Result<Index> ReadStargz(std::string packed, const image::Descriptor& layer, const Limits& limits) {
  TRY_ASSIGN(const std::string tar, Unpack(std::move(packed), limits));
  TRY_ASSIGN(const std::string table, TableOfTar(tar, limits));
  if (const auto declared = layer.annotations.find(std::string(kTableDigest));
      declared != layer.annotations.end()) {
    TRY(CheckDigest(table, declared->second));
  }
  return ReadTableOfContents(table, limits);
}

Result<Index> ReadChunked(std::string packed, const image::Descriptor& layer,
                          const Limits& limits) {
  if (const std::string* declared = ChunkedAnnotation(layer, "manifest-checksum")) {
    TRY(CheckDigest(packed, *declared));
  }
  TRY_ASSIGN(const std::string table, Unpack(std::move(packed), limits));
  return ReadTableOfContents(table, limits);
}

Asked<Index> Checked(Result<Index> read) {
  return read ? Asked<Index>(*std::move(read)) : std::unexpected(std::move(read).error());
}

Asked<Index> FetchStargz(Registry& registry, const std::string& repository,
                         const image::Descriptor& layer, const Limits& limits) {
  if (layer.size <= kStargzFooterBytes) {
    return Index();
  }
  const uint64_t end = layer.size - kStargzFooterBytes;
  auto footer = FetchRange(registry, repository, layer.digest, end, layer.size);
  if (!footer) {
    return std::unexpected(std::move(footer).error());
  }
  const auto begin = *footer ? ParseStargzFooter(**footer) : std::nullopt;
  if (!begin || *begin >= end || end - *begin > kTableBytes) {
    return Index();
  }
  auto packed = FetchRange(registry, repository, layer.digest, *begin, end);
  if (!packed) {
    return std::unexpected(std::move(packed).error());
  }
  return *packed ? Checked(ReadStargz(**std::move(packed), layer, limits)) : Asked<Index>(Index());
}

Asked<Index> FetchChunked(Registry& registry, const std::string& repository,
                          const image::Descriptor& layer, const ChunkedPosition& position,
                          const Limits& limits) {
  if (position.size > kTableBytes || position.unpacked > kTableBytes ||
      position.offset > layer.size || position.size > layer.size - position.offset) {
    return std::unexpected(
        Error{Code::kCorrupt, "its annotations place its table of contents outside of it"});
  }
  auto packed = FetchRange(registry, repository, layer.digest, position.offset,
                           position.offset + position.size);
  if (!packed) {
    return std::unexpected(std::move(packed).error());
  }
  return *packed ? Checked(ReadChunked(**std::move(packed), layer, limits)) : Asked<Index>(Index());
}

}  // namespace

Result<Index> ReadTableOfContents(std::string_view text, const Limits& limits) {
  TRY_ASSIGN(const json table, ParseJson(text, limits));
  TRY_ASSIGN(const json* rows, ArrayMember(table, "entries"));
  if (rows == nullptr) {
    return Fail(Code::kCorrupt, "a table of contents without 'entries'");
  }
  layer::LayerIndexBuilder builder(ContentAlgorithm::kSha256, limits);
  uint64_t bytes = 2 * kTarBlock;  // of a tar that would hold all of it
  for (const json& row : *rows) {
    TRY_ASSIGN(const std::string kind, StringMember(row, "type"));
    const auto type = TypeOf(kind);
    if (!type) {
      continue;  // a further chunk of a file
    }
    auto entry = ReadEntry(row, *type, limits);
    if (!entry) {
      return Wrap(std::move(entry).error(), "table of contents");
    }
    TRY_ASSIGN(const layer::EntryId id, builder.Add(*entry));
    if (*type == archive::EntryType::kFile) {
      TRY(SetContent(row, *entry, builder, id));
    }
    bytes += kTarBlock + std::min(entry->size, limits.layer_bytes);
    if (bytes > limits.layer_bytes) {
      return OverLimit(&Limits::layer_bytes, limits, "the layer's content");
    }
  }
  return builder.Finish(bytes);
}

// A gzip member without content whose extra field holds the offset as 16 hex digits and a name.
std::optional<uint64_t> ParseStargzFooter(std::string_view end) {
  using namespace std::string_view_literals;
  constexpr std::string_view kBegin = "\x1f\x8b\x08\x04"sv;
  constexpr std::string_view kField = "SG\x16\0"sv;
  constexpr std::string_view kName = "STARGZ";
  constexpr size_t kFieldAt = 12;
  constexpr size_t kDigits = 16;
  if (end.size() < kStargzFooterBytes) {
    return std::nullopt;
  }
  end = end.substr(end.size() - kStargzFooterBytes);
  if (!end.starts_with(kBegin) || end.substr(kFieldAt, kField.size()) != kField ||
      end.substr(kFieldAt + kField.size() + kDigits, kName.size()) != kName) {
    return std::nullopt;
  }
  return ParseNumber<uint64_t>(end.substr(kFieldAt + kField.size(), kDigits), 16);
}

std::optional<ChunkedPosition> ParseChunkedPosition(std::string_view text) {
  uint64_t numbers[3] = {};
  for (uint64_t& number : numbers) {
    const size_t colon = text.find(':');
    const auto value = ParseNumber<uint64_t>(text.substr(0, colon));
    if (!value || colon == std::string_view::npos) {
      return std::nullopt;
    }
    number = *value;
    text.remove_prefix(colon + 1);
  }
  return ChunkedPosition{numbers[0], numbers[1], numbers[2]};
}

Asked<Index> FetchTableOfContents(Registry& registry, const std::string& repository,
                                  const image::Descriptor& layer, const Limits& limits) {
  if (const std::string* text = ChunkedAnnotation(layer, "manifest-position")) {
    const auto position = ParseChunkedPosition(*text);
    return position ? FetchChunked(registry, repository, layer, *position, limits)
                    : Asked<Index>(Index());
  }
  return layer.media_type.ends_with("gzip") ? FetchStargz(registry, repository, layer, limits)
                                            : Asked<Index>(Index());
}

}  // namespace fathom::registry
