// When to ask again: what servers say of it, and what to do when they say nothing.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "net/http.h"

namespace fathom::registry {

// Statuses that may be gone the next time: 408, 429 and those of servers that are not well.
bool IsTransient(int status);

// How long an answer asks to wait: Retry-After in seconds or as a date (RFC 9110 section 10.2.3),
// Docker Hub's X-Retry-After as a time of day in Unix seconds. Nothing when it does not say, or not
// so that it can be understood. Never negative.
std::optional<std::chrono::seconds> RetryAfter(const net::Response& response,
                                               std::chrono::system_clock::time_point now);

// How long until the next request is welcome, where an answer says that this was the last one for
// now: X-RateLimit-Remaining 0 and X-RateLimit-Reset in Unix seconds, as Docker Hub's API has them.
std::optional<std::chrono::seconds> QuotaEnds(const net::Response& response,
                                              std::chrono::system_clock::time_point now);

// Seconds since 1970 of an HTTP date in its preferred form: "Sun, 06 Nov 1994 08:49:37 GMT".
std::optional<int64_t> ParseHttpDate(std::string_view text);

// How long to wait before attempt `attempt`, from 1: anything up to a bound that doubles each time
// ("full jitter"). `dice` is any number.
std::chrono::milliseconds Backoff(unsigned attempt, uint64_t dice);

}  // namespace fathom::registry
