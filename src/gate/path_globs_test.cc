#include "gate/path_globs.h"

#include <gtest/gtest.h>

namespace fathom::gate {
namespace {

bool Matches(const std::string& glob, std::string_view path) {
  const auto globs = PathGlobs::Make({&glob, 1});
  EXPECT_TRUE(globs) << glob;
  std::vector<std::string_view> components;
  while (!path.empty()) {
    const size_t slash = std::min(path.find('/'), path.size());
    components.push_back(path.substr(0, slash));
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  std::vector<uint32_t> found;
  globs->Match(components, found);
  EXPECT_TRUE(found.empty() || globs->MayMatch(components.back())) << glob;
  return !found.empty();
}

TEST(PathGlobsTest, ANameAloneIsMeantAnywhere) {
  EXPECT_TRUE(Matches("*.pyc", "a.pyc"));
  EXPECT_TRUE(Matches("*.pyc", "usr/lib/a.pyc"));
  EXPECT_TRUE(Matches("**/a.pyc", "a.pyc"));
  EXPECT_FALSE(Matches("*.pyc", "a.pyc/b"));
}

TEST(PathGlobsTest, ASlashTiesTheGlobToTheRoot) {
  for (const char* glob : {"/etc/passwd", "etc/passwd", "/etc//passwd", "/etc/passwd/"}) {
    EXPECT_TRUE(Matches(glob, "etc/passwd")) << glob;
    EXPECT_FALSE(Matches(glob, "x/etc/passwd")) << glob;
  }
  EXPECT_TRUE(Matches("/a", "a"));
  EXPECT_FALSE(Matches("/a", "b/a"));
}

TEST(PathGlobsTest, BracesStandForEach) {
  EXPECT_TRUE(Matches("{a,b}.{c,d}", "x/b.c"));
  EXPECT_FALSE(Matches("{a,b}.{c,d}", "c.a"));
  EXPECT_TRUE(Matches("x{,y}", "x"));
  EXPECT_TRUE(Matches("/{usr,opt/app}/lib", "opt/app/lib"));
}

TEST(PathGlobsTest, MalformedGlobsAreRefused) {
  const std::string many = "{1,2,3,4,5}{1,2,3,4,5}{1,2,3,4,5}{1,2,3,4,5}";
  for (const std::string& glob :
       {std::string(), std::string("/"), std::string("[a"), std::string("a\\"), std::string("{a"),
        std::string("{a{b}}"), std::string("../a"), many, std::string(5000, 'a')}) {
    const auto made = PathGlobs::Make({&glob, 1});
    ASSERT_FALSE(made) << glob;
    EXPECT_EQ(made.error().code, Code::kInvalidArgument);
  }
}

}  // namespace
}  // namespace fathom::gate
