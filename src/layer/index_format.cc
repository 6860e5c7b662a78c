#include "layer/index_format.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <span>
#include <type_traits>
#include <vector>

namespace fathom::layer {
namespace {

constexpr std::array<char, 8> kIndexMagic = {'f', 'a', 't', 'h', 'o', 'm', 'L', 'I'};
constexpr std::array<char, 8> kFacetMagic = {'f', 'a', 't', 'h', 'o', 'm', 'L', 'F'};
constexpr size_t kChecksumBytes = 16;

// The start of either file: what it is and of which layer.
struct FileHead {
  std::array<char, 8> magic;
  uint32_t format_version;
  uint8_t diff_id_algorithm;  // 1: SHA-256, 2: SHA-512
  uint8_t content_algorithm;  // a ContentAlgorithm; 0 in a facet
  uint16_t zero;
  std::array<uint8_t, 64> diff_id;  // filled up with zeros
};
static_assert(sizeof(FileHead) == 80 && std::has_unique_object_representations_v<FileHead>);

struct Section {
  uint32_t kind;
  uint32_t record_bytes;
  uint64_t records;
};

enum SectionKind : uint32_t {
  kEntries = 1,
  kContents,
  kPaths,
  kStringEnds,
  kStringText,
  kXattrEnds,
  kXattrText,
};
constexpr size_t kSectionCount = 7;

struct IndexHead {
  FileHead file;
  uint64_t decoded_bytes;
  std::array<Section, kSectionCount> sections;  // in the order of their kinds, one after another
};
static_assert(sizeof(IndexHead) == 200 && std::has_unique_object_representations_v<IndexHead>);

struct FacetHead {
  FileHead file;
  uint32_t facet_version;
  uint32_t name_bytes;
  uint64_t facet_bytes;
};
static_assert(sizeof(FacetHead) == 96 && std::has_unique_object_representations_v<FacetHead>);

// The records of the sections, as the format's page has them.
static_assert(std::has_unique_object_representations_v<Entry>);
static_assert(offsetof(Entry, path) == 0 && offsetof(Entry, link) == 4 &&
              offsetof(Entry, uid) == 8 && offsetof(Entry, gid) == 12 &&
              offsetof(Entry, xattrs) == 16 && offsetof(Entry, mode) == 20 &&
              offsetof(Entry, type) == 22 && offsetof(Entry, mark) == 23 &&
              offsetof(Entry, size) == 24 && offsetof(Entry, mtime) == 32 &&
              offsetof(Entry, offset) == 40);
static_assert(static_cast<int>(EntryType::kOther) == 7 && static_cast<int>(Mark::kIgnored) == 4);
static_assert(sizeof(PathTable::Node) == 8 && offsetof(PathTable::Node, name) == 4);

FileHead HeadFor(const std::array<char, 8>& magic, const Digest& diff_id,
                 uint8_t content_algorithm) {
  FileHead head{};
  head.magic = magic;
  head.format_version = kIndexFormatVersion;
  head.diff_id_algorithm = diff_id.algorithm() == DigestAlgorithm::kSha256 ? 1 : 2;
  head.content_algorithm = content_algorithm;
  std::ranges::copy(diff_id.bytes(), head.diff_id.begin());
  return head;
}

template <typename T>
void Append(std::string& file, std::span<const T> records) {
  if (!records.empty()) {
    file.append(reinterpret_cast<const char*>(records.data()), records.size_bytes());
  }
}

std::array<uint8_t, kChecksumBytes> ChecksumOf(ByteView bytes) {
  std::array<uint8_t, kChecksumBytes> checksum;
  ContentHasher(ContentAlgorithm::kXxh3_128).HashWhole(bytes, checksum);
  return checksum;
}

void AppendChecksum(std::string& file) {
  const auto checksum = ChecksumOf(AsBytes(file));
  Append<uint8_t>(file, checksum);
}

// Splits off the next `count` records. The caller has seen that `rest` holds them.
template <typename T>
std::vector<T> TakeRecords(ByteView& rest, size_t count) {
  std::vector<T> records(count);
  if (count > 0) {
    std::memcpy(records.data(), rest.data(), count * sizeof(T));
    rest = rest.subspan(count * sizeof(T));
  }
  return records;
}

std::string TakeText(ByteView& rest, size_t size) {
  std::string text(AsText(rest.first(size)));
  rest = rest.subspan(size);
  return text;
}

// What lies between the head and the checksum, once the checksum and the key are right.
template <typename Head>
Result<ByteView> Open(ByteView file, const FileHead& expected, Head& head) {
  if (file.size() < sizeof(Head) + kChecksumBytes) {
    return Fail(Code::kCorrupt, "{} bytes are too few", file.size());
  }
  const ByteView sealed = file.first(file.size() - kChecksumBytes);
  if (!std::ranges::equal(ChecksumOf(sealed), file.last(kChecksumBytes))) {
    return Fail(Code::kCorrupt, "the checksum differs");
  }
  std::memcpy(&head, file.data(), sizeof(Head));
  if (head.file.magic != expected.magic || head.file.format_version != expected.format_version) {
    return Fail(Code::kCorrupt, "not a file of format version {}", expected.format_version);
  }
  if (std::memcmp(&head.file, &expected, sizeof(FileHead)) != 0) {
    return Fail(Code::kCorrupt, "the file is another layer's or of another content algorithm");
  }
  return sealed.subspan(sizeof(Head));
}

std::array<uint32_t, kSectionCount> RecordBytes(ContentAlgorithm algorithm) {
  return {sizeof(Entry),
          static_cast<uint32_t>(ContentHashSize(algorithm)),
          sizeof(PathTable::Node),
          sizeof(uint32_t),
          1,
          sizeof(uint32_t),
          1};
}

// The sections must be the expected ones and fill `bytes` exactly; ids must fit 32 bits.
Status CheckSections(const IndexHead& head, ContentAlgorithm algorithm, uint64_t bytes) {
  const auto record_bytes = RecordBytes(algorithm);
  for (uint32_t i = 0; i < kSectionCount; ++i) {
    const Section& section = head.sections[i];
    if (section.kind != i + 1 || section.record_bytes != record_bytes[i] ||
        section.records >= IdHash::kNone || section.records > bytes / record_bytes[i]) {
      return Fail(Code::kCorrupt, "section {} does not fit", i + 1);
    }
    bytes -= section.records * record_bytes[i];
  }
  if (bytes != 0 || head.sections[0].records != head.sections[1].records) {
    return Fail(Code::kCorrupt, "the sections do not fill the file");
  }
  return {};
}

// Strikes out the strings in which `byte` occurs.
void StrikeOut(const StringPool& strings, char byte, std::vector<uint8_t>& fits) {
  const std::string& text = strings.text();
  StringId id = 0;
  for (size_t at = text.find(byte); at != std::string::npos; at = text.find(byte, at)) {
    while (strings.ends()[id] <= at) {
      ++id;
    }
    fits[id] = 0;
    at = strings.ends()[id];
  }
}

// For each string: 1 if a component of a path can be called so, or else 0.
std::vector<uint8_t> ComponentNames(const StringPool& strings) {
  std::vector<uint8_t> fits(strings.size());
  for (StringId id = 1; id < strings.size(); ++id) {
    const std::string_view name = strings[id];
    fits[id] = !name.empty() && name != "." && name != "..";
  }
  StrikeOut(strings, '/', fits);
  StrikeOut(strings, '\0', fits);
  return fits;
}

Status CheckPaths(const PathTable& paths, const StringPool& strings) {
  const std::vector<PathTable::Node>& nodes = paths.nodes();
  if (nodes.empty() || nodes[0].parent != kRootPath || nodes[0].name != 0) {
    return Fail(Code::kCorrupt, "there is no root");
  }
  const std::vector<uint8_t> is_name = ComponentNames(strings);
  for (PathId id = 1; id < nodes.size(); ++id) {
    const auto [parent, name] = nodes[id];
    if (parent >= id || name >= is_name.size() || is_name[name] == 0) {
      return Fail(Code::kCorrupt, "path {} is not well formed", id);
    }
  }
  return {};
}

bool IsXattrSet(std::string_view set) {
  while (!set.empty()) {
    const size_t name_bytes = set.find('\0');
    uint32_t value_bytes = 0;
    if (name_bytes == std::string_view::npos || set.size() - name_bytes - 1 < sizeof(value_bytes)) {
      return false;
    }
    set.remove_prefix(name_bytes + 1);
    std::memcpy(&value_bytes, set.data(), sizeof(value_bytes));
    set.remove_prefix(sizeof(value_bytes));
    if (set.size() < value_bytes) {
      return false;
    }
    set.remove_prefix(value_bytes);
  }
  return true;
}

Status CheckXattrs(const StringPool& sets) {
  for (StringId id = 1; id < sets.size(); ++id) {
    if (!IsXattrSet(sets[id])) {
      return Fail(Code::kCorrupt, "attribute set {} is not well formed", id);
    }
  }
  return {};
}

Status CheckEntries(const LayerIndex& index, size_t xattr_sets) {
  const size_t paths = index.paths().size();
  const size_t strings = index.strings().size();
  for (EntryId id = 0; id < index.entry_count(); ++id) {
    const Entry& entry = index.entry(id);
    const bool fits = entry.path < paths && entry.link < strings && entry.xattrs < xattr_sets &&
                      entry.mode <= 07777 && entry.type <= EntryType::kOther &&
                      entry.mark <= Mark::kIgnored && entry.offset <= index.decoded_bytes() &&
                      (entry.mark != Mark::kOpaqueDirectory || entry.type == EntryType::kDirectory);
    if (!fits) {
      return Fail(Code::kCorrupt, "entry {} is not well formed", id);
    }
  }
  return {};
}

}  // namespace

std::string IndexFormat::Write(const Digest& diff_id, const LayerIndex& index) {
  const std::array<uint64_t, kSectionCount> records = {
      index.entries_.size(),      index.entries_.size(),        index.paths_.size(),
      index.strings_.size(),      index.strings_.text().size(), index.xattrs_.size(),
      index.xattrs_.text().size()};
  const auto record_bytes = RecordBytes(index.algorithm_);
  IndexHead head{};
  head.file = HeadFor(kIndexMagic, diff_id, static_cast<uint8_t>(index.algorithm_));
  head.decoded_bytes = index.decoded_bytes_;
  size_t bytes = sizeof(head) + kChecksumBytes;
  for (uint32_t i = 0; i < kSectionCount; ++i) {
    head.sections[i] = {i + 1, record_bytes[i], records[i]};
    bytes += records[i] * record_bytes[i];
  }

  std::string file;
  file.reserve(bytes);
  Append<IndexHead>(file, {&head, 1});
  Append<Entry>(file, index.entries_);
  Append<uint8_t>(file, index.contents_);
  Append<PathTable::Node>(file, index.paths_.nodes());
  for (const StringPool* pool : {&index.strings_, &index.xattrs_}) {
    Append<uint32_t>(file, pool->ends());
    file += pool->text();
  }
  AppendChecksum(file);
  return file;
}

Result<std::shared_ptr<const LayerIndex>> IndexFormat::Read(const Digest& diff_id,
                                                            ContentAlgorithm algorithm,
                                                            ByteView file) {
  IndexHead head;
  const FileHead expected = HeadFor(kIndexMagic, diff_id, static_cast<uint8_t>(algorithm));
  TRY_ASSIGN(ByteView rest, Open(file, expected, head));
  TRY(CheckSections(head, algorithm, rest.size()));
  const auto records = [&](SectionKind kind) { return head.sections[kind - 1].records; };

  // From here on every size is known to lie within the file; what the records say is not checked.
  auto index = std::make_shared<LayerIndex>();
  index->algorithm_ = algorithm;
  index->decoded_bytes_ = head.decoded_bytes;
  index->entries_ = TakeRecords<Entry>(rest, records(kEntries));
  index->contents_ = TakeRecords<uint8_t>(rest, records(kContents) * ContentHashSize(algorithm));
  index->paths_ = PathTable::FromNodes(TakeRecords<PathTable::Node>(rest, records(kPaths)));
  std::vector<uint32_t> ends = TakeRecords<uint32_t>(rest, records(kStringEnds));
  index->strings_ = StringPool(TakeText(rest, records(kStringText)), std::move(ends));
  ends = TakeRecords<uint32_t>(rest, records(kXattrEnds));
  index->xattrs_ = StringPool(TakeText(rest, records(kXattrText)), std::move(ends));

  if (!index->strings_.Check() || !index->xattrs_.Check()) {
    return Fail(Code::kCorrupt, "strings do not fit their text");
  }
  TRY(CheckPaths(index->paths_, index->strings_));
  TRY(CheckXattrs(index->xattrs_));
  TRY(CheckEntries(*index, index->xattrs_.size()));
  return index;
}

std::string WriteFacet(const Digest& diff_id, const Facet& facet) {
  FacetHead head{};
  head.file = HeadFor(kFacetMagic, diff_id, 0);
  head.facet_version = facet.version;
  head.name_bytes = static_cast<uint32_t>(facet.name.size());
  head.facet_bytes = facet.bytes.size();
  std::string file;
  file.reserve(sizeof(head) + facet.name.size() + facet.bytes.size() + kChecksumBytes);
  Append<FacetHead>(file, {&head, 1});
  file += facet.name;
  file += facet.bytes;
  AppendChecksum(file);
  return file;
}

Result<Facet> ReadFacet(const Digest& diff_id, std::string_view name, uint32_t version,
                        ByteView file) {
  FacetHead head;
  TRY_ASSIGN(ByteView rest, Open(file, HeadFor(kFacetMagic, diff_id, 0), head));
  if (head.facet_version != version || head.name_bytes != name.size() ||
      !AsText(rest).starts_with(name)) {
    return Fail(Code::kCorrupt, "the file is another facet's");
  }
  rest = rest.subspan(name.size());
  if (head.facet_bytes != rest.size()) {
    return Fail(Code::kCorrupt, "the facet does not fill the file");
  }
  return Facet{std::string(name), version, std::string(AsText(rest))};
}

}  // namespace fathom::layer
