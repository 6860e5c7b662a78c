#include "net/url.h"

#include <gtest/gtest.h>

namespace fathom::net {
namespace {

TEST(Url, IsTakenApart) {
  const std::pair<const char*, const char*> kTable[] = {
      {"https://Registry.Example:443/v2/", "https://registry.example/v2/"},
      {"http://h:5000", "http://h:5000/"},
      {"https://h?a=b#c", "https://h/?a=b"},
      {"http://[::1]:80/x", "http://[::1]/x"},
      {"HTTPS://h/%20", "https://h/%20"},
  };
  for (const auto& [text, shown] : kTable) {
    const auto url = ParseUrl(text);
    ASSERT_TRUE(url) << text << url.error().message;
    EXPECT_EQ(url->ToString(), shown);
  }
  for (const char* wrong :
       {"", "h", "ftp://h/", "file:///etc/passwd", "https://", "https:///x", "https://user:pass@h/",
        "https://h:99999/", "https://h:x/", "https://[::1/", "https://[zz]/", "https://h /",
        "https://h/a b", "https://h/\r\nX: y", "https://h\\@evil/"}) {
    EXPECT_FALSE(ParseUrl(wrong)) << wrong;
  }
}

TEST(Url, IsResolved) {
  const Url base = *ParseUrl("https://h:5000/v2/a/tags/list?n=2");
  const std::pair<const char*, const char*> kTable[] = {
      {"/v2/b", "https://h:5000/v2/b"},
      {"?last=x", "https://h:5000/v2/a/tags/list?last=x"},
      {"list?last=x", "https://h:5000/v2/a/tags/list?last=x"},
      {"//other/x", "https://other/x"},
      {"http://other/x", "http://other/x"},
      {"/a:b", "https://h:5000/a:b"},
      {"", "https://h:5000/v2/a/tags/list?n=2"},
  };
  for (const auto& [reference, resolved] : kTable) {
    const auto url = ResolveUrl(base, reference);
    ASSERT_TRUE(url) << reference;
    EXPECT_EQ(url->ToString(), resolved);
  }
  EXPECT_FALSE(ResolveUrl(base, "file:///etc/passwd"));
  EXPECT_FALSE(ResolveUrl(base, "javascript:x"));
}

TEST(Url, KnowsAddressesThatAreNotPublic) {
  using enum AddressKind;
  const std::pair<const char*, AddressKind> kTable[] = {
      {"example.org", kName},
      {"127.0.0.1", kLoopback},
      {"127.1", kLoopback},
      {"0x7f000001", kLoopback},
      {"2130706433", kLoopback},
      {"::1", kLoopback},
      {"localhost", kLoopback},
      {"x.localhost", kLoopback},
      {"0.0.0.0", kLoopback},
      {"10.1.2.3", kPrivate},
      {"172.31.0.1", kPrivate},
      {"172.32.0.1", kPublic},
      {"192.168.0.1", kPrivate},
      {"169.254.169.254", kPrivate},
      {"::ffff:169.254.169.254", kPrivate},
      {"64:ff9b::a00:1", kPrivate},
      {"fe80::1", kPrivate},
      {"fd00::1", kPrivate},
      {"2001:db8::1", kPublic},
      {"8.8.8.8", kPublic},
  };
  for (const auto& [host, kind] : kTable) {
    EXPECT_EQ(KindOfHost(host), kind) << host;
  }
}

}  // namespace
}  // namespace fathom::net
