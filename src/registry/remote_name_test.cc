#include "registry/remote_name.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace fathom::registry {
namespace {

const std::string kDigest = "sha256:" + std::string(64, 'a');

TEST(RemoteName, IsTakenApart) {
  const std::pair<std::string, std::string> kTable[] = {
      {"busybox", "docker.io/library/busybox:latest"},
      {"owner/app:1", "docker.io/owner/app:1"},
      {"docker.io/busybox", "docker.io/library/busybox:latest"},
      {"index.docker.io/busybox", "docker.io/library/busybox:latest"},
      {"registry-1.docker.io/library/busybox", "docker.io/library/busybox:latest"},
      {"localhost/app", "localhost/app:latest"},
      {"localhost:5000/a/b/c:v1.2_3-4", "localhost:5000/a/b/c:v1.2_3-4"},
      {"ghcr.io/o/a@" + kDigest, "ghcr.io/o/a@" + kDigest},
      {"ghcr.io/o/a:1@" + kDigest, "ghcr.io/o/a:1@" + kDigest},
      {"[::1]:5000/a", "[::1]:5000/a:latest"},
      {"a__b/c-d.e--f", "docker.io/a__b/c-d.e--f:latest"},
  };
  for (const auto& [text, full] : kTable) {
    const auto name = ParseRemoteName(text);
    ASSERT_TRUE(name) << text << ": " << name.error().message;
    EXPECT_EQ(name->ToString(), full);
    EXPECT_EQ(ParseRemoteName(name->ToString()), *name) << "it names itself";
  }
  EXPECT_EQ(ParseRemoteName("a:1@" + kDigest)->Target(), kDigest);
  for (const std::string& wrong :
       {std::string(), std::string("App"), std::string("a//b"), std::string("/a"),
        std::string("a/"), std::string("a_-b"), std::string("a___b"), std::string("a..b"),
        std::string("a:"), std::string("a:-x"), "a:" + std::string(129, 't'),
        std::string("a@sha256:aa"), std::string("a b"), std::string("ghcr.io/../etc"),
        std::string("h.io:99999999/a"), std::string("[::1/a"), std::string(256, 'a'),
        std::string("-a"), std::string("a\n")}) {
    EXPECT_FALSE(ParseRemoteName(wrong)) << wrong;
  }
}

TEST(RemoteName, RepositoriesHaveNoTag) {
  EXPECT_EQ(ParseRepository("localhost:5000/a/b")->FullRepository(), "localhost:5000/a/b");
  EXPECT_FALSE(ParseRepository("a:1"));
  EXPECT_FALSE(ParseRepository("a@" + kDigest));
}

TEST(RemoteName, RegistriesHaveManyNames) {
  for (const char* text :
       {"docker.io", "https://index.docker.io/v1/", "registry-1.docker.io", "hub"}) {
    EXPECT_EQ(ParseRegistry(text).value_or("?"), "docker.io") << text;
  }
  EXPECT_EQ(ParseRegistry("http://h:5000/").value_or("?"), "h:5000");
  for (const char* wrong : {"", "a b", "h:", "h:x", "https://", "[::1", "h@x"}) {
    EXPECT_FALSE(ParseRegistry(wrong)) << wrong;
  }
  EXPECT_EQ(ApiHost("docker.io"), "registry-1.docker.io");
}

RC_GTEST_PROP(RemoteName, WhatIsReadCanBeWritten, (const std::string& text)) {
  if (const auto name = ParseRemoteName(text)) {
    RC_ASSERT(ParseRemoteName(name->ToString()).value() == *name);
  }
}

}  // namespace
}  // namespace fathom::registry
