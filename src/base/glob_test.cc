#include "base/glob.h"

#include <fnmatch.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

namespace fathom {
namespace {

bool Matches(std::string_view pattern, std::string_view path) {
  return Glob(pattern).Matches(path);
}

TEST(GlobTest, StarsStayWithinAComponent) {
  EXPECT_TRUE(Matches("/etc/*.conf", "/etc/a.conf"));
  EXPECT_TRUE(Matches("etc/*.conf", "/etc/.conf"));
  EXPECT_FALSE(Matches("/etc/*.conf", "/etc/a/b.conf"));
  EXPECT_FALSE(Matches("/etc/*", "/etc"));
  EXPECT_TRUE(Matches("*a*b*c*", "xxaxbxcx"));
  EXPECT_FALSE(Matches("*a*b*c", "xxaxbxcx"));
}

TEST(GlobTest, TwoStarsCrossComponents) {
  EXPECT_TRUE(Matches("/usr/**/x.so", "/usr/x.so"));
  EXPECT_TRUE(Matches("/usr/**/x.so", "/usr/a/b/c/x.so"));
  EXPECT_TRUE(Matches("**/b/**/d", "/a/b/b/c/d"));
  EXPECT_FALSE(Matches("**/b/**/d", "/a/b/c/d/e"));
  EXPECT_TRUE(Matches("/var/**", "/var/a"));
  EXPECT_TRUE(Matches("/var/**", "/var/a/b"));
  EXPECT_FALSE(Matches("/var/**", "/var"));
  EXPECT_FALSE(Matches("/a**c", "/a/b/c"));
  EXPECT_TRUE(Matches("/a**c", "/abbc"));
}

TEST(GlobTest, BracketsListRangeAndNegate) {
  EXPECT_TRUE(Matches("[a-c]x", "bx"));
  EXPECT_FALSE(Matches("[!a-c]x", "bx"));
  EXPECT_TRUE(Matches("[^a-c]x", "dx"));
  EXPECT_TRUE(Matches("[]a]", "]"));
  EXPECT_TRUE(Matches("[a-]", "-"));
  EXPECT_TRUE(Matches("v[[:digit:]_]", "v7"));
  EXPECT_FALSE(Matches("v[[:digit:]_]", "vx"));
  EXPECT_TRUE(Matches("[a", "[a"));
  EXPECT_TRUE(Matches("\\[a\\*", "[a*"));
  EXPECT_FALSE(Matches("\\*", "x"));
  EXPECT_FALSE(Matches("[z-a]", "m"));
}

TEST(GlobTest, CharactersAreThoseOfUtf8OrSingleBytes) {
  EXPECT_TRUE(Matches("?", "\xc3\xa9"));
  EXPECT_TRUE(Matches("[\xc3\xa0-\xc3\xb6]", "\xc3\xa9"));
  EXPECT_TRUE(Matches("?", "\xff"));
  EXPECT_FALSE(Matches("?", "\xc3\xff"));
  EXPECT_TRUE(Matches("a\xff*", "a\xff\xfe"));
}

TEST(GlobTest, CaseMayBeIgnored) {
  EXPECT_FALSE(Matches("readme*", "README.md"));
  EXPECT_TRUE(Glob("readme*", Glob::Case::kIgnored).Matches("README.md"));
  EXPECT_TRUE(Glob("READ[L-N]E", Glob::Case::kIgnored).Matches("readme"));
  EXPECT_FALSE(Glob("[!a]", Glob::Case::kIgnored).Matches("A"));
}

TEST(GlobTest, SaysWhatIsHardlyMeant) {
  for (const char* pattern : {"", "/", "a/[b", "a\\", "a/../b", "."}) {
    EXPECT_FALSE(Glob(pattern).Check()) << pattern;
  }
  for (const char* pattern : {"a", "/a/**/[]]", "\\[a", "[[:alpha:]]", "..a"}) {
    EXPECT_TRUE(Glob(pattern).Check()) << pattern;
  }
}

TEST(GlobTest, MayEndInWhatTheLastNameMatches) {
  EXPECT_TRUE(Glob("/a/*.c").MayEndIn("b.c"));
  EXPECT_FALSE(Glob("/a/*.c").MayEndIn("b.h"));
  EXPECT_TRUE(Glob("/a/**").MayEndIn("b"));
  EXPECT_TRUE(Glob("a*a").MayEndIn("aba"));
  EXPECT_FALSE(Glob("a*a").MayEndIn("a"));
  EXPECT_TRUE(Glob("A*", Glob::Case::kIgnored).MayEndIn("ab"));
  EXPECT_TRUE(Glob("\\*?é*").MayEndIn("*xé."));
}

// A pattern on which a matcher that tries every star again would not come to an end.
TEST(GlobTest, ManyStarsTakeNoTime) {
  std::string pattern;
  std::string deep;
  for (int i = 0; i < 60; ++i) {
    pattern += "*a";
    deep += "**/a/";
  }
  EXPECT_FALSE(Matches(pattern + "b", std::string(2000, 'a')));
  std::string path;
  for (int i = 0; i < 2000; ++i) {
    path += "/a";
  }
  EXPECT_FALSE(Matches(deep + "b", path));
  EXPECT_TRUE(Matches(deep, path));
}

// Pieces of a pattern, and what stands in their place in a name: mostly something that matches.
RC_GTEST_PROP(GlobTest, AgreesWithFnmatch, ()) {
  struct Piece {
    std::string pattern;
    std::string text;
  };
  const auto piece = rc::gen::construct<Piece>(
      rc::gen::element<std::string>("a", "b", "*", "?", "/y", "[ab]", "[!a]", "[a-b]", "\\*"),
      rc::gen::element<std::string>("a", "b", "", "a/yb", "*", "/y"));
  std::string pattern = "/x";
  std::string path = "/x";
  for (const Piece& next : *rc::gen::resize(8, rc::gen::container<std::vector<Piece>>(piece))) {
    pattern += next.pattern;
    const bool meant = *rc::gen::weightedElement<bool>({{6, true}, {1, false}});
    path += !meant                          ? next.text
            : next.pattern == "*"           ? (next.text == "/y" ? "ab" : "")
            : next.pattern == "?"           ? "c"
            : next.pattern == "[!a]"        ? "b"
            : next.pattern.starts_with('[') ? "a"
            : next.pattern == "\\*"         ? "*"
                                            : next.pattern;
  }
  RC_PRE(pattern.find("/**/") == std::string::npos);
  const bool wanted = ::fnmatch(pattern.c_str(), path.c_str(), FNM_PATHNAME) == 0;
  RC_CLASSIFY(wanted, "matches");
  RC_ASSERT(Matches(pattern, path) == wanted);
}

}  // namespace
}  // namespace fathom
