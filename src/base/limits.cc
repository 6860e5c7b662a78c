#include "base/limits.h"

#include <algorithm>
#include <array>
#include <limits>

namespace fathom {
namespace {

constexpr std::array kFields = {
    LimitField{"--max-manifest-bytes", "size of a manifest", &Limits::manifest_bytes},
    LimitField{"--max-index-bytes", "size of an image index", &Limits::index_bytes},
    LimitField{"--max-config-bytes", "size of an image config", &Limits::config_bytes},
    LimitField{"--max-json-depth", "nesting of JSON", &Limits::json_depth},
    LimitField{"--max-layers", "layers of an image", &Limits::layers},
    LimitField{"--max-index-manifests", "manifests in an index", &Limits::index_manifests},
    LimitField{"--max-index-depth", "nesting of indexes", &Limits::index_depth},
    LimitField{"--max-archive-entries", "entries of an image archive", &Limits::archive_entries},
    LimitField{"--max-path-bytes", "length of a path", &Limits::path_bytes},
    LimitField{"--max-path-components", "components of a path", &Limits::path_components},
    LimitField{"--max-pax-bytes", "size of a pax or GNU extension header", &Limits::pax_bytes},
    LimitField{"--max-link-bytes", "length of a link target", &Limits::link_bytes},
    LimitField{"--max-entries", "entries of a layer", &Limits::layer_entries},
    LimitField{"--max-layer-bytes", "unpacked size of a layer", &Limits::layer_bytes},
    LimitField{"--max-image-bytes", "unpacked size of all layers", &Limits::image_bytes},
    LimitField{"--max-ratio", "unpacked bytes to a stored one", &Limits::ratio},
    LimitField{"--max-merge-steps", "steps of merging the layers", &Limits::merge_steps},
    LimitField{"--max-zstd-window", "window of a zstd frame", &Limits::zstd_window_bytes},
};

}  // namespace

std::span<const LimitField> LimitFields() { return kFields; }

Limits Scale(Limits limits, double factor) {
  constexpr auto kMost = static_cast<double>(std::numeric_limits<int64_t>::max());
  for (const LimitField& field : kFields) {
    const double scaled = static_cast<double>(limits.*field.member) * factor;
    limits.*field.member = static_cast<uint64_t>(std::clamp(scaled, 1.0, kMost));
  }
  return limits;
}

std::unexpected<Error> OverLimit(uint64_t Limits::* member, const Limits& limits,
                                 std::string_view what) {
  const auto* field = std::ranges::find(kFields, member, &LimitField::member);
  return Fail(Code::kLimit,
              "{} is over the limit of {} for the {}; raise it with {} or --limits-scale", what,
              limits.*member, field->help, field->option);
}

Status CheckRatio(uint64_t unpacked, uint64_t stored, const Limits& limits) {
  if (unpacked <= kRatioFloor || unpacked / std::max<uint64_t>(stored, 1) <= limits.ratio) {
    return {};
  }
  return OverLimit(&Limits::ratio, limits,
                   fmt::format("{} bytes out of {} stored ones", unpacked, stored));
}

}  // namespace fathom
