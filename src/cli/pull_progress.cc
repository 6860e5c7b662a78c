#include "cli/pull_progress.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/units.h"

namespace fathom::cli {

std::string PullProgress::Text() const {
  const registry::MirrorCounts& counts = mirror_.counts();
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  const uint64_t fetched = counts.bytes_fetched;
  const uint64_t wanted = counts.bytes_wanted;
  const double rate = seconds > 0 ? static_cast<double>(fetched) / seconds : 0;
  std::string text = fmt::format("{} of {} images, {} of {} at {}/s", counts.images_done.load(),
                                 counts.images_wanted.load(), HumanBytes(fetched),
                                 HumanBytes(wanted), HumanBytes(static_cast<uint64_t>(rate)));
  if (rate > 0 && wanted > fetched) {
    const auto left = static_cast<uint64_t>(static_cast<double>(wanted - fetched) / rate);
    text += fmt::format(", {}:{:02} left", left / 60, left % 60);
  }
  if (const uint64_t failed = counts.images_failed; failed > 0) {
    text += fmt::format(", {} failed", failed);
  }
  if (const auto quota = mirror_.quota()) {
    text += fmt::format(", quota {} of {}", quota->remaining, quota->limit);
  }
  return text;
}

}  // namespace fathom::cli
