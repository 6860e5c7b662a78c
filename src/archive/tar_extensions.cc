// What pax and GNU extension headers add to an entry: records, attributes and sparse maps.
#include <algorithm>
#include <charconv>

#include "archive/tar_header.h"
#include "archive/tar_parser.h"

namespace fathom::archive {
namespace {

constexpr uint64_t kMaxSparseBytes = 1ull << 60;
// Every entry gets a copy of them. Linux has no more for one file.
constexpr uint64_t kMostGlobalXattrBytes = 64 << 10;
constexpr std::string_view kXattrPrefix = "SCHILY.xattr.";
constexpr std::string_view kSparsePrefix = "GNU.sparse.";
constexpr std::string_view kSparseOffset = "GNU.sparse.offset";
constexpr std::string_view kSparseBytes = "GNU.sparse.numbytes";

struct PaxRecord {
  std::string_view key;
  std::string_view value;
};

// Takes "LENGTH KEY=VALUE\n" from the front of `text`; LENGTH counts the whole record.
Result<PaxRecord> TakeRecord(std::string_view& text) {
  size_t length = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  const auto digits = static_cast<size_t>(end - text.data());
  if (error != std::errc() || length <= digits + 1 || length > text.size() || text[digits] != ' ' ||
      text[length - 1] != '\n') {
    return Fail(Code::kCorrupt, "a pax record has a wrong length");
  }
  const std::string_view record = text.substr(digits + 1, length - digits - 2);
  text.remove_prefix(length);
  const size_t equals = record.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    return Fail(Code::kCorrupt, "a pax record has no key");
  }
  if (record.substr(0, equals).contains('\0')) {
    return Fail(Code::kCorrupt, "the key of a pax record holds a NUL byte");
  }
  return PaxRecord{record.substr(0, equals), record.substr(equals + 1)};
}

}  // namespace

// ---- Pax records

Status TarParser::ReadPaxRecords(std::string_view text, bool global) {
  PaxRecords& records = global ? global_pax_ : pax_;
  while (!text.empty()) {
    auto record = TakeRecord(text);
    if (!record) {
      return Corrupt(record.error().message);
    }
    if (!global && (record->key == kSparseOffset || record->key == kSparseBytes)) {
      old_sparse_map_ += old_sparse_map_.empty() ? "" : ",";
      old_sparse_map_ += record->value;
      continue;
    }
    if (global && record->key.starts_with(kSparsePrefix)) {
      continue;  // a map is one file's, and reading one for every file takes time
    }
    const auto [place, added] = records.try_emplace(std::string(record->key));
    if (global) {
      uint64_t grown = (added ? record->key.size() : 0) + record->value.size();
      grown -= place->second.size();  // may wrap around, as the sum then does
      global_pax_bytes_ += grown;
      if (record->key.starts_with(kXattrPrefix)) {
        global_xattr_bytes_ += grown;
      }
      if (global_xattr_bytes_ > kMostGlobalXattrBytes) {
        return Corrupt("attributes for all files of more bytes than a file can have");
      }
      if (global_pax_bytes_ > limits_.pax_bytes) {
        return Over(&Limits::pax_bytes, "the sum of the global pax headers");
      }
    }
    place->second = record->value;
  }
  return {};
}

// The record that counts for this entry; an empty value takes a global one back.
const std::string* TarParser::Pax(std::string_view key) const {
  for (const PaxRecords* records : {&pax_, &global_pax_}) {
    if (const auto found = records->find(key); found != records->end()) {
      return found->second.empty() ? nullptr : &found->second;
    }
  }
  return nullptr;
}

Status TarParser::PaxNumber(std::string_view key, int64_t& value, bool fraction) {
  if (const std::string* text = Pax(key)) {
    auto number = DecimalNumber(*text, fraction);
    if (!number) {
      return Corrupt(fmt::format("pax record {}: {}", key, number.error().message));
    }
    value = *number;
  }
  return {};
}

Status TarParser::ApplyPax() {
  if (const std::string* path = Pax("path")) {
    entry_.path = *path;
  }
  if (const std::string* link = Pax("linkpath")) {
    entry_.link = *link;
  }
  auto size = static_cast<int64_t>(data_bytes_);
  TRY(PaxNumber("uid", entry_.uid));
  TRY(PaxNumber("gid", entry_.gid));
  TRY(PaxNumber("mtime", entry_.mtime, true));
  TRY(PaxNumber("size", size));
  if (size < 0) {
    return Corrupt("negative size");
  }
  data_bytes_ = static_cast<uint64_t>(size);
  if (!entry_.sparse) {
    entry_.size = data_bytes_;
  }
  ApplyXattrs(global_pax_);
  ApplyXattrs(pax_);
  return {};
}

void TarParser::ApplyXattrs(const PaxRecords& records) {
  for (auto at = records.lower_bound(kXattrPrefix);
       at != records.end() && at->first.starts_with(kXattrPrefix); ++at) {
    const std::string name = at->first.substr(kXattrPrefix.size());
    const auto place = std::ranges::lower_bound(entry_.xattrs, name, {},
                                                &std::pair<std::string, std::string>::first);
    if (place != entry_.xattrs.end() && place->first == name) {
      place->second = at->second;
    } else {
      entry_.xattrs.emplace(place, name, at->second);
    }
  }
}

// ---- Sparse files
//
// Four ways to say where the stored runs of a file belong:
//   old GNU   type 'S'; runs in the header and in blocks after it; the real size in the header
//   pax 0.0   records GNU.sparse.size and .numblocks, then .offset and .numbytes for each run
//   pax 0.1   records GNU.sparse.size and GNU.sparse.map = "offset,size,offset,size,..."
//   pax 1.0   records GNU.sparse.major = 1, .realsize; the map in front of the content: decimal
//             lines, the number of runs first, padded to a block

