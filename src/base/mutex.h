// A mutex that clang's thread-safety analysis can follow, and a lock that waits.
#pragma once

#include <condition_variable>
#include <mutex>

#if defined(__clang__)
#define FATHOM_ANNOTATION(x) __attribute__((x))
#else
#define FATHOM_ANNOTATION(x)
#endif

#define GUARDED_BY(x) FATHOM_ANNOTATION(guarded_by(x))
#define REQUIRES(...) FATHOM_ANNOTATION(requires_capability(__VA_ARGS__))

namespace fathom {

class FATHOM_ANNOTATION(capability("mutex")) Mutex {
 public:
  void lock() FATHOM_ANNOTATION(acquire_capability()) { mutex_.lock(); }
  void unlock() FATHOM_ANNOTATION(release_capability()) { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

// Holds a Mutex for a scope.
class FATHOM_ANNOTATION(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) FATHOM_ANNOTATION(acquire_capability(mutex)) : mutex_(mutex) {
    mutex_.lock();
  }
  ~MutexLock() FATHOM_ANNOTATION(release_capability()) { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

// Waits on a Mutex that the caller holds.
using Condition = std::condition_variable_any;

}  // namespace fathom
