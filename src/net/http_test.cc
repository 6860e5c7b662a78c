#include "net/http.h"

#include <gtest/gtest.h>

namespace fathom::net {
namespace {

TEST(HttpTest, FindsHeadersInAnyCase) {
  Response response;
  response.headers = {{"Api-Version", "1.41"}, {"API-VERSION", "9"}};
  EXPECT_EQ(response.HeaderValue("api-version"), "1.41");
  EXPECT_EQ(response.HeaderValue("server"), "");
}

TEST(HttpTest, EscapesAllButUnreservedCharacters) {
  EXPECT_EQ(UrlEscape("a b/c?d#e%f"), "a%20b%2Fc%3Fd%23e%25f");
  EXPECT_EQ(UrlEscape("host:5000/a_b.c~d-e@x", "/:@"), "host:5000/a_b.c~d-e@x");
  EXPECT_EQ(UrlEscape("\xC3\xA4\n"), "%C3%A4%0A");
}

}  // namespace
}  // namespace fathom::net
