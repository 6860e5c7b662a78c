#include "archive/open_stream.h"

#include <algorithm>
#include <array>
#include <vector>

#include "archive/decoder.h"

namespace fathom::archive {
namespace {

// The bytes that were read to judge a stream, then the rest of it.
class PrefixedSource final : public ByteSource {
 public:
  PrefixedSource(std::array<uint8_t, kSniffBytes> prefix, size_t size,
                 std::unique_ptr<ByteSource> rest)
      : prefix_(prefix), size_(size), rest_(std::move(rest)) {}

  Result<size_t> Read(ByteSpan out) override {
    if (position_ == size_) {
      return rest_->Read(out);
    }
    const size_t count = std::min(out.size(), size_ - position_);
    std::memcpy(out.data(), prefix_.data() + position_, count);
    position_ += count;
    return count;
  }

  Result<uint64_t> Skip(uint64_t count) override {
    const auto step = static_cast<size_t>(std::min<uint64_t>(count, size_ - position_));
    position_ += step;
    TRY_ASSIGN(const uint64_t more, rest_->Skip(count - step));
    return step + more;
  }

 private:
  std::array<uint8_t, kSniffBytes> prefix_;
  size_t size_;
  size_t position_ = 0;
  std::unique_ptr<ByteSource> rest_;
};

class DecodedSource final : public ByteSource {
 public:
  DecodedSource(std::unique_ptr<ByteSource> source, std::unique_ptr<Decoder> decoder,
                const Limits& limits)
      : source_(std::move(source)),
        decoder_(std::move(decoder)),
        limits_(limits),
        buffer_(kBufferBytes) {}

  Result<size_t> Read(ByteSpan out) override {
    while (true) {
      if (input_.empty() && !ended_) {
        TRY(Refill());
      }
      if (input_.empty() && ended_) {
        TRY_ASSIGN(const size_t rest, Drain(out));
        return rest;
      }
      auto step = decoder_->Decode(input_, out);
      if (!step) {
        return Wrap(step.error(), "compressed byte {}", consumed_);
      }
      consumed_ += step->consumed;
      input_ = input_.subspan(step->consumed);
      produced_ += step->produced;
      TRY(CheckRatio(produced_, consumed_, limits_));
      if (step->produced > 0) {
        return step->produced;
      }
    }
  }

 private:
  static constexpr size_t kBufferBytes = 128 << 10;

  Status Refill() {
    TRY_ASSIGN(const size_t got, source_->Read(buffer_));
    ended_ = got == 0;
    input_ = ByteView(buffer_).first(got);
    return {};
  }

  // A decoder may still hold output when the last input has gone in.
  Result<size_t> Drain(ByteSpan out) {
    TRY_ASSIGN(const Decoder::Step step, decoder_->Decode({}, out));
    if (step.produced == 0) {
      if (Status status = decoder_->Finish(); !status) {
        return Wrap(status.error(), "compressed byte {}", consumed_);
      }
    }
    return step.produced;
  }

  std::unique_ptr<ByteSource> source_;
  std::unique_ptr<Decoder> decoder_;
  const Limits& limits_;
  std::vector<uint8_t> buffer_;
  ByteView input_;
  bool ended_ = false;
  uint64_t consumed_ = 0;
  uint64_t produced_ = 0;
};

}  // namespace

Result<DecodedStream> OpenStream(std::unique_ptr<ByteSource> source, const Limits& limits) {
  std::array<uint8_t, kSniffBytes> first{};
  TRY_ASSIGN(const size_t size, ReadFull(*source, first));
  const Compression compression = Sniff({first.data(), size});
  std::unique_ptr<ByteSource> whole =
      std::make_unique<PrefixedSource>(first, size, std::move(source));
  auto decoder = MakeDecoder(compression, limits);
  if (decoder == nullptr) {
    return DecodedStream{compression, std::move(whole)};
  }
  return DecodedStream{
      compression, std::make_unique<DecodedSource>(std::move(whole), std::move(decoder), limits)};
}

}  // namespace fathom::archive
