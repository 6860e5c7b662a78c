#include "registry/mirror_failures.h"

#include <algorithm>
#include <array>

#include "base/csv.h"
#include "base/io.h"
#include "base/number.h"

namespace fathom::registry {
namespace {

constexpr std::string_view kHeader = "reference,blob,kind,status,bytes,attempts,reason\n";
constexpr size_t kColumns = 7;
constexpr uint64_t kFileBytes = 4ull << 30;

}  // namespace

std::string_view KindOf(const Refusal& refusal) {
  constexpr int kTooMany = 429;
  if (refusal.status == kTooMany) {
    return "rate-limit";
  }
  switch (refusal.code) {
    case Code::kNotFound:
      return "not-found";
    case Code::kDenied:
      return "denied";
    case Code::kUnavailable:
      return "unavailable";
    case Code::kCorrupt:
      return "corrupt";
    case Code::kLimit:
      return "limit";
    case Code::kIo:
      return "disk";
    case Code::kCancelled:
      return "cancelled";
    case Code::kInvalidArgument:
      break;
  }
  return "request";
}

bool MayPass(std::string_view kind) {
  constexpr std::array<std::string_view, 5> kPassing = {"rate-limit", "unavailable", "corrupt",
                                                        "disk", "cancelled"};
  return std::ranges::find(kPassing, kind) != kPassing.end();
}

Result<std::unique_ptr<MirrorFailures>> MirrorFailures::Open(std::string path) {
  std::unique_ptr<MirrorFailures> failures(new MirrorFailures(path));
  const auto text = ReadFile(path, kFileBytes);
  if (!text && text.error().code != Code::kNotFound) {
    return std::unexpected(text.error());
  }
  std::string_view rest = text ? std::string_view(*text) : std::string_view();
  const MutexLock lock(failures->mutex_);
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    const std::vector<std::string> cells = SplitCsv(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (cells.size() != kColumns || cells[0] == "reference") {
      continue;
    }
    MirrorFailure failure;
    failure.reference = cells[0];
    failure.blob = cells[1];
    failure.kind = cells[2];
    failure.status = ParseNumber<int>(cells[3]).value_or(0);
    failure.bytes = ParseNumber<uint64_t>(cells[4]).value_or(0);
    failure.attempts = ParseNumber<unsigned>(cells[5]).value_or(0);
    failure.reason = cells[6];
    failures->by_reference_[failure.reference] = std::move(failure);
  }
  return failures;
}

std::optional<MirrorFailure> MirrorFailures::Find(const std::string& reference) const {
  const MutexLock lock(mutex_);
  const auto found = by_reference_.find(reference);
  return found == by_reference_.end() ? std::nullopt : std::optional(found->second);
}

void MirrorFailures::Add(MirrorFailure failure) {
  const MutexLock lock(mutex_);
  if (const auto before = by_reference_.find(failure.reference); before != by_reference_.end()) {
    failure.attempts = before->second.attempts + 1;
  }
  recent_.push_back(failure.reference);
  by_reference_[failure.reference] = std::move(failure);
}

void MirrorFailures::Remove(const std::string& reference) {
  const MutexLock lock(mutex_);
  by_reference_.erase(reference);
}

std::vector<MirrorFailure> MirrorFailures::all() const {
  const MutexLock lock(mutex_);
  std::vector<MirrorFailure> failures;
  failures.reserve(by_reference_.size());
  for (const auto& [reference, failure] : by_reference_) {
    failures.push_back(failure);
  }
  return failures;
}

std::vector<MirrorFailure> MirrorFailures::recent() const {
  const MutexLock lock(mutex_);
  std::vector<MirrorFailure> failures;
  for (const std::string& reference : recent_) {
    if (const auto found = by_reference_.find(reference); found != by_reference_.end()) {
      failures.push_back(found->second);
    }
  }
  return failures;
}

Status MirrorFailures::Write() const {
  std::string text(kHeader);
  for (const MirrorFailure& failure : all()) {
    text += fmt::format("{},{},{},{},{},{},{}\n", CsvField(failure.reference), failure.blob,
                        failure.kind, failure.status, failure.bytes, failure.attempts,
                        CsvField(failure.reason));
  }
  return WriteFileAtomically(path_, AsBytes(text), true);
}

}  // namespace fathom::registry
