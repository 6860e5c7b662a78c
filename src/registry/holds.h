// Hosts that want no requests for a while, so that a later run leaves them alone as well.
//
// The file is CSV: the host as HOST[:PORT], and the Unix time before which it is not asked.
#pragma once

#include <chrono>
#include <map>
#include <string>

#include "base/mutex.h"
#include "base/result.h"

namespace fathom::registry {

// Thread-safe.
class Holds {
 public:
  using Clock = std::chrono::system_clock;

  // Keeps to what an earlier run wrote; a file that is not there is empty. Errors: kIo, kDenied.
  Status Read(const std::string& path);
  // Replaces the file by what still holds. Errors: likewise.
  Status Write(const std::string& path) const;

  // Nobody asks the host before then.
  void HoldUntil(const std::string& host, Clock::time_point time);
  // For how long nobody may ask it; zero when somebody may.
  std::chrono::milliseconds Left(const std::string& host) const;

 private:
  mutable Mutex mutex_;
  std::map<std::string, Clock::time_point> until_ GUARDED_BY(mutex_);
};

}  // namespace fathom::registry
