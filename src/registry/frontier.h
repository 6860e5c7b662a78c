// What a crawl has still to ask for, kept in a file: a process that is killed goes on from its last
// page.
//
// The file is a journal of lines, only ever appended to:
//   +KIND KEY                 a task came up
//   >KIND KEY <tab> CURSOR <tab> BYTES   a page of it was taken; the next begins at CURSOR
//   .KIND KEY <tab> BYTES     it has ended
//   w SECONDS                 nobody is to ask before that time (Unix)
// BYTES is how long the list of what was found was then: what stands behind that was written by a
// process that was killed before it could say so, and is cut off.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/io.h"
#include "registry/crawl_source.h"
#include "registry/name_set.h"

namespace fathom::registry {

// Not thread-safe.
class Frontier {
 public:
  // Reads the journal, or begins one. Errors: kIo, kDenied; kCorrupt for a file that is no journal;
  // kUnavailable when another process has it open.
  static Result<std::unique_ptr<Frontier>> Open(const std::string& path);

  // Whether a crawl was begun here before.
  bool resumed() const { return resumed_; }
  uint64_t list_bytes() const { return list_bytes_; }
  int64_t not_before() const { return not_before_; }

  // Adds a task unless it is known. Written with the next Flush().
  void Add(const CrawlTask& task);
  // The next one; it stays open until its end is told.
  std::optional<CrawlTask> Take();
  // Back to the end of the queue, to be tried again.
  void GiveBack(const CrawlTask& task);
  // Leaves it to the next run.
  void Drop() { --open_; }
  void TookPage(const CrawlTask& task, const std::string& next, uint64_t list_bytes);
  void Ended(const CrawlTask& task, uint64_t list_bytes);
  void HoldUntil(int64_t unix_seconds);

  // Hands what was told to the system: then a process may be killed without losing it.
  Status Flush();

  size_t waiting() const { return waiting_.size(); }
  size_t open() const { return open_; }  // taken, and not at their end
  size_t known() const { return known_.size(); }

 private:
  explicit Frontier(Fd file) : file_(std::move(file)) {}
  Status Replay(std::string_view text);

  Fd file_;
  bool resumed_ = false;
  uint64_t list_bytes_ = 0;
  int64_t not_before_ = 0;
  NameSet known_;
  std::deque<std::string> waiting_;  // as their lines stand: kind, key, tab, cursor
  size_t open_ = 0;
  std::string unwritten_;
};

}  // namespace fathom::registry
