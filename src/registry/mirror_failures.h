// What could not be mirrored, and why: a file that the next run reads.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "registry/client.h"

namespace fathom::registry {

struct MirrorFailure {
  std::string reference;
  std::string blob;  // digest; "" when the manifest could not be had
  std::string kind;  // "not-found", "denied", "rate-limit", "unavailable", "corrupt", "limit",
                     // "disk", "request"
  int status = 0;    // of HTTP; 0 when there was no answer
  std::string reason;
  uint64_t bytes = 0;     // of the blob, that had come
  unsigned attempts = 1;  // runs
  Code code = Code::kUnavailable;
};

// The kind of a failure, by which runs decide whether to try again.
std::string_view KindOf(const Refusal& refusal);
// Whether it may be gone when the same is asked another time.
bool MayPass(std::string_view kind);

// Thread-safe. At most one failure for each reference.
class MirrorFailures {
 public:
  // Reads what an earlier run wrote; a file that is not there is empty.
  static Result<std::unique_ptr<MirrorFailures>> Open(std::string path);

  // The earlier failure of an image; nothing when it has none.
  std::optional<MirrorFailure> Find(const std::string& reference) const;

  void Add(MirrorFailure failure);
  void Remove(const std::string& reference);  // it went well
  std::vector<MirrorFailure> all() const;
  // Failures of this run, by their order.
  std::vector<MirrorFailure> recent() const;

  // Replaces the file: CSV with a line that names the columns.
  Status Write() const;

 private:
  explicit MirrorFailures(std::string path) : path_(std::move(path)) {}

  const std::string path_;
  mutable Mutex mutex_;
  std::map<std::string, MirrorFailure> by_reference_ GUARDED_BY(mutex_);
  std::vector<std::string> recent_ GUARDED_BY(mutex_);
};

}  // namespace fathom::registry
