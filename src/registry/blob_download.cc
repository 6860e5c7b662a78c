#include "registry/blob_download.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "registry/foreign_blob.h"
#include "registry/verified_copy.h"

namespace fathom::registry {
namespace {

constexpr int kWhole = 200;                // HTTP: the whole blob rather than a range
constexpr uint64_t kNoteEvery = 16 << 20;  // bytes that a killed process may lose of each part
constexpr uint64_t kNotesBytes = 64 << 20;

Status WriteAt(int file, ByteView bytes, uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t put = ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (put < 0 && errno != EINTR) {
      return std::unexpected(SystemError(errno, "writing a blob"));
    }
    const auto count = static_cast<size_t>(std::max<ssize_t>(put, 0));
    bytes = bytes.subspan(count);
    offset += count;
  }
  return {};
}

struct Interval {
  uint64_t begin;
  uint64_t end;
};

// Lines of "BEGIN END", of which the last may have been cut off.
std::vector<Interval> ParseNotes(std::string_view text, uint64_t size) {
  std::vector<Interval> intervals;
  while (true) {
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) {
      break;
    }
    const std::string_view line = text.substr(0, end);
    Interval interval{};
    const char* last = line.data() + line.size();
    const auto first = std::from_chars(line.data(), last, interval.begin);
    if (first.ec == std::errc() && first.ptr != last) {
      const auto second = std::from_chars(first.ptr + 1, last, interval.end);
      if (second.ec == std::errc() && interval.begin < interval.end && interval.end <= size) {
        intervals.push_back(interval);
      }
    }
    text.remove_prefix(end + 1);
  }
  std::ranges::sort(intervals, {}, &Interval::begin);
  return intervals;
}

}  // namespace

BlobDownload::BlobDownload(BlobTask task, LayoutStore& store, std::atomic<uint64_t>& bytes)
    : task_(std::move(task)), store_(store), bytes_(bytes), hasher_(task_.digest.algorithm()) {}

BlobDownload::~BlobDownload() = default;

