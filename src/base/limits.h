// Safety limits for what an image may ask of us.
//
// Images are hostile input. Each limit is an option of the program, has a default that no honest
// image reaches, and is named by the error (Code::kLimit) when it is hit. Sizes are bytes.
#pragma once

#include <cstdint>
#include <span>

#include "base/result.h"

namespace fathom {

struct Limits {
  uint64_t manifest_bytes = 8ull << 20;
  uint64_t index_bytes = 8ull << 20;
  uint64_t config_bytes = 8ull << 20;
  uint64_t json_depth = 64;
  uint64_t layers = 1024;
  uint64_t index_manifests = 4096;
  uint64_t index_depth = 8;
  uint64_t archive_entries = 1'000'000;  // entries of the archive that holds the image
  uint64_t path_bytes = 32ull << 10;
  uint64_t path_components = 4096;
  uint64_t pax_bytes = 1ull << 20;
  uint64_t link_bytes = 32ull << 10;
  uint64_t layer_entries = 50'000'000;
  uint64_t layer_bytes = 1ull << 40;     // unpacked, holes of sparse files included
  uint64_t image_bytes = 4ull << 40;     // unpacked layers together
  uint64_t ratio = 50'000;               // unpacked bytes to a stored one; see CheckRatio
  uint64_t merge_steps = 1'000'000'000;  // names looked up and children looked at, of all layers
  uint64_t zstd_window_bytes = 128ull << 20;
};

// One limit as an option: `--max-layers`, its help and where it is kept.
struct LimitField {
  const char* option;
  const char* help;
  uint64_t Limits::* member;
};

// Every limit, in the order of the help text.
std::span<const LimitField> LimitFields();

// Multiplies every limit by `factor` (> 0).
Limits Scale(Limits limits, double factor);

// The error for a limit that was hit: names the limit, the number and the option that raises it.
std::unexpected<Error> OverLimit(uint64_t Limits::* member, const Limits& limits,
                                 std::string_view what);

// What unpacks to less is small whatever it was.
constexpr uint64_t kRatioFloor = 1ull << 30;

// kLimit when `unpacked` bytes, above kRatioFloor, are more than Limits::ratio to a stored one.
// gzip reaches 1,032 and zstd 43,690; sparse files and what is made to hurt go beyond.
Status CheckRatio(uint64_t unpacked, uint64_t stored, const Limits& limits);

}  // namespace fathom
