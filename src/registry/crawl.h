// Lists the repositories of a registry, each once, as far as the registry lets itself be listed.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "registry/crawl_source.h"
#include "registry/frontier.h"
#include "registry/repository_list.h"
#include "registry/settings.h"

namespace fathom::registry {

struct CrawlOptions {
  unsigned threads = 4;
  // Tasks beside the roots of the source, one at a time; nothing when there are no more.
  std::function<std::optional<CrawlTask>()> next_seed;
};

// What a crawl found, and how much of it there may be. Numbers of all its runs, but for requests.
struct CrawlSummary {
  uint64_t repositories = 0;
  uint64_t fresh = 0;   // of this run
  uint64_t pages = 0;   // of this run
  uint64_t failed = 0;  // tasks of this run that could not be done
  uint64_t cut = 0;     // lists whose end cannot be seen
  size_t waiting = 0;
  bool complete = false;
  // How many there are, from how many were found by search, by listing namespaces and by both
  // (Lincoln and Petersen); nothing when too few were found by both, or when the crawl was
  // interrupted, as what was found again is not kept.
  std::optional<uint64_t> estimate;
};

// The time now as lists have it: RFC 3339, in UTC and whole seconds.
std::string TimeNow();

class Crawl {
 public:
  // All of them outlive it. `names` are those that `list` has already.
  Crawl(CrawlSource& source, Frontier& frontier, RepositoryList& list, NameSet& names,
        const Settings& settings, CrawlOptions options);

  // Blocks until nothing is left, or a stop was asked for (kCancelled). Errors: kUnavailable when
  // the service answers nothing any more; those of writing. What was found stays.
  Status Run();
  CrawlSummary Summary() const;

 private:
  void Work();
  std::optional<CrawlTask> TakeTask();
  void TakePage(const CrawlTask& task, const CrawlPage& page) REQUIRES(mutex_);
  void TakeRefusal(const CrawlTask& task, const Refusal& refusal) REQUIRES(mutex_);
  void Write() REQUIRES(mutex_);

  CrawlSource& source_;
  const Settings& settings_;
  const CrawlOptions options_;
  mutable Mutex mutex_;
  Condition changed_;
  Frontier& frontier_ GUARDED_BY(mutex_);
  RepositoryList& list_ GUARDED_BY(mutex_);
  NameSet& names_ GUARDED_BY(mutex_);
  CrawlSummary summary_ GUARDED_BY(mutex_);
  std::map<std::string, unsigned> attempts_ GUARDED_BY(mutex_);  // of tasks that failed
  unsigned failures_in_a_row_ GUARDED_BY(mutex_) = 0;
  std::optional<Error> failed_ GUARDED_BY(mutex_);
};

}  // namespace fathom::registry
