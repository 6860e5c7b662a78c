// The JSON of engines' answers. It is as hostile as the images they hold: checked and limited.
//
// Source: Docker Engine API, versions 1.24 to 1.52; `podman image inspect`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "engine/engine.h"

namespace fathom::engine {

// The longest list of changes of a container that is read.
inline constexpr uint64_t kChangesBytes = 1ull << 30;

// GET /images/{name}/json, or one object of the list that `podman image inspect` prints.
Result<ImageFacts> ParseImage(std::string_view text, const Limits& limits);

// GET /images/{name}/history, with the oldest entry first.
Result<std::vector<image::HistoryEntry>> ParseHistory(std::string_view text, const Limits& limits);

// GET /containers/{id}/json.
Result<ContainerFacts> ParseContainer(std::string_view text, const Limits& limits);

// GET /containers/{id}/changes; `null` means none. kLimit for more changes than a layer may have
// entries.
Result<std::vector<Change>> ParseChanges(std::string_view text, const Limits& limits);

// What `podman diff --format json` prints.
Result<std::vector<Change>> ParsePodmanDiff(std::string_view text, const Limits& limits);

// GET /version.
struct VersionFacts {
  std::string newest;  // API version
  std::string oldest;  // "" when it does not say
};
Result<VersionFacts> ParseVersion(std::string_view text, const Limits& limits);

// What an answer that is an error says: its "message", or its text, on one line and not longer than
// one reads.
std::string ErrorMessage(std::string_view text, const Limits& limits);

}  // namespace fathom::engine
