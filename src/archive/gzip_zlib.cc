// gzip through zlib: the fallback where ISA-L does not run, and its oracle in tests.
#include <zlib.h>

#include <algorithm>
#include <limits>

#include "archive/decoder.h"
#include "archive/gzip_framing.h"

namespace fathom::archive {
namespace {

uInt Clamp(size_t size) {
  return static_cast<uInt>(std::min<size_t>(size, std::numeric_limits<int32_t>::max()));
}

class ZlibGzipDecoder final : public Decoder {
 public:
  ZlibGzipDecoder() { ready_ = inflateInit2(&stream_, kWindowBits) == Z_OK; }
  ~ZlibGzipDecoder() override { inflateEnd(&stream_); }
  ZlibGzipDecoder(const ZlibGzipDecoder&) = delete;
  ZlibGzipDecoder& operator=(const ZlibGzipDecoder&) = delete;

  Result<Step> Decode(ByteView input, ByteSpan output) override {
    ByteView rest = input;
    TRY_ASSIGN(const GzipFraming::Place place, framing_.Locate(rest));
    const size_t padding = input.size() - rest.size();
    if (place == GzipFraming::Place::kNeedMore) {
      return Step{padding, 0};
    }
    if (place == GzipFraming::Place::kStart) {
      ready_ = ready_ && inflateReset(&stream_) == Z_OK;
    }
    stream_.next_in = const_cast<Bytef*>(rest.data());
    stream_.avail_in = Clamp(rest.size());
    stream_.next_out = output.data();
    stream_.avail_out = Clamp(output.size());
    const uInt offered = stream_.avail_in;
    const uInt room = stream_.avail_out;
    const int code = ready_ ? inflate(&stream_, Z_NO_FLUSH) : Z_MEM_ERROR;
    if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) {
      return Fail(Code::kCorrupt, "{}", stream_.msg != nullptr ? stream_.msg : "invalid gzip data");
    }
    if (code == Z_STREAM_END) {
      framing_.EndMember();
    }
    return Step{padding + offered - stream_.avail_in, room - stream_.avail_out};
  }

  Status Finish() const override { return framing_.Finish(); }

 private:
  static constexpr int kWindowBits = 15 + 16;  // the largest window, with a gzip wrapper
  GzipFraming framing_;
  z_stream stream_{};
  bool ready_ = false;
};

}  // namespace

std::unique_ptr<Decoder> MakeGzipDecoder() { return std::make_unique<ZlibGzipDecoder>(); }

}  // namespace fathom::archive
