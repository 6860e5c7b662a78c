// The small rules of the protocol: challenges, waiting, quotas, where a registry may send to.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "registry/challenge.h"
#include "registry/pages.h"
#include "registry/quota.h"
#include "registry/registry_fixture.h"
#include "registry/retry.h"
#include "registry/safe_target.h"

namespace fathom::registry {
namespace {

using std::chrono::seconds;

net::Response With(std::vector<net::Header> headers) {
  return MemoryRegistry::Text(200, "", std::move(headers));
}

TEST(Challenge, IsReadWithAllThatServersWrite) {
  const auto one = ParseChallenges(
      R"(Bearer realm="https://auth.docker.io/token",service="a, \"b\"",scope="repository:x:pull,push")");
  ASSERT_EQ(one.size(), 1u);
  EXPECT_EQ(one[0].scheme, "bearer");
  EXPECT_EQ(one[0].Parameter("realm"), "https://auth.docker.io/token");
  EXPECT_EQ(one[0].Parameter("service"), "a, \"b\"");
  EXPECT_EQ(one[0].Parameter("scope"), "repository:x:pull,push");
  EXPECT_EQ(one[0].Parameter("none"), "");
  const auto two = ParseChallenges(R"(Basic realm="a", BEARER Realm=b , x=y, Negotiate)");
  ASSERT_EQ(two.size(), 3u);
  EXPECT_EQ(two[1].Parameter("realm"), "b");
  EXPECT_EQ(two[2].scheme, "negotiate");
  EXPECT_TRUE(ParseChallenges("").empty());
  EXPECT_TRUE(ParseChallenges("Bearer realm=\"not closed").empty());
}

RC_GTEST_PROP(Challenge, AnythingIsRead, (const std::string& text)) {
  for (const Challenge& challenge : ParseChallenges(text)) {
    RC_ASSERT(!challenge.scheme.empty());
  }
}

TEST(Retry, WaitsAsLongAsIsSaid) {
  const auto now = std::chrono::system_clock::from_time_t(784111777);  // Sun, 06 Nov 1994 08:49:37
  EXPECT_EQ(RetryAfter(With({{"retry-after", "120"}}), now), seconds(120));
  EXPECT_EQ(RetryAfter(With({{"Retry-After", "Sun, 06 Nov 1994 08:50:37 GMT"}}), now), seconds(60));
  EXPECT_EQ(RetryAfter(With({{"Retry-After", "Sun, 06 Nov 1994 08:00:00 GMT"}}), now), seconds(0));
  EXPECT_EQ(RetryAfter(With({{"X-Retry-After", "784111787"}}), now), seconds(10));
  for (const char* wrong : {"soon", "1.5", "Sun, 31 Feb 1994 08:49:37 GMT",
                            "Sun, 06 Now 1994 08:49:37 GMT", "Sun, 06 Nov 1994 25:49:37 GMT"}) {
    EXPECT_EQ(RetryAfter(With({{"Retry-After", wrong}}), now), std::nullopt) << wrong;
  }
  EXPECT_EQ(RetryAfter(With({}), now), std::nullopt);
  EXPECT_EQ(
      QuotaEnds(With({{"X-RateLimit-Remaining", "0"}, {"X-RateLimit-Reset", "784111780"}}), now),
      seconds(3));
  EXPECT_EQ(
      QuotaEnds(With({{"X-RateLimit-Remaining", "1"}, {"X-RateLimit-Reset", "784111780"}}), now),
      std::nullopt);
}

TEST(Retry, BacksOffWithinBounds) {
  for (unsigned attempt = 1; attempt < 40; ++attempt) {
    for (const uint64_t dice : {uint64_t{0}, UINT64_MAX, uint64_t{12345}}) {
      const auto wait = Backoff(attempt, dice).count();
      EXPECT_GE(wait, 0);
      EXPECT_LE(wait, std::min<int64_t>(30'000, int64_t{500} << std::min(attempt - 1, 20u)));
    }
  }
}

TEST(Quota, IsReadFromItsHeaders) {
  const auto quota = ReadQuota(With({{"RateLimit-Limit", "100;w=21600"},
                                     {"RateLimit-Remaining", "7;w=21600"},
                                     {"docker-ratelimit-source", "192.0.2.1"}}));
  ASSERT_TRUE(quota);
  EXPECT_EQ(quota->limit, 100u);
  EXPECT_EQ(quota->remaining, 7u);
  EXPECT_EQ(quota->window, seconds(21600));
  EXPECT_EQ(quota->source, "192.0.2.1");
  EXPECT_FALSE(ReadQuota(With({})));
  EXPECT_FALSE(ReadQuota(With({{"ratelimit-remaining", "many"}})));
}

TEST(SafeTarget, KeepsClientsAndSecretsAtHome) {
  const std::vector<std::string> trusted = {"10.0.0.9"};
  const auto target = [](const char* url) { return *net::ParseUrl(url); };
  const Origin hub{target("https://registry-1.docker.io/"), false, trusted};
  const Origin local{target("http://127.0.0.1:5000/"), false, {}};
  const Origin inner{target("https://10.0.0.1/"), false, {}};
  EXPECT_TRUE(CheckTarget(target("https://storage.example/x"), hub));
  EXPECT_TRUE(CheckTarget(target("http://10.0.0.9/x"), hub));
  EXPECT_FALSE(CheckTarget(target("http://storage.example/x"), hub));
  EXPECT_FALSE(CheckTarget(target("https://127.0.0.1/x"), hub));
  EXPECT_FALSE(CheckTarget(target("https://localhost/x"), hub));
  EXPECT_FALSE(CheckTarget(target("https://2130706433/x"), hub));
  EXPECT_FALSE(CheckTarget(target("https://[::ffff:10.0.0.1]/x"), hub));
  EXPECT_TRUE(CheckTarget(target("http://127.0.0.1:9000/x"), local));
  EXPECT_FALSE(CheckTarget(target("http://127.0.0.2:9000/x"), local));
  EXPECT_TRUE(CheckTarget(target("https://10.0.0.1:9000/x"), inner));
  EXPECT_FALSE(CheckTarget(target("https://10.0.0.2/x"), inner));

  EXPECT_TRUE(MaySeeCredentials(target("https://auth.docker.io/token"), hub));
  EXPECT_FALSE(MaySeeCredentials(target("https://docker.io.evil.example/"), hub));
  EXPECT_FALSE(MaySeeCredentials(target("https://evil-docker.io/"), hub));
  EXPECT_FALSE(MaySeeCredentials(target("http://registry-1.docker.io/"), hub));
  const Origin british{target("https://registry.shop.co.uk/"), false, {}};
  EXPECT_TRUE(MaySeeCredentials(target("https://auth.shop.co.uk/"), british));
  EXPECT_FALSE(MaySeeCredentials(target("https://other.co.uk/"), british));
  const Origin alone{target("https://registry/"), false, {}};
  EXPECT_TRUE(MaySeeCredentials(target("https://registry:444/"), alone));
  EXPECT_FALSE(MaySeeCredentials(target("https://auth/"), alone));
  EXPECT_FALSE(MaySeeCredentials(target("https://10.0.0.2/"), inner));
}

TEST(Pages, NextLinkIsFoundAmongOthers) {
  EXPECT_EQ(NextLink(With({{"Link", R"(</first>; rel="first", </v2/x?n=1>; rel="next")"}})),
            "/v2/x?n=1");
  EXPECT_EQ(NextLink(With({{"link", "</a>; rel=next"}})), "/a");
  EXPECT_EQ(NextLink(With({{"Link", "</a>; rel=\"prev\""}})), "");
  EXPECT_EQ(NextLink(With({{"Link", "<never closed"}})), "");
  EXPECT_EQ(NextLink(With({})), "");
}

}  // namespace
}  // namespace fathom::registry
