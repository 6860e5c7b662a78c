// A whole stream through a Decoder, in pieces, for fuzz targets.
#pragma once

#include <algorithm>
#include <optional>
#include <string>

#include "archive/decoder.h"
#include "fuzz/fuzz.h"

namespace fathom::fuzz {

constexpr size_t kMostDecoded = 256 << 10;
constexpr size_t kWhole = 64 << 10;  // pieces so large that most inputs are one

struct Decoded {
  std::string bytes;
  std::optional<Error> error;
  bool too_much = false;  // decodes to more than kMostDecoded
};

// Input and room for output come in sizes of next_size().
template <typename NextSize>
Decoded DecodeAll(archive::Compression compression, ByteView stream, const Limits& limits,
                  NextSize next_size) {
  const auto decoder = archive::MakeDecoder(compression, limits);
  std::string room(kWhole, '\0');
  Decoded decoded;
  while (true) {
    const ByteView input = stream.first(std::min(stream.size(), next_size()));
    const ByteSpan output(reinterpret_cast<uint8_t*>(room.data()),
                          std::min(room.size(), next_size()));
    const auto step = decoder->Decode(input, output);
    if (!step) {
      decoded.error = step.error();
      return decoded;
    }
    FUZZ_CHECK(step->consumed <= input.size() && step->produced <= output.size());
    FUZZ_CHECK(input.empty() || step->consumed + step->produced > 0);
    decoded.bytes.append(room, 0, step->produced);
    stream = stream.subspan(step->consumed);
    if (decoded.bytes.size() > kMostDecoded) {
      decoded.too_much = true;
      return decoded;
    }
    if (input.empty() && step->produced == 0) {
      break;
    }
  }
  if (const Status status = decoder->Finish(); !status) {
    decoded.error = status.error();
  }
  return decoded;
}

}  // namespace fathom::fuzz
