// zstd (RFC 8878) through libzstd: frames one after another, skippable frames among them, as
// zstd:chunked layers have. The window a frame may ask for is limited.
#define ZSTD_STATIC_LINKING_ONLY
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>

#include "archive/decoder.h"

namespace fathom::archive {
namespace {

class ZstdDecoder final : public Decoder {
 public:
  explicit ZstdDecoder(const Limits& limits) : limits_(limits), context_(ZSTD_createDCtx()) {
    // libzstd keeps its own limit when it is given one that it cannot take.
    constexpr uint64_t kLeast = 1ull << 10;
    constexpr uint64_t kMost = 1ull << ZSTD_WINDOWLOG_MAX;
    ZSTD_DCtx_setMaxWindowSize(context_, std::clamp(limits.zstd_window_bytes, kLeast, kMost));
  }
  ~ZstdDecoder() override { ZSTD_freeDCtx(context_); }
  ZstdDecoder(const ZstdDecoder&) = delete;
  ZstdDecoder& operator=(const ZstdDecoder&) = delete;

  Result<Step> Decode(ByteView input, ByteSpan output) override {
    if (input.empty() && frame_complete_) {
      return Step{0, 0};  // libzstd would begin another frame
    }
    ZSTD_inBuffer in{input.data(), input.size(), 0};
    ZSTD_outBuffer out{output.data(), output.size(), 0};
    const size_t left = ZSTD_decompressStream(context_, &out, &in);
    if (ZSTD_isError(left) != 0) {
      return Explain(left);
    }
    frame_complete_ = left == 0;
    return Step{in.pos, out.pos};
  }

  Status Finish() const override {
    if (!frame_complete_) {
      return Fail(Code::kCorrupt, "the zstd stream ends early");
    }
    return {};
  }

 private:
  std::unexpected<Error> Explain(size_t code) const {
    if (ZSTD_getErrorCode(code) == ZSTD_error_frameParameter_windowTooLarge) {
      return OverLimit(&Limits::zstd_window_bytes, limits_, "the window of a zstd frame");
    }
    return Fail(Code::kCorrupt, "invalid zstd data ({})", ZSTD_getErrorName(code));
  }

  const Limits& limits_;
  ZSTD_DCtx* context_;
  bool frame_complete_ = false;
};

}  // namespace

std::unique_ptr<Decoder> MakeZstdDecoder(const Limits& limits) {
  return std::make_unique<ZstdDecoder>(limits);
}

}  // namespace fathom::archive
