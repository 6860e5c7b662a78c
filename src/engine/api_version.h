// Which version of the Docker Engine API to speak with an engine.
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "base/result.h"

namespace fathom::engine {

// "1.41"; only numbers tell which is newer.
struct ApiVersion {
  unsigned major = 0;
  unsigned minor = 0;

  // kCorrupt for what is no version.
  static Result<ApiVersion> Parse(std::string_view text);
  std::string ToString() const;
  friend auto operator<=>(const ApiVersion&, const ApiVersion&) = default;
};

// The newest one that fathom knows, and the oldest that has all it asks for.
constexpr ApiVersion kNewestApi{1, 52};
constexpr ApiVersion kOldestApi{1, 24};

// What an engine speaks. An engine that does not say its oldest is taken to speak all older ones.
struct ApiRange {
  ApiVersion oldest;
  ApiVersion newest;
};

// Never above the engine's newest, never below its oldest. `demanded` is what DOCKER_API_VERSION
// says, "" when that is not set. kInvalidArgument when it asks for what the engine does not speak;
// kUnavailable for an engine that is too old for fathom.
Result<ApiVersion> ChooseApiVersion(const ApiRange& engine, std::string_view demanded);

}  // namespace fathom::engine
