// How many pulls a registry still allows, as Docker Hub tells it with each manifest.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "net/http.h"

namespace fathom::registry {

struct Quota {
  uint64_t limit = 0;
  uint64_t remaining = 0;
  std::chrono::seconds window{0};  // in which so many are allowed
  std::string source;              // whose quota: an address or an account
};

// From `ratelimit-limit: 100;w=21600` and `ratelimit-remaining: 99;w=21600`. Nothing when there are
// none: then there is no limit.
std::optional<Quota> ReadQuota(const net::Response& response);

}  // namespace fathom::registry
