#include "registry/frontier.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <map>

#include "base/number.h"

namespace fathom::registry {
namespace {

constexpr std::string_view kHeader = "fathom crawl 1\n";

std::string NameOf(const CrawlTask& task) { return task.kind + task.key; }

std::string Pack(const CrawlTask& task) {
  return task.cursor.empty() ? NameOf(task) : NameOf(task) + "\t" + task.cursor;
}

CrawlTask Unpack(std::string_view packed) {
  CrawlTask task;
  task.kind = packed[0];
  const size_t tab = packed.find('\t');
  task.key = packed.substr(1, tab == std::string_view::npos ? tab : tab - 1);
  task.cursor = tab == std::string_view::npos ? "" : packed.substr(tab + 1);
  return task;
}

// Calls `take` with the sign and the rest of each whole line.
template <typename Take>
void ForEachLine(std::string_view text, Take take) {
  while (true) {
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) {
      return;  // a line that was not finished was not told
    }
    if (end >= 2) {
      take(text[0], text.substr(1, end - 1));
    }
    text.remove_prefix(end + 1);
  }
}

// The file, as long as it is looked at.
class Mapping {
 public:
  Mapping(int file, size_t size)
      : size_(size), data_(::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0)) {}
  ~Mapping() {
    if (data_ != MAP_FAILED) {
      ::munmap(data_, size_);
    }
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  bool valid() const { return data_ != MAP_FAILED; }
  std::string_view text() const { return {static_cast<const char*>(data_), size_}; }

 private:
  const size_t size_;
  void* const data_;
};

}  // namespace

Result<std::unique_ptr<Frontier>> Frontier::Open(const std::string& path) {
  Fd file(::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666));
  if (!file.valid()) {
    return std::unexpected(SystemError(errno, fmt::format("cannot open '{}'", path)));
  }
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    return Fail(Code::kUnavailable, "another process crawls with '{}' at the moment", path);
  }
  struct stat info{};
  if (::fstat(file.get(), &info) != 0) {
    return std::unexpected(SystemError(errno, path));
  }
  std::unique_ptr<Frontier> frontier(new Frontier(std::move(file)));
  if (info.st_size == 0) {
    frontier->unwritten_ = kHeader;
    return frontier;
  }
  const Mapping mapping(frontier->file_.get(), static_cast<size_t>(info.st_size));
  if (!mapping.valid()) {
    return std::unexpected(SystemError(errno, fmt::format("reading '{}'", path)));
  }
  if (Status replayed = frontier->Replay(mapping.text()); !replayed) {
    return Wrap(std::move(replayed).error(), "'{}'", path);
  }
  if (!mapping.text().ends_with('\n')) {
    frontier->unwritten_ = "\n";  // ends what a killed process began
  }
  return frontier;
}

// First what has ended, and how far what has not is; then what is left, in its order.
Status Frontier::Replay(std::string_view text) {
  if (!text.starts_with(kHeader)) {
    return Fail(Code::kCorrupt, "no journal of a crawl");
  }
  text.remove_prefix(kHeader.size());
  resumed_ = true;
  NameSet ended;
  // What says no length leaves the one before.
  const auto take_length = [this](std::string_view number) {
    list_bytes_ = ParseNumber<uint64_t>(number).value_or(list_bytes_);
  };
  std::map<std::string, std::string, std::less<>> cursors;
  ForEachLine(text, [&](char sign, std::string_view rest) {
    const size_t tab = rest.find('\t');
    const std::string_view name = rest.substr(0, tab);
    if (sign == '.') {
      ended.Add(name, NameSet::kFirst);
      cursors.erase(std::string(name));
      take_length(rest.substr(std::min(tab, rest.size() - 1) + 1));
    } else if (sign == '>' && tab != std::string_view::npos) {
      const size_t second = std::min(rest.find('\t', tab + 1), rest.size());
      cursors[std::string(name)] = rest.substr(tab + 1, second - tab - 1);
      take_length(rest.substr(std::min(second + 1, rest.size())));
    } else if (sign == 'w') {
      not_before_ = static_cast<int64_t>(ParseNumber<uint64_t>(rest.substr(1)).value_or(0));
    }
  });
  ForEachLine(text, [&](char sign, std::string_view rest) {
    if (sign != '+' || !known_.Add(rest, NameSet::kFirst) || ended.Contains(rest)) {
      return;
    }
    const auto cursor = cursors.find(rest);
    waiting_.push_back(cursor == cursors.end() ? std::string(rest)
                                               : fmt::format("{}\t{}", rest, cursor->second));
  });
  return {};
}

void Frontier::Add(const CrawlTask& task) {
  const std::string name = NameOf(task);
  if (name.find_first_of("\t\n") != std::string::npos || !known_.Add(name, NameSet::kFirst)) {
    return;
  }
  unwritten_ += "+" + name + "\n";
  waiting_.push_back(Pack(task));
}

std::optional<CrawlTask> Frontier::Take() {
  if (waiting_.empty()) {
    return std::nullopt;
  }
  CrawlTask task = Unpack(waiting_.front());
  waiting_.pop_front();
  ++open_;
  return task;
}

void Frontier::GiveBack(const CrawlTask& task) {
  --open_;
  waiting_.push_back(Pack(task));
}

void Frontier::TookPage(const CrawlTask& task, const std::string& next, uint64_t list_bytes) {
  --open_;
  list_bytes_ = list_bytes;
  unwritten_ += fmt::format(">{}\t{}\t{}\n", NameOf(task), next, list_bytes);
  // At the front: lists that were begun are read to their ends first.
  waiting_.push_front(NameOf(task) + "\t" + next);
}

void Frontier::Ended(const CrawlTask& task, uint64_t list_bytes) {
  --open_;
  list_bytes_ = list_bytes;
  unwritten_ += fmt::format(".{}\t{}\n", NameOf(task), list_bytes);
}

void Frontier::HoldUntil(int64_t unix_seconds) {
  not_before_ = unix_seconds;
  unwritten_ += fmt::format("w {}\n", unix_seconds);
}

Status Frontier::Flush() {
  TRY(WriteAll(file_.get(), AsBytes(unwritten_)));
  unwritten_.clear();
  return {};
}

}  // namespace fathom::registry
