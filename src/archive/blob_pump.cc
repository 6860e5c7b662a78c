#include "archive/blob_pump.h"

#include <algorithm>

namespace fathom::archive {
namespace {

// Sizes of a chunk and of the reads of compressed bytes. Chosen by bench/run.py on the machine of
// docs/performance.md: 64 KiB costs 3 % more, 256 KiB and above nothing less.
constexpr size_t kChunkBytes = 128 << 10;
constexpr size_t kInputBytes = 64 << 10;

}  // namespace

// ---- The crew

std::unique_ptr<PumpCrew::Chunk> PumpCrew::TakeChunk() {
  if (!spare_.empty()) {
    auto chunk = std::move(spare_.back());
    spare_.pop_back();
    return chunk;
  }
  auto chunk = std::make_unique<Chunk>();
  chunk->decoded = std::make_unique_for_overwrite<uint8_t[]>(kChunkBytes);
  chunk->raw = std::make_unique_for_overwrite<uint8_t[]>(kInputBytes);
  return chunk;
}

void PumpCrew::Help() {
  const MutexLock lock(mutex_);
  ++helpers_;
  while (!closed_) {
    // By index: the list may change while a step runs unlocked.
    bool helped = false;
    for (size_t i = 0; i < pumps_.size() && !helped; ++i) {
      helped = BlobPump::TakeStepOf(*pumps_[i]);
    }
    if (!helped) {
      changed_.wait(mutex_);
    }
  }
  --helpers_;
}

void PumpCrew::Close() {
  const MutexLock lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

// ---- The pump

BlobPump::BlobPump(PumpCrew& crew, ByteSource& source, ChunkSink& sink, const Limits& limits,
                   PumpOptions options)
    : crew_(crew),
      source_(source),
      sink_(sink),
      limits_(limits),
      options_(options),
      input_buffer_(std::make_unique_for_overwrite<uint8_t[]>(kInputBytes)),
      blob_hasher_(options.blob_algorithm),
      diff_hasher_(options.diff_algorithm) {
  const MutexLock lock(crew_.mutex_);
  crew_.pumps_.push_back(this);
}

BlobPump::~BlobPump() {
  const MutexLock lock(crew_.mutex_);
  std::erase(crew_.pumps_, this);
}

Result<BlobFacts> BlobPump::Run() { return Conclude(Produce()); }

// Fills chunks until the blob ends or something fails.
Status BlobPump::Produce() {
  while (!ended_ && !sink_failed_) {
    std::unique_ptr<Chunk> chunk;
    {
      const MutexLock lock(crew_.mutex_);
      MakeRoom();
      chunk = crew_.TakeChunk();
    }
    const Status filled = Fill(*chunk);
    {
      const MutexLock lock(crew_.mutex_);
      slots_[published_ % kSlots] = std::move(chunk);
      ++published_;
      if (crew_.helpers_ > 0) {
        crew_.changed_.notify_all();
      } else {
        CatchUp();
      }
    }
    TRY(filled);
  }
  return {};
}

Result<BlobFacts> BlobPump::Conclude(Status produced) {
  {
    const MutexLock lock(crew_.mutex_);
    CatchUp();
    while (retired_ < published_) {
      crew_.changed_.wait(crew_.mutex_);
      CatchUp();
    }
  }
  TRY(sink_status_);
  TRY(produced);
  TRY(sink_.Finish());
  facts_.compression = *compression_;
  facts_.diff_id = diff_hasher_.Finish();
  facts_.blob_digest = hash_sides_apart_ ? blob_hasher_.Finish() : facts_.diff_id;
  return facts_;
}

// ---- Steps

// Waits, or works, until there is a free slot.
void BlobPump::MakeRoom() {
  while (published_ - retired_ >= kSlots) {
    if (!TakeStep()) {
      crew_.changed_.wait(crew_.mutex_);
    }
  }
}

// Takes every step that no other thread is at.
void BlobPump::CatchUp() {
  while (TakeStep()) {
  }
}

// Takes the step that lags most for one chunk, if there is one that nobody is at. Unlocks
// meanwhile.
bool BlobPump::TakeStep() {
  std::optional<StepName> chosen;
  for (const StepName step : {kDigest, kSink}) {
    const StepState& state = steps_[step];
    if (!state.busy && state.done < published_ && (!chosen || state.done < steps_[*chosen].done)) {
      chosen = step;
    }
  }
  if (!chosen) {
    return false;
  }
  StepState& state = steps_[*chosen];
  const Chunk& chunk = *slots_[state.done % kSlots];
  state.busy = true;
  crew_.mutex_.unlock();
  Take(*chosen, chunk);
  crew_.mutex_.lock();
  state.busy = false;
  ++state.done;
  Retire();
  crew_.changed_.notify_all();
  return true;
}

// Gives back the chunks that all steps are done with.
void BlobPump::Retire() {
  const uint64_t done = std::min(steps_[kDigest].done, steps_[kSink].done);
  for (; retired_ < done; ++retired_) {
    crew_.spare_.push_back(std::move(slots_[retired_ % kSlots]));
  }
}

void BlobPump::Take(StepName step, const Chunk& chunk) {
  const ByteView decoded(chunk.decoded.get(), chunk.decoded_size);
  if (step == kDigest) {
    diff_hasher_.Update(decoded);
    if (hash_sides_apart_) {
      blob_hasher_.Update(decoder_ == nullptr ? decoded
                                              : ByteView(chunk.raw.get(), chunk.raw_size));
    }
  } else if (sink_status_) {
    sink_status_ = sink_.Consume(decoded);
    sink_failed_ = !sink_status_;
  }
}

// ---- Filling

Status BlobPump::Fill(Chunk& chunk) {
  chunk.decoded_size = chunk.raw_size = 0;
  if (!compression_) {
    TRY(ReadInput());
    compression_ = Sniff(input_);
    decoder_ = MakeDecoder(*compression_, limits_);
    hash_sides_apart_ = decoder_ != nullptr || options_.blob_algorithm != options_.diff_algorithm;
  }
  TRY(decoder_ == nullptr ? FillPlain(chunk) : FillDecoded(chunk));
  facts_.decoded_bytes += chunk.decoded_size;
  if (facts_.decoded_bytes > limits_.layer_bytes) {
    return OverLimit(&Limits::layer_bytes, limits_, "a layer that unpacks further than this");
  }
  TRY(CheckRatio(facts_.decoded_bytes, facts_.blob_bytes, limits_));
  return CountInImage(chunk.decoded_size);
}

Status BlobPump::CountInImage(uint64_t decoded) {
  if (options_.image_bytes != nullptr && (*options_.image_bytes += decoded) > limits_.image_bytes) {
    return OverLimit(&Limits::image_bytes, limits_, "an image that unpacks further than this");
  }
  return {};
}

Status BlobPump::ReadInput() {
  TRY_ASSIGN(const size_t got, ReadFull(source_, {input_buffer_.get(), kInputBytes}));
  input_ = {input_buffer_.get(), got};
  input_ended_ = got < kInputBytes;
  facts_.blob_bytes += got;
  if (options_.progress != nullptr) {
    *options_.progress += got;
  }
  return {};
}

Status BlobPump::FillPlain(Chunk& chunk) {
  std::ranges::copy(input_, chunk.decoded.get());
  chunk.decoded_size = input_.size();
  input_ = {};
  if (!input_ended_) {
    const ByteSpan room(chunk.decoded.get() + chunk.decoded_size, kChunkBytes - chunk.decoded_size);
    TRY_ASSIGN(const size_t got, ReadFull(source_, room));
    chunk.decoded_size += got;
    input_ended_ = got < room.size();
    facts_.blob_bytes += got;
    if (options_.progress != nullptr) {
      *options_.progress += got;
    }
  }
  ended_ = input_ended_;
  return {};
}

Status BlobPump::FillDecoded(Chunk& chunk) {
  while (chunk.decoded_size < kChunkBytes && chunk.raw_size < kInputBytes) {
    if (input_.empty() && !input_ended_) {
      TRY(ReadInput());
    }
    const bool last = input_.empty();
    const ByteView input = input_.first(std::min(input_.size(), kInputBytes - chunk.raw_size));
    auto step = decoder_->Decode(
        input, {chunk.decoded.get() + chunk.decoded_size, kChunkBytes - chunk.decoded_size});
    if (!step) {
      return Wrap(step.error(), "compressed byte {}", facts_.blob_bytes - input_.size());
    }
    std::copy_n(input.begin(), step->consumed, chunk.raw.get() + chunk.raw_size);
    chunk.raw_size += step->consumed;
    chunk.decoded_size += step->produced;
    input_ = input_.subspan(step->consumed);
    if (last && step->produced == 0) {
      ended_ = true;
      return decoder_->Finish();
    }
  }
  return {};
}

}  // namespace fathom::archive
