#include "registry/retry.h"

#include <algorithm>
#include <array>

#include "base/number.h"

namespace fathom::registry {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kFirst{500};
constexpr milliseconds kLongest{30'000};
constexpr int64_t kYear = int64_t{365} * 24 * 3600;

}  // namespace

bool IsTransient(int status) {
  constexpr std::array kTransient = {408, 425, 429, 500, 502, 503, 504};
  return std::ranges::find(kTransient, status) != kTransient.end();
}

std::optional<int64_t> ParseHttpDate(std::string_view text) {
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const size_t comma = text.find(", ");
  if (comma == std::string_view::npos || text.size() != comma + 26 || !text.ends_with(" GMT")) {
    return std::nullopt;
  }
  const std::string_view date = text.substr(comma + 2);  // "06 Nov 1994 08:49:37 GMT"
  const auto day = ParseNumber<int64_t>(date.substr(0, 2));
  const size_t month = kMonths.find(date.substr(3, 3));
  const auto year = ParseNumber<int64_t>(date.substr(7, 4));
  const auto hour = ParseNumber<int64_t>(date.substr(12, 2));
  const auto minute = ParseNumber<int64_t>(date.substr(15, 2));
  const auto second = ParseNumber<int64_t>(date.substr(18, 2));
  if (!day || month == std::string_view::npos || month % 3 != 0 || !year || !hour || !minute ||
      !second) {
    return std::nullopt;
  }
  const std::chrono::year_month_day calendar(
      std::chrono::year(static_cast<int>(*year)),
      std::chrono::month(static_cast<unsigned>(month / 3 + 1)),
      std::chrono::day(static_cast<unsigned>(*day)));
  if (!calendar.ok() || *hour > 23 || *minute > 59 || *second > 60) {
    return std::nullopt;
  }
  const std::chrono::sys_seconds time = std::chrono::sys_days(calendar);
  return time.time_since_epoch().count() + *hour * 3600 + *minute * 60 + *second;
}

std::optional<seconds> RetryAfter(const net::Response& response,
                                  std::chrono::system_clock::time_point now) {
  const int64_t unix_now = std::chrono::duration_cast<seconds>(now.time_since_epoch()).count();
  std::optional<int64_t> wait;
  if (const std::string_view value = response.HeaderValue("Retry-After"); !value.empty()) {
    wait = ParseNumber<int64_t>(value);
    if (const auto date = ParseHttpDate(value)) {
      wait = *date - unix_now;
    }
  } else if (const auto time = ParseNumber<int64_t>(response.HeaderValue("X-Retry-After"))) {
    wait = *time - unix_now;
  }
  return wait ? std::optional(seconds(std::clamp<int64_t>(*wait, 0, kYear))) : std::nullopt;
}

std::optional<seconds> QuotaEnds(const net::Response& response,
                                 std::chrono::system_clock::time_point now) {
  const auto remaining = ParseNumber<int64_t>(response.HeaderValue("X-RateLimit-Remaining"));
  const auto reset = ParseNumber<int64_t>(response.HeaderValue("X-RateLimit-Reset"));
  if (remaining != 0 || !reset) {
    return std::nullopt;
  }
  const int64_t unix_now = std::chrono::duration_cast<seconds>(now.time_since_epoch()).count();
  return seconds(std::clamp<int64_t>(*reset - unix_now, 0, kYear));
}

milliseconds Backoff(unsigned attempt, uint64_t dice) {
  const milliseconds bound = std::min(kLongest, kFirst * (1u << std::min(attempt - 1, 10u)));
  return milliseconds(static_cast<int64_t>(dice % static_cast<uint64_t>(bound.count() + 1)));
}

}  // namespace fathom::registry
