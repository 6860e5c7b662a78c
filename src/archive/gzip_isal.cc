// gzip through ISA-L, about twice as fast as zlib (900 against 400 MB/s of output on the machine of
// docs/performance.md). gzip_zlib.cc takes its place where ISA-L is not to be had.
#include <isa-l.h>

#include <algorithm>
#include <limits>

#include "archive/decoder.h"
#include "archive/gzip_framing.h"

namespace fathom::archive {
namespace {

// ISA-L's CRC code leaves the upper halves of the vector registers dirty, after which legacy SSE
// code on the same thread (SHA-256, XXH3) runs up to six times slower until they are cleared.
void ClearUpperVectorState() {
#if defined(__x86_64__)
  static const bool has_avx = __builtin_cpu_supports("avx");
  if (has_avx) {
    asm volatile("vzeroupper" ::: "memory");
  }
#endif
}

// Flags of a member's header that RFC 1952 wants refused; ISA-L lets them pass.
constexpr uint32_t kReservedFlags = 0xe0;

std::string_view Explain(int code) {
  switch (code) {
    case ISAL_INVALID_WRAPPER:
      return "invalid gzip header";
    case ISAL_UNSUPPORTED_METHOD:
      return "unsupported compression method in the gzip header";
    case ISAL_INCORRECT_CHECKSUM:
      return "gzip checksum does not match";
    default:
      return "invalid deflate data";
  }
}

uint32_t Clamp(size_t size) {
  return static_cast<uint32_t>(std::min<size_t>(size, std::numeric_limits<int32_t>::max()));
}

class IsalGzipDecoder final : public Decoder {
 public:
  Result<Step> Decode(ByteView input, ByteSpan output) override {
    ByteView rest = input;
    TRY_ASSIGN(const GzipFraming::Place place, framing_.Locate(rest));
    const size_t padding = input.size() - rest.size();
    if (place == GzipFraming::Place::kNeedMore) {
      return Step{padding, 0};
    }
    if (place == GzipFraming::Place::kStart) {
      isal_inflate_init(&state_);
      isal_gzip_header_init(&header_);
      state_.crc_flag = ISAL_GZIP_NO_HDR_VER;  // the header is read apart
      in_header_ = true;
    }
    state_.next_in = const_cast<uint8_t*>(rest.data());
    state_.avail_in = Clamp(rest.size());
    state_.next_out = output.data();
    state_.avail_out = Clamp(output.size());
    const uint32_t offered = state_.avail_in;
    const uint32_t room = state_.avail_out;
    int code = ISAL_DECOMP_OK;
    if (in_header_) {
      // isal_inflate() would do this too, but forgets the header's checksum from call to call.
      code = isal_read_gzip_header(&state_, &header_);
      in_header_ = code != ISAL_DECOMP_OK;
      if (!in_header_ && (header_.flags & kReservedFlags) != 0) {
        code = ISAL_INVALID_WRAPPER;
      }
    }
    if (!in_header_ && code == ISAL_DECOMP_OK) {
      code = isal_inflate(&state_);
    }
    ClearUpperVectorState();
    if (code < 0) {
      return Fail(Code::kCorrupt, "{}", Explain(code));
    }
    if (state_.block_state == ISAL_BLOCK_FINISH) {
      framing_.EndMember();
    }
    return Step{padding + offered - state_.avail_in, room - state_.avail_out};
  }

  Status Finish() const override { return framing_.Finish(); }

 private:
  GzipFraming framing_;
  inflate_state state_;
  isal_gzip_header header_;
  bool in_header_ = false;
};

}  // namespace

std::unique_ptr<Decoder> MakeGzipDecoder() { return std::make_unique<IsalGzipDecoder>(); }

}  // namespace fathom::archive
