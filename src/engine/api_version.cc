#include "engine/api_version.h"

#include <algorithm>
#include <charconv>

namespace fathom::engine {

Result<ApiVersion> ApiVersion::Parse(std::string_view text) {
  ApiVersion version;
  const char* const end = text.data() + text.size();
  const auto major = std::from_chars(text.data(), end, version.major);
  if (major.ec == std::errc() && major.ptr != end && *major.ptr == '.') {
    const auto minor = std::from_chars(major.ptr + 1, end, version.minor);
    if (minor.ec == std::errc() && minor.ptr == end) {
      return version;
    }
  }
  return Fail(Code::kCorrupt, "'{}' is no version of an API", text.substr(0, 40));
}

std::string ApiVersion::ToString() const { return fmt::format("{}.{}", major, minor); }

Result<ApiVersion> ChooseApiVersion(const ApiRange& engine, std::string_view demanded) {
  if (!demanded.empty()) {
    if (demanded.starts_with('v')) {
      demanded.remove_prefix(1);
    }
    const auto version = ApiVersion::Parse(demanded);
    if (!version) {
      return Fail(Code::kInvalidArgument, "DOCKER_API_VERSION: {}", version.error().message);
    }
    if (*version > engine.newest || *version < engine.oldest) {
      return Fail(Code::kInvalidArgument,
                  "DOCKER_API_VERSION asks for {}, but the engine speaks {} to {}; unset it",
                  version->ToString(), engine.oldest.ToString(), engine.newest.ToString());
    }
    return *version;
  }
  if (engine.newest < kOldestApi) {
    return Fail(Code::kUnavailable, "it speaks version {} of the API; {} or newer is needed",
                engine.newest.ToString(), kOldestApi.ToString());
  }
  return std::max(std::min(kNewestApi, engine.newest), engine.oldest);
}

}  // namespace fathom::engine