Status BlobDownload::Prepare() {
  const std::string path = store_.PartialPath(task_.digest);
  file_ = Fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  notes_ = Fd(::open((path + ".notes").c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (!file_.valid() || !notes_.valid()) {
    return std::unexpected(SystemError(errno, fmt::format("cannot open '{}'", path)));
  }
  ReadNotes();
  return {};
}

// The parts are what the notes do not have. Bytes that were written but not noted come again.
void BlobDownload::ReadNotes() {
  const auto text = ReadFile(store_.PartialPath(task_.digest) + ".notes", kNotesBytes);
  struct stat info{};
  const uint64_t there = ::fstat(file_.get(), &info) == 0 ? static_cast<uint64_t>(info.st_size) : 0;
  const MutexLock lock(mutex_);
  uint64_t at = 0;
  const auto add_gap = [&](uint64_t end) REQUIRES(mutex_) {
    if (at < end) {
      parts_.push_back(std::make_unique<Part>(Part{at, at, end}));
    }
  };
  for (const Interval& interval : ParseNotes(text.value_or(""), std::min(task_.size, there))) {
    add_gap(interval.begin);
    at = std::max(at, interval.end);
  }
  add_gap(task_.size);
  if (parts_.empty()) {  // also of a blob without bytes: somebody has to finish it
    parts_.push_back(std::make_unique<Part>(Part{task_.size, task_.size, task_.size}));
  }
}

void BlobDownload::Note(uint64_t begin, uint64_t end) {
  if (begin < end) {
    const std::string line = fmt::format("{} {}\n", begin, end);
    // Without a note the bytes are fetched again, and nothing else is lost.
    static_cast<void>(WriteAll(notes_.get(), AsBytes(line)));
  }
}

BlobDownload::Part* BlobDownload::Largest() const {
  Part* largest = nullptr;
  for (const auto& part : parts_) {
    if (part->taken && (largest == nullptr || part->end - part->at > largest->end - largest->at)) {
      largest = part.get();
    }
  }
  return largest;
}

BlobDownload::Part* BlobDownload::TakeLocked() {
  if (ended_ || !outcome_) {
    return nullptr;
  }
  const auto waiting = std::ranges::find_if(parts_, [](const auto& part) { return !part->taken; });
  if (waiting != parts_.end() && (working_ == 0 || shareable_)) {
    (*waiting)->taken = true;
    return waiting->get();
  }
  Part* const largest = Largest();
  if (!shareable_ || largest == nullptr || largest->end - largest->at < 2 * kLeastShared) {
    return nullptr;
  }
  const uint64_t middle = largest->at + (largest->end - largest->at) / 2;
  auto half = std::make_unique<Part>(Part{middle, middle, largest->end, true});
  largest->end = middle;
  Part* const taken = half.get();
  const auto behind =
      std::ranges::find_if(parts_, [&](const auto& part) { return part->begin > largest->begin; });
  parts_.insert(behind, std::move(half));
  return taken;
}

BlobDownload::Part* BlobDownload::Take() {
  const MutexLock lock(mutex_);
  Part* const part = TakeLocked();
  working_ += part != nullptr ? 1 : 0;
  return part;
}

bool BlobDownload::HasRoom() const {
  const MutexLock lock(mutex_);
  if (ended_ || !outcome_) {
    return false;
  }
  const bool waits = std::ranges::any_of(parts_, [](const auto& part) { return !part->taken; });
  const Part* const largest = Largest();
  return (waits && (working_ == 0 || shareable_)) ||
         (shareable_ && largest != nullptr && largest->end - largest->at >= 2 * kLeastShared);
}

// Writes bytes that belong at the part's place, as far as nobody else has taken them over. True
// when the part is complete.
Result<bool> BlobDownload::Put(Part& part, ByteView bytes) {
  uint64_t at = 0;
  {
    const MutexLock lock(mutex_);
    at = part.at;
    bytes = bytes.first(static_cast<size_t>(std::min<uint64_t>(bytes.size(), part.end - at)));
  }
  TRY(WriteAt(file_.get(), bytes, at));
  {
    const MutexLock lock(hashing_);
    if (hashed_ == at) {
      hasher_.Update(bytes);
      hashed_ += bytes.size();
    }
  }
  bytes_ += bytes.size();
  const MutexLock lock(mutex_);
  part.at = at + bytes.size();
  return part.at >= part.end;
}

std::expected<std::unique_ptr<ByteSource>, Refusal> BlobDownload::OpenRange(
    const ByteRange& range) {
  if (!task_.urls.empty()) {
    return OpenForeignBlob(*task_.registry, task_.urls);
  }
  auto stream = BlobStream::Open(*task_.registry, task_.repository, task_.digest, range);
  if (!stream) {
    return std::unexpected(std::move(stream).error());
  }
  if (const auto size = (*stream)->blob_bytes(); size && *size != task_.size) {
    return std::unexpected(Error{
        Code::kCorrupt, fmt::format("the blob has {} bytes, declared are {}", *size, task_.size)});
  }
  return *std::move(stream);
}

// To the part before, which is being read, or to whoever comes when nobody reads any more.
void BlobDownload::GiveBack(Part& part) {
  const MutexLock lock(mutex_);
  shareable_ = false;
  part.taken = false;
  const auto own =
      std::ranges::find_if(parts_, [&](const auto& one) { return one.get() == &part; });
  if (own == parts_.begin()) {
    return;
  }
  Part& before = **std::prev(own);
  if (before.taken && before.at < before.end && before.end == part.begin) {
    before.end = part.end;
    parts_.erase(own);
  }
}

std::expected<void, Refusal> BlobDownload::Fetch(Part& part) {
  ByteRange range;
  {
    const MutexLock lock(mutex_);
    range.begin = part.at;
    if (part.at >= part.end) {
      return {};
    }
    // To the end of the blob, if that is the part's, needs no range at all.
    if (part.end != task_.size) {
      range.end = part.end;
    }
    range.strict = working_ > 1;
  }
  auto stream = OpenRange(range);
  if (!stream && range.strict && stream.error().code == Code::kInvalidArgument &&
      stream.error().status == kWhole) {
    GiveBack(part);
    return {};
  }
  if (!stream) {
    return std::unexpected(std::move(stream).error());
  }
  return ReadInto(part, **stream, range.begin);
}

std::expected<void, Refusal> BlobDownload::ReadInto(Part& part, ByteSource& stream,
                                                    uint64_t begin) {
  std::vector<uint8_t> buffer(kPiece);
  uint64_t noted = begin;
  uint64_t at = begin;
  while (true) {
    auto got = stream.Read(buffer);
    if (!got) {
      Note(noted, at);
      return std::unexpected(std::move(got).error());
    }
    if (*got == 0) {
      Note(noted, at);
      return std::unexpected(Error{
          Code::kCorrupt, fmt::format("the blob ended after {} of {} bytes", at, task_.size)});
    }
    auto complete = Put(part, {buffer.data(), *got});
    if (!complete) {
      return std::unexpected(std::move(complete).error());
    }
    {
      const MutexLock lock(mutex_);
      at = part.at;
    }
    if (*complete) {
      Note(noted, at);
      return {};
    }
    if (at - noted >= kNoteEvery) {
      Note(noted, at);
      noted = at;
    }
  }
}

// The end of what is there without a gap from `offset` on.
uint64_t BlobDownload::DoneUpTo(uint64_t offset) const {
  for (const auto& part : parts_) {
    if (part->end > offset && part->at < part->end) {
      return std::max(offset, part->at);
    }
  }
  return task_.size;
}

// Hashes what other threads have written behind what is hashed, a piece at a time, so that nobody
// waits for all of it.
Status BlobDownload::CatchUp() {
  std::vector<uint8_t> buffer(kPiece);
  while (true) {
    const MutexLock hashing(hashing_);
    uint64_t until = 0;
    {
      const MutexLock lock(mutex_);
      until = DoneUpTo(hashed_);
    }
    if (hashed_ >= until) {
      return {};
    }
    const auto wanted = static_cast<size_t>(std::min<uint64_t>(buffer.size(), until - hashed_));
    const ssize_t got = ::pread(file_.get(), buffer.data(), wanted, static_cast<off_t>(hashed_));
    if (got <= 0) {
      return std::unexpected(SystemError(got < 0 ? errno : EIO, "reading a blob again"));
    }
    hasher_.Update({buffer.data(), static_cast<size_t>(got)});
    hashed_ += static_cast<uint64_t>(got);
  }
}

void BlobDownload::Forget() {
  const std::string path = store_.PartialPath(task_.digest);
  ::unlink((path + ".notes").c_str());
  ::unlink(path.c_str());
}

std::expected<void, Refusal> BlobDownload::Finish() {
  if (Status caught = CatchUp(); !caught) {
    return std::unexpected(std::move(caught).error());
  }
  Digest actual;
  {
    const MutexLock lock(hashing_);
    actual = hasher_.Finish();
  }
  if (actual != task_.digest) {
    Forget();
    return std::unexpected(Error{
        Code::kCorrupt, fmt::format("it has other content, of digest {}", actual.ToString())});
  }
  if (::ftruncate(file_.get(), static_cast<off_t>(task_.size)) != 0) {
    return std::unexpected(SystemError(errno, "ftruncate"));
  }
  if (Status committed = store_.Commit(task_.digest); !committed) {
    return std::unexpected(std::move(committed).error());
  }
  ::unlink((store_.PartialPath(task_.digest) + ".notes").c_str());
  return {};
}

bool BlobDownload::Work() {
  Part* const part = Take();
  if (part == nullptr) {
    return false;
  }
  auto fetched = Fetch(*part);
  if (Status caught = fetched ? CatchUp() : Status(); !caught) {
    fetched = std::unexpected(std::move(caught).error());
  }
  bool last = false;
  {
    const MutexLock lock(mutex_);
    --working_;
    if (!fetched) {
      if (outcome_) {
        outcome_ = std::move(fetched);
      }
    }
    const bool complete = std::ranges::all_of(
        parts_, [](const auto& one) { return one->taken && one->at >= one->end; });
    last = working_ == 0 && (complete || !outcome_);
  }
  if (!last) {
    return true;
  }
  bool well = false;
  {
    const MutexLock lock(mutex_);
    well = outcome_.has_value();
  }
  if (well) {
    auto finished = Finish();
    const MutexLock lock(mutex_);
    outcome_ = std::move(finished);
  }
  ended_ = true;
  return true;
}

uint64_t BlobDownload::bytes_there() const {
  const MutexLock lock(mutex_);
  uint64_t missing = 0;
  for (const auto& part : parts_) {
    missing += part->end - std::min(part->at, part->end);
  }
  return task_.size - missing;
}

std::expected<void, Refusal> BlobDownload::outcome() const {
  const MutexLock lock(mutex_);
  return outcome_;
}

}  // namespace fathom::registry
