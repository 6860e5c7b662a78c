#include "registry/crawl.h"

#include <ctime>
#include <thread>

namespace fathom::registry {
namespace {

constexpr unsigned kMostAttempts = 3;  // of a task, each of several requests
constexpr unsigned kMostFailuresInARow = 20;
constexpr size_t kLeastOfBoth = 10;  // found in both ways, for an estimate that says something

std::string FoundBy(const CrawlTask& task) {
  switch (task.kind) {
    case 's':
      return "search:" + task.key;
    case 'n':
      return "namespace:" + task.key;
    case 'r':
      return "seed";
    default:
      return "catalog";
  }
}

}  // namespace

std::string TimeNow() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  char text[32];
  const size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return {text, size};
}

Crawl::Crawl(CrawlSource& source, Frontier& frontier, RepositoryList& list, NameSet& names,
             const Settings& settings, CrawlOptions options)
    : source_(source),
      settings_(settings),
      options_(std::move(options)),
      frontier_(frontier),
      list_(list),
      names_(names) {}

Status Crawl::Run() {
  {
    const MutexLock lock(mutex_);
    for (const CrawlTask& root : source_.Roots()) {
      frontier_.Add(root);
    }
    while (options_.next_seed) {
      const auto seed = options_.next_seed();
      if (!seed) {
        break;
      }
      frontier_.Add(*seed);
    }
    Write();
  }
  {
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < std::max(options_.threads, 1u); ++i) {
      threads.emplace_back([this] { Work(); });
    }
  }
  const MutexLock lock(mutex_);
  if (failed_) {
    return std::unexpected(*failed_);
  }
  return settings_.stop.stop_requested() ? Fail(Code::kCancelled, "it was asked to stop")
                                         : Status();
}

std::optional<CrawlTask> Crawl::TakeTask() {
  const MutexLock lock(mutex_);
  while (!settings_.stop.stop_requested() && !failed_) {
    if (auto task = frontier_.Take()) {
      return task;
    }
    if (frontier_.open() == 0) {
      break;
    }
    changed_.wait_until(mutex_, std::chrono::steady_clock::now() + std::chrono::milliseconds(200));
  }
  changed_.notify_all();
  return std::nullopt;
}

void Crawl::Work() {
  while (const auto task = TakeTask()) {
    auto page = source_.Fetch(*task);
    const MutexLock lock(mutex_);
    if (page) {
      TakePage(*task, *page);
    } else {
      TakeRefusal(*task, page.error());
    }
    Write();
    changed_.notify_all();
  }
}

// First what was found, then that it was: who is killed between the two finds it again.
void Crawl::Write() {
  Status written = list_.Flush();
  if (written) {
    written = frontier_.Flush();
  }
  if (!written && !failed_) {
    failed_ = std::move(written).error();
  }
}

void Crawl::TakePage(const CrawlTask& task, const CrawlPage& page) {
  failures_in_a_row_ = 0;
  ++summary_.pages;
  summary_.cut += page.cut ? 1 : 0;
  const std::string time = TimeNow();
  const NameSet::Mark mark = task.kind == 'n' ? NameSet::kSecond : NameSet::kFirst;
  for (const FoundRepository& found : page.found) {
    // Tags are listed repository by repository, so none comes twice.
    if (!found.tag.empty() || names_.Add(found.name, mark)) {
      ++summary_.fresh;
      list_.Add(found, source_.registry(), FoundBy(task), time);
    }
  }
  for (const CrawlTask& came_up : page.tasks) {
    frontier_.Add(came_up);
  }
  if (page.next.empty()) {
    frontier_.Ended(task, list_.bytes());
  } else {
    frontier_.TookPage(task, page.next, list_.bytes());
  }
}

void Crawl::TakeRefusal(const CrawlTask& task, const Refusal& refusal) {
  const bool stopped = refusal.code == Code::kCancelled;
  if (refusal.retry_after && *refusal.retry_after > settings_.patience) {
    frontier_.HoldUntil(std::time(nullptr) + refusal.retry_after->count());
    failed_ = refusal;
  }
  if (stopped || failed_) {
    frontier_.GiveBack(task);
    return;
  }
  if (++failures_in_a_row_ >= kMostFailuresInARow) {
    failed_ =
        Error{Code::kUnavailable, fmt::format("{} requests in a row have failed, the last: {}",
                                              kMostFailuresInARow, refusal.message)};
  }
  if (refusal.code == Code::kUnavailable && ++attempts_[task.kind + task.key] < kMostAttempts) {
    frontier_.GiveBack(task);
    return;
  }
  // Not ended: the next run tries it again.
  ++summary_.failed;
  frontier_.Drop();
}

CrawlSummary Crawl::Summary() const {
  const MutexLock lock(mutex_);
  CrawlSummary summary = summary_;
  summary.repositories = names_.size();
  summary.waiting = frontier_.waiting() + frontier_.open();
  summary.complete = summary.waiting == 0 && summary.failed == 0;
  const uint64_t both = names_.Count(NameSet::kFirst | NameSet::kSecond);
  const uint64_t first = names_.Count(NameSet::kFirst) + both;
  const uint64_t second = names_.Count(NameSet::kSecond) + both;
  if (both >= kLeastOfBoth && !frontier_.resumed()) {
    summary.estimate = first * second / both;
  }
  return summary;
}

}  // namespace fathom::registry
