// Decoding a layer on one thread and hashing it on another, for fathom-limit. See limit.cc.
//
// Which thread does what, and the buffer sizes, come from measurements (a gzip layer of 625.9 MB,
// 2 cores): both digests on the consumer 0.716 s, the compressed side's on the inflating thread
// 0.827 s, one thread 1.106 s; buffers of 32K 0.892 s, 64K 0.848 s, 128K 0.819 s, 256K 0.827 s,
// 1M 0.821 s.

#ifndef FATHOM_BENCH_LIMIT_DECODE_H_
#define FATHOM_BENCH_LIMIT_DECODE_H_

#include <isa-l/igzip_lib.h>
#include <zstd.h>

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "limit_work.h"

namespace fathom_limit {

constexpr size_t kInputSize = 128 << 10;
constexpr size_t kOutputSize = 256 << 10;
constexpr size_t kRingSlots = 8;

// One piece of work for the hashing side: compressed bytes as read (or none), and decoded bytes.
// The decoder may go on reading `input` while later slots are filled; a slot's input is only
// overwritten when the slot comes round again and all earlier input was decoded.
struct Slot {
  size_t input_size = 0;
  size_t output_size = 0;
  std::vector<uint8_t> input = std::vector<uint8_t>(kInputSize);
  std::vector<uint8_t> output = std::vector<uint8_t>(kOutputSize);
};

// What happens to decoded bytes.
struct Consumer {
  void Take(const Slot& slot) {
    blob.Update(slot.input.data(), slot.input_size);
    diff.Update(slot.output.data(), slot.output_size);
    walk.Feed(slot.output.data(), slot.output_size);
    bytes_in += slot.input_size;
    bytes_out += slot.output_size;
  }

  Sha256 blob;
  Sha256 diff;
  TarWalk walk;
  uint64_t bytes_in = 0;
  uint64_t bytes_out = 0;
};

// Hands slots from the decoding thread to the hashing thread, in order. With `threaded` false the
// consumer runs in Commit.
class Ring {
 public:
  Ring(Consumer& consumer, bool threaded) : consumer_(consumer), slots_(threaded ? kRingSlots : 1) {
    if (threaded) {
      thread_ = std::thread([this] { Run(); });
    }
  }

  Slot& Acquire() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return filled_ - taken_ < slots_.size(); });
    Slot& slot = slots_[filled_ % slots_.size()];
    slot.input_size = slot.output_size = 0;
    return slot;
  }

  void Commit() {
    if (!thread_.joinable()) {
      return consumer_.Take(slots_[0]);
    }
    {
      const std::lock_guard lock(mutex_);
      ++filled_;
    }
    changed_.notify_one();
  }

  void Finish() {
    if (!thread_.joinable()) {
      return;
    }
    {
      const std::lock_guard lock(mutex_);
      finished_ = true;
    }
    changed_.notify_one();
    thread_.join();
  }

 private:
  void Run() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return taken_ < filled_ || finished_; });
      if (taken_ == filled_) {
        return;
      }
      const Slot& slot = slots_[taken_ % slots_.size()];
      lock.unlock();
      consumer_.Take(slot);
      lock.lock();
      ++taken_;
      changed_.notify_one();
    }
  }

  Consumer& consumer_;
  std::vector<Slot> slots_;
  std::mutex mutex_;
  std::condition_variable changed_;
  size_t filled_ = 0;
  size_t taken_ = 0;
  bool finished_ = false;
  std::thread thread_;  // last: ends before what it uses
};

// ISA-L's crc leaves the upper halves of the vector registers dirty, which slows legacy SSE code on
// the same thread (XXH3 of 4 KB: 105 to 685 ns) until vzeroupper.
inline void CleanVectorState() {
  static const bool avx = __builtin_cpu_supports("avx") != 0;
  if (avx) {
    asm volatile("vzeroupper");
  }
}

// Both decoders keep the same rhythm: a slot is handed on when its output is full, or when new
// input is needed and the slot already carries some.
inline Slot* Refill(Source& source, Ring& ring, Slot* slot) {
  if (slot->input_size != 0) {
    ring.Commit();
    slot = &ring.Acquire();
  }
  slot->input_size = source.Read(slot->input.data(), kInputSize);
  return slot;
}

inline void DecodeGzip(Source& source, Ring& ring) {
  auto state = std::make_unique<inflate_state>();
  isal_inflate_init(state.get());
  state->crc_flag = ISAL_GZIP;
  Slot* slot = &ring.Acquire();
  bool open = true;  // inside a member
  for (;;) {
    if (state->avail_in == 0 && !source.exhausted()) {
      slot = Refill(source, ring, slot);
      state->next_in = slot->input.data();
      state->avail_in = static_cast<uint32_t>(slot->input_size);
    }
    if (!open) {
      if (state->avail_in == 0 || state->next_in[0] == 0) {
        break;
      }
      isal_inflate_reset(state.get());
      state->crc_flag = ISAL_GZIP;
      open = true;
    }
    const size_t room = kOutputSize - slot->output_size;
    state->next_out = slot->output.data() + slot->output_size;
    state->avail_out = static_cast<uint32_t>(room);
    const int status = isal_inflate(state.get());
    CleanVectorState();
    if (status != ISAL_DECOMP_OK && status != ISAL_END_INPUT) {
      Die(source.path() + ": inflate: " + std::to_string(status));
    }
    slot->output_size += room - state->avail_out;
    if (state->block_state == ISAL_BLOCK_FINISH) {
      open = false;
    } else if (slot->output_size == kOutputSize) {
      ring.Commit();
      slot = &ring.Acquire();
    } else if (state->avail_in == 0 && source.exhausted()) {
      Die(source.path() + ": gzip stream ends early");
    }
  }
  while (!source.exhausted()) {
    slot = Refill(source, ring, slot);  // zeros after the stream
  }
  ring.Commit();
}

inline void DecodeZstd(Source& source, Ring& ring) {
  const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(),
                                                                     ZSTD_freeDCtx);
  Slot* slot = &ring.Acquire();
  ZSTD_inBuffer in = {nullptr, 0, 0};
  size_t hint = 0;
  for (;;) {
    if (in.pos == in.size && !source.exhausted()) {
      slot = Refill(source, ring, slot);
      in = {slot->input.data(), slot->input_size, 0};
    }
    ZSTD_outBuffer out = {slot->output.data(), kOutputSize, slot->output_size};
    hint = ZSTD_decompressStream(context.get(), &out, &in);
    if (ZSTD_isError(hint)) {
      Die(source.path() + ": zstd: " + ZSTD_getErrorName(hint));
    }
    const bool idle = out.pos == slot->output_size && in.pos == in.size && source.exhausted();
    slot->output_size = out.pos;
    if (idle || (hint == 0 && in.pos == in.size && source.exhausted())) {
      break;
    }
    if (out.pos == kOutputSize) {
      ring.Commit();
      slot = &ring.Acquire();
    }
  }
  if (hint != 0) {
    Die(source.path() + ": zstd stream ends early");
  }
  ring.Commit();
}

}  // namespace fathom_limit

#endif  // FATHOM_BENCH_LIMIT_DECODE_H_
