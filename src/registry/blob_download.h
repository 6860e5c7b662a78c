// One blob on its way into a layout: fetched by one thread, or by several in ranges, verified, and
// gone on with where an earlier process was killed.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/io.h"
#include "base/mutex.h"
#include "registry/blob_stream.h"
#include "registry/layout_store.h"
#include "registry/registry.h"

namespace fathom::registry {

// What is to be fetched, and from where.
struct BlobTask {
  Registry* registry = nullptr;
  std::string repository;  // one that has it
  Digest digest;
  uint64_t size = 0;                   // as declared
  std::vector<std::string> urls = {};  // of a foreign layer: where it lies
};

// Thread-safe. Threads call Work(), each as long as it finds something to do: the first reads the
// blob from the front, and each further one takes the latter half of the largest part that nobody
// has read yet. The bytes are hashed in order, as soon as all before them are there.
class BlobDownload {
 public:
  // A part that is not larger is not shared any more: to ask for it would take longer.
  static constexpr uint64_t kLeastShared = 1 << 20;

  // `store` outlives it. `bytes` counts what came.
  BlobDownload(BlobTask task, LayoutStore& store, std::atomic<uint64_t>& bytes);
  ~BlobDownload();
  BlobDownload(const BlobDownload&) = delete;
  BlobDownload& operator=(const BlobDownload&) = delete;

  const BlobTask& task() const { return task_; }

  // Opens what an earlier process left. Errors: kIo, kDenied.
  Status Prepare();

  // Does a part of it; false when there is nothing (more) for this thread. The thread that finishes
  // the last part verifies the whole and gives it its name; its Work() returns true, and then
  // ended() is set.
  bool Work();

  // Whether another thread would find something to do that is worth it.
  bool HasRoom() const;

  // Bytes of the blob that have come, in this run or an earlier one.
  uint64_t bytes_there() const;

  bool ended() const { return ended_; }
  // How it ended: the first error of any part. kCorrupt when the bytes are not those of the digest.
  std::expected<void, Refusal> outcome() const;

 private:
  // Bytes [at, end) that one thread reads.
  struct Part {
    uint64_t begin;
    uint64_t at;
    uint64_t end;
    bool taken = false;
  };

  Part* Take();
  Part* TakeLocked() REQUIRES(mutex_);
  Part* Largest() const REQUIRES(mutex_);
  std::expected<void, Refusal> Fetch(Part& part);
  std::expected<std::unique_ptr<ByteSource>, Refusal> OpenRange(const ByteRange& range);
  std::expected<void, Refusal> ReadInto(Part& part, ByteSource& stream, uint64_t begin);
  void GiveBack(Part& part);
  Result<bool> Put(Part& part, ByteView bytes);
  void Note(uint64_t begin, uint64_t end);
  Status CatchUp();
  uint64_t DoneUpTo(uint64_t offset) const REQUIRES(mutex_);
  std::expected<void, Refusal> Finish();
  void ReadNotes();
  void Forget();

  const BlobTask task_;
  LayoutStore& store_;
  std::atomic<uint64_t>& bytes_;
  Fd file_;
  Fd notes_;  // which bytes are there, for the next process
  std::atomic<bool> ended_ = false;

  mutable Mutex mutex_;
  std::vector<std::unique_ptr<Part>> parts_ GUARDED_BY(mutex_);  // in their order
  bool shareable_ GUARDED_BY(mutex_) = true;  // the registry keeps to ranges, as far as is known
  unsigned working_ GUARDED_BY(mutex_) = 0;
  std::expected<void, Refusal> outcome_ GUARDED_BY(mutex_);

  Mutex hashing_;
  Hasher hasher_ GUARDED_BY(hashing_);
  uint64_t hashed_ GUARDED_BY(hashing_) = 0;
};

}  // namespace fathom::registry