Status TarParser::ApplyPaxSparse() {
  const std::string* major = Pax("GNU.sparse.major");
  const std::string* map = Pax("GNU.sparse.map");
  const bool in_data = major != nullptr && *major == "1";
  if (entry_.type != EntryType::kFile || type_ == 'S' ||
      (!in_data && map == nullptr && old_sparse_map_.empty())) {
    return {};
  }
  if (const std::string* name = Pax("GNU.sparse.name")) {
    entry_.path = *name;
  }
  auto real_size = static_cast<int64_t>(entry_.size);
  TRY(PaxNumber("GNU.sparse.size", real_size));
  TRY(PaxNumber("GNU.sparse.realsize", real_size));
  if (real_size < 0) {
    return Corrupt("negative size");
  }
  entry_.sparse = true;
  entry_.size = static_cast<uint64_t>(real_size);
  if (in_data) {
    state_ = State::kSparseMap;
    return {};
  }
  if (map != nullptr) {
    return ParseSparseMap(*map, ',');
  }
  TRY(ParseSparseMap(old_sparse_map_, ','));
  int64_t runs = -1;
  TRY(PaxNumber("GNU.sparse.numblocks", runs));
  return std::cmp_equal(runs, runs_.size())
             ? Status{}
             : Corrupt("the sparse map has another number of runs than it says");
}

Status TarParser::ParseSparseMap(std::string_view text, char separator) {
  uint64_t offset = 0;
  bool have_offset = false;
  while (!text.empty()) {
    const size_t end = text.find(separator);
    auto number = DecimalNumber(text.substr(0, end));
    if (!number || *number < 0) {
      return Corrupt("the sparse map holds something else than numbers");
    }
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (have_offset) {
      runs_.push_back({offset, static_cast<uint64_t>(*number)});
    }
    offset = static_cast<uint64_t>(*number);
    have_offset = !have_offset;
  }
  return have_offset ? Status(Corrupt("the sparse map has an odd number of numbers")) : Status{};
}

Status TarParser::OnSparseMapBlock() {
  if (stored_left_ < kTarBlock) {
    return Corrupt("the sparse map is longer than the entry");
  }
  stored_left_ -= kTarBlock;
  sparse_map_ += AsText(block_);
  if (sparse_map_.size() > limits_.pax_bytes) {
    return Over(&Limits::pax_bytes, "its sparse map");
  }
  // Lines wanted: the count, and two for each run.
  sparse_lines_ += static_cast<uint64_t>(std::ranges::count(block_, '\n'));
  if (sparse_lines_ == 0) {
    return {};
  }
  const std::string_view map(sparse_map_);
  if (!sparse_count_) {
    auto count = DecimalNumber(map.substr(0, map.find('\n')));
    if (!count || *count < 0 || static_cast<uint64_t>(*count) > limits_.pax_bytes) {
      return Corrupt("the sparse map has no sensible count");
    }
    sparse_count_ = static_cast<uint64_t>(*count);
  }
  if (sparse_lines_ <= 2 * *sparse_count_) {
    return {};
  }
  const size_t begin = map.find('\n') + 1;
  size_t end = begin;
  for (uint64_t line = 0; line < 2 * *sparse_count_; ++line) {
    end = map.find('\n', end) + 1;
  }
  TRY(ParseSparseMap(map.substr(begin, end - begin), '\n'));
  entry_.data_offset = offset_;
  entry_.stored_bytes = stored_left_;
  state_ = State::kEntryReady;
  return CheckSparse();
}

Status TarParser::AddGnuRuns(size_t first, size_t count) {
  const auto* text = reinterpret_cast<const char*>(block_.data()) + first;
  for (size_t i = 0; i < count; ++i, text += GnuSparse::kRunBytes) {
    if (*text == 0) {
      break;
    }
    int64_t offset = 0;
    int64_t size = 0;
    TRY(ReadNumber(text, 12, "sparse offset", offset));
    TRY(ReadNumber(text + 12, 12, "sparse size", size));
    if (offset < 0 || size < 0) {
      return Corrupt("negative numbers in the sparse map");
    }
    runs_.push_back({static_cast<uint64_t>(offset), static_cast<uint64_t>(size)});
  }
  if (runs_.size() * GnuSparse::kRunBytes > limits_.pax_bytes) {
    return Over(&Limits::pax_bytes, "its sparse map");
  }
  return {};
}

Status TarParser::OnSparseHeaderBlock() {
  TRY(AddGnuRuns(0, GnuSparse::kBlockRunCount));
  if (block_[GnuSparse::kBlockExtended] != 0) {
    return {};
  }
  state_ = State::kHeader;
  return OnHeaderComplete();
}

// The runs must lie in order within the file and hold exactly what is stored.
Status TarParser::CheckSparse() {
  if (!entry_.sparse) {
    return {};
  }
  uint64_t position = 0;
  uint64_t stored = 0;
  std::erase_if(runs_, [](const SparseRun& run) { return run.size == 0; });
  for (const SparseRun& run : runs_) {
    if (run.offset < position || run.offset > kMaxSparseBytes || run.size > kMaxSparseBytes) {
      return Corrupt("the runs of the sparse map overlap");
    }
    position = run.offset + run.size;
    stored += run.size;
  }
  if (position > entry_.size || stored != stored_left_) {
    return Corrupt("the sparse map does not fit the size of the file");
  }
  return {};
}

}  // namespace fathom::archive
