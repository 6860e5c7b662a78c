#include "archive/tar_parser.h"

#include <algorithm>

#include "archive/tar_header.h"

namespace fathom::archive {
namespace {

// Past this a size is a lie, and sums of sizes stay far from overflow.
constexpr uint64_t kMostBytes = 1ull << 60;

uint64_t PaddingAfter(uint64_t size) { return (kTarBlock - size % kTarBlock) % kTarBlock; }

EntryType TypeOf(char type) {
  switch (type) {
    case '0':
    case '\0':
    case '7':  // contiguous file
    case 'S':  // old GNU sparse file
      return EntryType::kFile;
    case '1':
      return EntryType::kHardLink;
    case '2':
      return EntryType::kSymlink;
    case '3':
      return EntryType::kCharDevice;
    case '4':
      return EntryType::kBlockDevice;
    case '5':
      return EntryType::kDirectory;
    case '6':
      return EntryType::kFifo;
    default:
      return EntryType::kOther;
  }
}

}  // namespace

std::unexpected<Error> TarParser::Corrupt(std::string_view what) const {
  if (entry_.path.empty()) {
    return Fail(Code::kCorrupt, "tar header at byte {}: {}", header_offset_, what);
  }
  return Fail(Code::kCorrupt, "tar entry '{}' at byte {}: {}", entry_.path.substr(0, 200),
              header_offset_, what);
}

std::unexpected<Error> TarParser::Over(uint64_t Limits::* member, std::string_view what) const {
  return Wrap(OverLimit(member, limits_, what).error(), "tar entry '{}' at byte {}",
              entry_.path.substr(0, 200), header_offset_);
}

Result<TarParser::Event> TarParser::Next(ByteView& input) {
  while (true) {
    switch (state_) {
      case State::kHeader:
        if (!TakeBlock(input)) {
          return Event::kNeedInput;
        }
        TRY(OnHeaderBlock());
        if (state_ == State::kDone) {
          return Event::kEnd;
        }
        break;
      case State::kExtension:
        if (input.empty()) {
          return Event::kNeedInput;
        }
        TRY(TakeExtension(input));
        break;
      case State::kExtensionPadding:
      case State::kPadding:
        if (!Pass(padding_left_, input)) {
          return Event::kNeedInput;
        }
        state_ = State::kHeader;
        break;
      case State::kSparseHeader:
        if (!TakeBlock(input)) {
          return Event::kNeedInput;
        }
        TRY(OnSparseHeaderBlock());
        break;
      case State::kSparseMap:
        if (!TakeBlock(input)) {
          return Event::kNeedInput;
        }
        TRY(OnSparseMapBlock());
        break;
      case State::kEntryReady:
        state_ = State::kContent;
        return Event::kEntry;
      case State::kContent:
        return NextContent(input);
      case State::kDone:
        offset_ += input.size();
        input = {};
        return Event::kNeedInput;
    }
  }
}

Status TarParser::Finish() const {
  const bool between_entries = state_ == State::kHeader && block_filled_ == 0 && !extended_;
  // The padding behind the last content is often left out where the end mark is.
  if (between_entries || state_ == State::kDone || state_ == State::kPadding) {
    return {};
  }
  return Fail(
      Code::kCorrupt, "the tar archive ends early, at byte {}{}", offset_,
      entry_.path.empty() ? "" : fmt::format(", in entry '{}'", entry_.path.substr(0, 200)));
}

bool TarParser::TakeBlock(ByteView& input) {
  const size_t count = std::min(input.size(), kTarBlock - block_filled_);
  std::copy_n(input.begin(), count, block_.begin() + static_cast<ptrdiff_t>(block_filled_));
  input = input.subspan(count);
  offset_ += count;
  block_filled_ = (block_filled_ + count) % kTarBlock;
  return block_filled_ == 0 && count > 0;
}

// Passes over up to `count` bytes of input; true when none is left to pass.
bool TarParser::Pass(uint64_t& count, ByteView& input) {
  const auto step = static_cast<size_t>(std::min<uint64_t>(count, input.size()));
  input = input.subspan(step);
  offset_ += step;
  count -= step;
  return count == 0;
}

// Forgets everything about the latest entry.
void TarParser::StartOver() {
  pax_.clear();
  old_sparse_map_.clear();
  long_path_.clear();
  long_link_.clear();
  sparse_map_.clear();
  sparse_lines_ = 0;
  sparse_count_.reset();
  runs_.clear();
  run_ = 0;
  extended_ = false;
}

// ---- Headers

Status TarParser::OnHeaderBlock() {
  header_offset_ = offset_ - kTarBlock;
  if (block_[0] == 0 && AllZero(block_)) {
    if (extended_) {
      return Corrupt("the archive ends after an extension header");
    }
    state_ = State::kDone;
    return {};
  }
  entry_.path.clear();
  if (!ChecksumFits(block_)) {
    return Corrupt(header_offset_ == 0
                       ? "it is no tar archive, or a damaged one: the checksum does not match"
                       : "the checksum of the header does not match");
  }
  TRY(ReadHeaderFields());
  if (type_ == 'x' || type_ == 'g' || type_ == 'L' || type_ == 'K' || type_ == 'X') {
    return StartExtension(data_bytes_);
  }
  if (type_ == 'S') {
    // Without GNU's magic the fields are none of GNU's; Go's archive/tar refuses it, too.
    if (std::memcmp(block_.data() + offsetof(TarHeader, magic), "ustar ", 6) != 0) {
      return Corrupt("a sparse file of GNU's old form in a header that is not GNU's");
    }
    entry_.sparse = true;
    TRY(AddGnuRuns(GnuSparse::kHeaderRuns, GnuSparse::kHeaderRunCount));
    int64_t real_size = 0;
    const auto* text = reinterpret_cast<const char*>(block_.data());
    TRY(ReadNumber(text + GnuSparse::kRealSize, 12, "real size", real_size));
    entry_.size = static_cast<uint64_t>(real_size);
    if (block_[GnuSparse::kHeaderExtended] != 0) {
      state_ = State::kSparseHeader;
      return {};
    }
  }
  return OnHeaderComplete();
}

Status TarParser::ReadNumber(const char* field, size_t size, const char* name, int64_t& value) {
  auto number = FieldNumber(field, size);
  if (!number) {
    return Corrupt(fmt::format("{}: {}", name, number.error().message));
  }
  value = *number;
  return {};
}

Status TarParser::ReadHeaderFields() {
  const auto& header = *reinterpret_cast<const TarHeader*>(block_.data());
  const bool ustar = std::memcmp(header.magic, "ustar", 6) == 0;
  const bool gnu = std::memcmp(header.magic, "ustar ", 6) == 0;
  type_ = header.type;
  entry_.path.assign(ustar ? FieldText(header.prefix, sizeof(header.prefix)) : "");
  if (!entry_.path.empty()) {
    entry_.path += '/';
  }
  entry_.path += FieldText(header.name, sizeof(header.name));
  entry_.link.assign(FieldText(header.link, sizeof(header.link)));
  entry_.type = TypeOf(type_);
  entry_.sparse = false;
  entry_.xattrs.clear();
  entry_.header_offset = header_offset_;

  int64_t mode = 0;
  int64_t size = 0;
  int64_t major = 0;
  int64_t minor = 0;
  TRY(ReadNumber(header.mode, sizeof(header.mode), "mode", mode));
  TRY(ReadNumber(header.uid, sizeof(header.uid), "uid", entry_.uid));
  TRY(ReadNumber(header.gid, sizeof(header.gid), "gid", entry_.gid));
  TRY(ReadNumber(header.size, sizeof(header.size), "size", size));
  TRY(ReadNumber(header.mtime, sizeof(header.mtime), "mtime", entry_.mtime));
  if ((ustar || gnu) && (type_ == '3' || type_ == '4')) {
    TRY(ReadNumber(header.dev_major, sizeof(header.dev_major), "device", major));
    TRY(ReadNumber(header.dev_minor, sizeof(header.dev_minor), "device", minor));
  }
  if (size < 0) {
    return Corrupt("negative size");
  }
  entry_.mode = static_cast<uint32_t>(mode) & 07777;
  entry_.dev_major = static_cast<uint32_t>(major);
  entry_.dev_minor = static_cast<uint32_t>(minor);
  entry_.size = data_bytes_ = static_cast<uint64_t>(size);
  return {};
}

// All header blocks of an entry are in: puts the extensions to work.
Status TarParser::OnHeaderComplete() {
  if (!long_path_.empty()) {
    entry_.path = long_path_;
  }
  if (!long_link_.empty()) {
    entry_.link = long_link_;
  }
  if (!pax_.empty() || !global_pax_.empty()) {
    TRY(ApplyPax());
    TRY(ApplyPaxSparse());
  }
  if (type_ == '\0' && entry_.path.ends_with('/')) {
    entry_.type = EntryType::kDirectory;  // v7 has no other way to say so
  }
  if (!HasContent()) {
    // The size of a link or directory says nothing about data behind it, nor does a sparse map.
    data_bytes_ = 0;
    entry_.sparse = false;
    runs_.clear();
    state_ = State::kHeader;
  }
  stored_left_ = data_bytes_;
  position_ = 0;
  padding_left_ = PaddingAfter(data_bytes_);
  entry_.data_offset = offset_;
  TRY(CheckEntry());
  if (state_ == State::kSparseMap) {
    return {};
  }
  TRY(CheckSparse());
  entry_.stored_bytes = stored_left_;
  state_ = State::kEntryReady;
  return {};
}

bool TarParser::HasContent() const {
  return entry_.type == EntryType::kFile || entry_.type == EntryType::kOther;
}

Status TarParser::CheckEntry() {
  if (data_bytes_ > kMostBytes || entry_.size > kMostBytes) {
    return Corrupt(fmt::format("a size of {} bytes", std::max(data_bytes_, entry_.size)));
  }
  if (entry_.path.size() > limits_.path_bytes) {
    return Over(&Limits::path_bytes, fmt::format("a path of {} bytes", entry_.path.size()));
  }
  if (entry_.path.size() > limits_.path_components) {
    const auto slashes = static_cast<uint64_t>(std::ranges::count(entry_.path, '/'));
    if (slashes >= limits_.path_components) {
      return Over(&Limits::path_components, "its path");
    }
  }
  if (entry_.link.size() > limits_.link_bytes) {
    return Over(&Limits::link_bytes, fmt::format("a target of {} bytes", entry_.link.size()));
  }
  if (entry_.path.contains('\0') || entry_.link.contains('\0')) {
    return Corrupt("a NUL byte in its path or target");
  }
  return {};
}

// ---- Extension headers

Status TarParser::StartExtension(uint64_t size) {
  if (size > limits_.pax_bytes) {
    return Over(&Limits::pax_bytes, fmt::format("an extension header of {} bytes", size));
  }
  extension_type_ = type_;
  extension_left_ = size;
  padding_left_ = PaddingAfter(size);
  extension_.clear();
  extended_ = extended_ || type_ != 'g';
  state_ = State::kExtension;
  return size == 0 ? OnExtensionEnd() : Status{};
}

Status TarParser::TakeExtension(ByteView& input) {
  const auto count = static_cast<size_t>(std::min<uint64_t>(extension_left_, input.size()));
  extension_ += AsText(input.first(count));
  input = input.subspan(count);
  offset_ += count;
  extension_left_ -= count;
  return extension_left_ == 0 ? OnExtensionEnd() : Status{};
}

Status TarParser::OnExtensionEnd() {
  state_ = State::kExtensionPadding;
  switch (extension_type_) {
    case 'L':
      long_path_ = extension_.substr(0, extension_.find('\0'));
      return {};
    case 'K':
      long_link_ = extension_.substr(0, extension_.find('\0'));
      return {};
    case 'g':
      return ReadPaxRecords(extension_, true);
    default:
      return ReadPaxRecords(extension_, false);
  }
}

// ---- Content

TarParser::Event TarParser::EndEntry() {
  state_ = State::kPadding;
  StartOver();
  return Event::kEntryEnd;
}

TarParser::Event TarParser::NextContent(ByteView& input) {
  uint64_t run_left = stored_left_;
  if (entry_.sparse) {
    const uint64_t next = run_ < runs_.size() ? runs_[run_].offset : entry_.size;
    if (position_ < next) {
      hole_ = next - position_;
      position_ = next;
      return Event::kHole;
    }
    run_left = run_ < runs_.size() ? runs_[run_].offset + runs_[run_].size - position_ : 0;
  }
  if (run_left == 0) {
    return EndEntry();
  }
  if (input.empty()) {
    return Event::kNeedInput;
  }
  const auto count = static_cast<size_t>(std::min<uint64_t>(run_left, input.size()));
  data_ = input.first(count);
  input = input.subspan(count);
  offset_ += count;
  position_ += count;
  stored_left_ -= count;
  if (entry_.sparse && count == run_left) {
    ++run_;
  }
  return Event::kData;
}

uint64_t TarParser::SkipContent() {
  const uint64_t rest = stored_left_ + padding_left_;
  offset_ += rest;
  stored_left_ = padding_left_ = 0;
  StartOver();
  state_ = State::kHeader;
  return rest;
}

}  // namespace fathom::archive
