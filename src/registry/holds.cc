#include "registry/holds.h"

#include <algorithm>

#include "base/csv.h"
#include "base/io.h"
#include "base/number.h"

namespace fathom::registry {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::string_view kFirstLine = "host,not_before\n";
constexpr size_t kFields = 2;
constexpr uint64_t kMostBytes = 16 << 20;
// What is remembered from run to run: a registry that errs, or lies, is asked again the next day.
constexpr std::chrono::hours kLongest{24};

}  // namespace

Status Holds::Read(const std::string& path) {
  const auto text = ReadFile(path, kMostBytes);
  if (!text) {
    return text.error().code == Code::kNotFound ? Status() : std::unexpected(text.error());
  }
  std::string_view rest = *text;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    const std::vector<std::string> cells = SplitCsv(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (const auto time =
            cells.size() == kFields ? ParseNumber<uint32_t>(cells[1]) : std::optional<uint32_t>()) {
      HoldUntil(cells[0],
                std::min(Clock::time_point(seconds(*time)), Clock::now() + seconds(kLongest)));
    }
  }
  return {};
}

Status Holds::Write(const std::string& path) const {
  std::string text(kFirstLine);
  {
    const MutexLock lock(mutex_);
    for (const auto& [host, time] : until_) {
      if (time > Clock::now()) {
        const auto unix_time = std::chrono::ceil<seconds>(time.time_since_epoch());
        text += fmt::format("{},{}\n", CsvField(host), unix_time.count());
      }
    }
  }
  return WriteFileAtomically(path, AsBytes(text), true);
}

void Holds::HoldUntil(const std::string& host, Clock::time_point time) {
  const MutexLock lock(mutex_);
  Clock::time_point& until = until_[host];
  until = std::max(until, time);
}

milliseconds Holds::Left(const std::string& host) const {
  const MutexLock lock(mutex_);
  const auto found = until_.find(host);
  return found == until_.end()
             ? milliseconds(0)
             : std::max(milliseconds(0),
                        std::chrono::ceil<milliseconds>(found->second - Clock::now()));
}

}  // namespace fathom::registry
