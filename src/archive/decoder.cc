#include "archive/decoder.h"

namespace fathom::archive {

std::unique_ptr<Decoder> MakeDecoder(Compression compression, const Limits& limits) {
  switch (compression) {
    case Compression::kGzip:
      return MakeGzipDecoder();
    case Compression::kZstd:
      return MakeZstdDecoder(limits);
    case Compression::kNone:
      break;
  }
  return nullptr;
}

}  // namespace fathom::archive
