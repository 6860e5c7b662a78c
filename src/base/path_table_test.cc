#include "base/path_table.h"

#include <gtest/gtest.h>

namespace fathom {
namespace {

std::string Cleaned(std::string_view path) {
  std::vector<std::string_view> components{"left", "over"};
  CleanComponents(path, components);
  std::string text;
  for (const std::string_view component : components) {
    text += '/';
    text += component;
  }
  return text.empty() ? "/" : text;
}

TEST(CleanComponents, DropsWhatNamesNothing) {
  EXPECT_EQ(Cleaned("a/b"), "/a/b");
  EXPECT_EQ(Cleaned("/a//b/"), "/a/b");
  EXPECT_EQ(Cleaned("./a/./b/."), "/a/b");
  EXPECT_EQ(Cleaned("a/../b"), "/b");
  EXPECT_EQ(Cleaned("a/b/.."), "/a");
  EXPECT_EQ(Cleaned(""), "/");
  EXPECT_EQ(Cleaned("."), "/");
  EXPECT_EQ(Cleaned("////"), "/");
}

TEST(CleanComponents, NeverLeavesTheRoot) {
  EXPECT_EQ(Cleaned(".."), "/");
  EXPECT_EQ(Cleaned("../../etc/passwd"), "/etc/passwd");
  EXPECT_EQ(Cleaned("a/../../../b"), "/b");
  EXPECT_EQ(Cleaned("/.."), "/");
}

TEST(CleanComponents, KeepsNamesThatOnlyLookSpecial) {
  EXPECT_EQ(Cleaned("..."), "/...");
  EXPECT_EQ(Cleaned("a/..b/.c/ "), "/a/..b/.c/ ");
  EXPECT_EQ(Cleaned("\xff/\x01"), "/\xff/\x01");
}

class PathTableTest : public ::testing::Test {
 protected:
  PathId Add(std::string_view path) {
    std::vector<std::string_view> components;
    CleanComponents(path, components);
    PathId at = kRootPath;
    for (const std::string_view component : components) {
      at = table_.Add(at, names_.Add(component));
    }
    return at;
  }

  StringPool names_;
  PathTable table_;
};

TEST_F(PathTableTest, WritesPathsOut) {
  EXPECT_EQ(table_.Path(Add("usr/bin/env"), names_), "/usr/bin/env");
  EXPECT_EQ(table_.Path(Add("usr"), names_), "/usr");
  EXPECT_EQ(table_.Path(kRootPath, names_), "/");
}

TEST_F(PathTableTest, HasOneIdForAPath) {
  const PathId id = Add("a/b");
  EXPECT_EQ(Add("./a//b/"), id);
  EXPECT_NE(Add("b/a"), id);
  EXPECT_NE(Add("a/b/b"), id);
}

TEST_F(PathTableTest, ParentsComeBeforeChildren) {
  for (int i = 0; i < 3000; ++i) {
    Add("d" + std::to_string(i % 50) + "/e" + std::to_string(i % 7) + "/f" + std::to_string(i));
  }
  for (PathId id = 1; id < table_.size(); ++id) {
    EXPECT_LT(table_.parent(id), id);
    EXPECT_EQ(table_.Find(table_.parent(id), table_.name(id)), id);
  }
}

TEST_F(PathTableTest, DoesNotFindWhatIsNotThere) {
  const PathId a = Add("a");
  EXPECT_EQ(table_.Find(a, names_.Add("b")), IdHash::kNone);
  EXPECT_EQ(PathTable().Find(kRootPath, 1), IdHash::kNone);
}

TEST_F(PathTableTest, ReadsOnAfterFreezeAndFromStoredNodes) {
  const PathId id = Add("a/b/c");
  const PathTable copy = PathTable::FromNodes(table_.nodes());
  table_.Freeze();
  EXPECT_EQ(table_.Path(id, names_), "/a/b/c");
  EXPECT_EQ(copy.Path(id, names_), "/a/b/c");
  EXPECT_EQ(copy.size(), table_.size());
}

TEST_F(PathTableTest, IsNotRecursive) {
  PathId at = kRootPath;
  const StringId name = names_.Add("d");
  for (int i = 0; i < 200'000; ++i) {
    at = table_.Add(at, name);
  }
  EXPECT_EQ(table_.Path(at, names_).size(), 400'000u);
}

}  // namespace
}  // namespace fathom
