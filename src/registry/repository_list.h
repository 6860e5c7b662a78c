// The list of repositories that a crawl writes: CSV, as others read it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/io.h"
#include "registry/crawl_source.h"
#include "registry/name_set.h"

namespace fathom::registry {

// Appends rows. Not thread-safe.
class RepositoryList {
 public:
  enum class Columns {
    kAll,    // with a first line that names them
    kTags,   // registry,name,tag,digest,crawled, with a first line
    kField,  // star_count,pull_count,name and no first line, as docker-remetrics has it
  };

  // Opens the file, cut to its first `keep` bytes, and adds the names in it to `names`; 0 begins it
  // anew. Errors: kIo, kDenied; kCorrupt when the file is shorter than that.
  static Result<RepositoryList> Open(const std::string& path, Columns columns, uint64_t keep,
                                     NameSet& names);

  // Adds a row. `found_by` says how it was found: "search:ab".
  void Add(const FoundRepository& found, std::string_view registry, std::string_view found_by,
           std::string_view time);
  // Bytes, those that Flush() is to write included.
  uint64_t bytes() const { return bytes_; }
  Status Flush();

 private:
  RepositoryList(Fd file, Columns columns) : file_(std::move(file)), columns_(columns) {}
  Status ReadNames(const std::string& path, NameSet& names);

  Fd file_;
  Columns columns_;
  uint64_t bytes_ = 0;
  std::string unwritten_;
};

}  // namespace fathom::registry
