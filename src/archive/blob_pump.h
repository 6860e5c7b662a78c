// Reads one blob once: from its stored bytes to decoded bytes to a sink, with the digests of both
// sides taken in the same pass. A layer is read by whoever is free.
//
// The problem. Inflating cannot be split over threads, hashing and parsing can be moved to another
// one. Of a single large layer, two threads should share the work; of many layers, each thread
// should read one of its own and pass nothing over, because passing costs. And the last, largest
// layer of many should get help as soon as a thread runs out of layers.
//
// The method. A pump has three steps: fill (read and decode into a chunk), digest (hash a chunk)
// and sink (hand the chunk to the parser). The owner, the thread in Run(), fills chunks in order.
// The two other steps take each chunk in the same order, each one chunk at a time, but on any
// thread. While nobody helps, the owner takes every chunk through all steps at once, while it is
// in the cache. A thread that has no blob of its own helps in the crew: it takes steps of any pump
// that has chunks waiting. When the chunks are used up the owner takes steps too, or waits.
//
// What it costs: a lock per chunk and step (some ten thousand for a gigabyte), and the copy of the
// compressed bytes into the chunk (1 % of inflating them).
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <optional>
#include <vector>

#include "archive/decoder.h"
#include "base/digest.h"
#include "base/io.h"
#include "base/mutex.h"

namespace fathom::archive {

// Takes decoded bytes in order. Called by one thread at a time, not always the same one.
class ChunkSink {
 public:
  virtual ~ChunkSink() = default;
  virtual Status Consume(ByteView decoded) = 0;
  virtual Status Finish() = 0;  // the stream is complete
};

// What the pass found out about the blob.
struct BlobFacts {
  Compression compression = Compression::kNone;
  Digest blob_digest;  // of the bytes as stored
  uint64_t blob_bytes = 0;
  Digest diff_id;  // of the decoded bytes
  uint64_t decoded_bytes = 0;
};

class BlobPump;

// The threads that read blobs together. Thread-safe.
class PumpCrew {
 public:
  // A thread with no blob of its own takes steps of the others' until Close().
  void Help();
  void Close();

 private:
  friend class BlobPump;

  // Decoded bytes and, of a compressed blob, the stored bytes they came from.
  struct Chunk {
    std::unique_ptr<uint8_t[]> decoded;
    std::unique_ptr<uint8_t[]> raw;
    size_t decoded_size = 0;
    size_t raw_size = 0;
  };

  std::unique_ptr<Chunk> TakeChunk() REQUIRES(mutex_);

  Mutex mutex_;
  Condition changed_;
  std::vector<BlobPump*> pumps_ GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<Chunk>> spare_ GUARDED_BY(mutex_);
  int helpers_ GUARDED_BY(mutex_) = 0;
  bool closed_ GUARDED_BY(mutex_) = false;
};

struct PumpOptions {
  DigestAlgorithm blob_algorithm = DigestAlgorithm::kSha256;
  DigestAlgorithm diff_algorithm = DigestAlgorithm::kSha256;
  std::atomic<uint64_t>* progress = nullptr;     // grows by the stored bytes read
  std::atomic<uint64_t>* image_bytes = nullptr;  // grows with the bytes that are decoded; limited
};

class BlobPump {
 public:
  // All must outlive the pump.
  BlobPump(PumpCrew& crew, ByteSource& source, ChunkSink& sink, const Limits& limits,
           PumpOptions options);
  ~BlobPump();
  BlobPump(const BlobPump&) = delete;
  BlobPump& operator=(const BlobPump&) = delete;

  // Reads the blob to its end. The error that stands first in the stream is the one returned,
  // whichever thread met another before. Called once.
  Result<BlobFacts> Run();

 private:
  friend class PumpCrew;
  using Chunk = PumpCrew::Chunk;

  // The steps that follow filling.
  enum StepName { kDigest, kSink, kSteps };
  struct StepState {
    uint64_t done = 0;  // chunks
    bool busy = false;
  };

  Status Fill(Chunk& chunk);
  Status CountInImage(uint64_t decoded);
  Status FillPlain(Chunk& chunk);
  Status FillDecoded(Chunk& chunk);
  Status ReadInput();
  void Take(StepName step, const Chunk& chunk);
  bool TakeStep() REQUIRES(crew_.mutex_);
  // For the pump's own crew, which holds its mutex; the analysis cannot tell that it is the same.
  static bool TakeStepOf(BlobPump& pump) FATHOM_ANNOTATION(no_thread_safety_analysis) {
    return pump.TakeStep();
  }
  void MakeRoom() REQUIRES(crew_.mutex_);
  void CatchUp() REQUIRES(crew_.mutex_);
  void Retire() REQUIRES(crew_.mutex_);
  Status Produce();
  Result<BlobFacts> Conclude(Status produced);

  PumpCrew& crew_;
  ByteSource& source_;
  ChunkSink& sink_;
  const Limits& limits_;
  PumpOptions options_;

  // Of the owner alone.
  std::optional<Compression> compression_;
  std::unique_ptr<Decoder> decoder_;
  std::unique_ptr<uint8_t[]> input_buffer_;
  ByteView input_;
  bool input_ended_ = false;
  bool ended_ = false;
  BlobFacts facts_;

  // Of the step that is busy.
  Hasher blob_hasher_;
  Hasher diff_hasher_;
  bool hash_sides_apart_ = false;
  Status sink_status_;

  // Chunks [retired_, published_) wait for steps, in the slots of their numbers.
  static constexpr size_t kSlots = 16;
  std::array<std::unique_ptr<Chunk>, kSlots> slots_ GUARDED_BY(crew_.mutex_);
  uint64_t retired_ GUARDED_BY(crew_.mutex_) = 0;
  uint64_t published_ GUARDED_BY(crew_.mutex_) = 0;
  std::array<StepState, kSteps> steps_ GUARDED_BY(crew_.mutex_);
  std::atomic<bool> sink_failed_ = false;
};

}  // namespace fathom::archive
