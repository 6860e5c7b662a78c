#include "registry/quota.h"

#include <charconv>

namespace fathom::registry {
namespace {

struct Numbers {
  uint64_t count = 0;
  uint64_t window = 0;
};

std::optional<Numbers> Read(std::string_view text) {
  Numbers numbers;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, numbers.count);
  if (error != std::errc()) {
    return std::nullopt;
  }
  constexpr std::string_view kWindow = "w=";
  if (const size_t at = text.find(kWindow); at != std::string_view::npos) {
    std::from_chars(text.data() + at + kWindow.size(), end, numbers.window);
  }
  return numbers;
}

}  // namespace

std::optional<Quota> ReadQuota(const net::Response& response) {
  const auto limit = Read(response.HeaderValue("ratelimit-limit"));
  const auto remaining = Read(response.HeaderValue("ratelimit-remaining"));
  if (!remaining) {
    return std::nullopt;
  }
  Quota quota;
  quota.limit = limit ? limit->count : 0;
  quota.remaining = remaining->count;
  quota.window =
      std::chrono::seconds(static_cast<int64_t>(std::min<uint64_t>(remaining->window, 1u << 30)));
  quota.source = response.HeaderValue("docker-ratelimit-source");
  return quota;
}

}  // namespace fathom::registry
