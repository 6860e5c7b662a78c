#include "tree/find.h"

#include <gtest/gtest.h>

#include "layer/layer_scan.h"
#include "tests/support/tar_writer.h"
#include "tree/lookup.h"
#include "tree/stack.h"

namespace fathom::tree {
namespace {

using testing::DirEntry;
using testing::FileEntry;
using testing::HardLinkEntry;
using testing::SymlinkEntry;
using testing::TarEntry;
using testing::WhiteoutEntry;

FileTree TreeOf(const std::vector<std::vector<TarEntry>>& layers) {
  static const Limits limits;
  Stack stack;
  for (const auto& entries : layers) {
    layer::LayerScan scan(ContentAlgorithm::kXxh3_128, {}, limits);
    EXPECT_TRUE(scan.Consume(AsBytes(testing::WriteTar(entries))));
    EXPECT_TRUE(scan.Finish());
    EXPECT_TRUE(stack.Add(scan.Take().index));
  }
  return stack.Finish();
}

FileTree Example() {
  TarEntry su = FileEntry("usr/bin/su", std::string(300, 's'));
  su.mode = 04755;
  return TreeOf(
      {{DirEntry("usr"), DirEntry("usr/bin"), su, HardLinkEntry("usr/bin/su2", "usr/bin/su"),
        SymlinkEntry("bin", "usr/bin"), FileEntry("etc/motd", "hello"),
        FileEntry("etc/passwd", "1"), SymlinkEntry("loop", "loop")},
       {FileEntry("etc/passwd", "12"), WhiteoutEntry("etc/motd"), DirEntry("usr")},
       {FileEntry("etc/late", "3"), FileEntry("etc/passwd", "12"),
        testing::DeviceEntry("dev/kmsg", '3', 1, 11),
        testing::DeviceEntry("run/pipe", '6', 0, 0)}});
}

std::vector<std::string> Paths(const FileTree& tree, const Query& query) {
  std::vector<std::string> paths;
  for (const Match& match : Find(tree, query)) {
    paths.push_back(tree.Path(match.node));
  }
  return paths;
}

Query WithPattern(std::string_view text, PathPattern::Options how = {}) {
  Query query;
  auto pattern = PathPattern::Compile(text, how);
  EXPECT_TRUE(pattern) << pattern.error().message;
  query.pattern = std::move(*pattern);
  return query;
}

using Strings = std::vector<std::string>;

TEST(FindTest, WithoutConditionsEverythingVisibleIsFound) {
  const FileTree tree = Example();
  EXPECT_EQ(Paths(tree, {}),
            (Strings{"/bin", "/dev", "/dev/kmsg", "/etc", "/etc/late", "/etc/passwd", "/loop",
                     "/run", "/run/pipe", "/usr", "/usr/bin", "/usr/bin/su", "/usr/bin/su2"}));
  EXPECT_TRUE(Find(FileTree(), {}).empty());
}

TEST(FindTest, APatternWithoutASlashIsOfTheLastName) {
  const FileTree tree = Example();
  EXPECT_EQ(Paths(tree, WithPattern("su*")), (Strings{"/usr/bin/su", "/usr/bin/su2"}));
  EXPECT_EQ(Paths(tree, WithPattern("/usr/*/su")), Strings{"/usr/bin/su"});
  EXPECT_EQ(Paths(tree, WithPattern("**/su")), Strings{"/usr/bin/su"});
  EXPECT_EQ(Paths(tree, WithPattern("/su")), Strings{});
}

TEST(FindTest, ARegularExpressionMatchesAnywhereInThePath) {
  const FileTree tree = Example();
  EXPECT_EQ(Paths(tree, WithPattern("^/etc/(p|l)", {.regex = true})),
            (Strings{"/etc/late", "/etc/passwd"}));
  EXPECT_EQ(Paths(tree, WithPattern("SU2$", {.regex = true, .ignore_case = true})),
            Strings{"/usr/bin/su2"});
  const auto bad = PathPattern::Compile("(", {.regex = true});
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().code, Code::kInvalidArgument);
}

// On which a backtracking matcher would not come to an end.
TEST(FindTest, ARegularExpressionTakesLinearTime) {
  const FileTree tree = TreeOf({{FileEntry(std::string(5000, 'a'))}});
  EXPECT_EQ(Paths(tree, WithPattern("(a*)*(a|aa)*b", {.regex = true})), Strings{});
}

TEST(FindTest, TellsWhatEachLayerDid) {
  const FileTree tree = Example();
  const auto matches = Find(tree, WithPattern("passwd"));
  ASSERT_EQ(matches.size(), 1u);
  ASSERT_EQ(matches[0].touches.size(), 3u);
  EXPECT_EQ(matches[0].touches[0].change, Change::kAdded);
  EXPECT_EQ(matches[0].touches[0].bytes, 1u);
  EXPECT_EQ(matches[0].touches[1].change, Change::kModified);
  EXPECT_EQ(matches[0].touches[1].bytes, 2u);
  EXPECT_EQ(matches[0].touches[2].change, Change::kUnmodified);
  EXPECT_EQ(matches[0].touches[2].layer, 2u);
  EXPECT_TRUE(matches[0].visible);
}

TEST(FindTest, WhatIsGoneIsFoundWithAllOrByItsLayer) {
  const FileTree tree = Example();
  Query query = WithPattern("motd");
  EXPECT_TRUE(Find(tree, query).empty());
  query.all = true;
  const auto matches = Find(tree, query);
  ASSERT_EQ(matches.size(), 1u);
  EXPECT_FALSE(matches[0].visible);
  EXPECT_EQ(matches[0].touches[1].change, Change::kRemoved);
  EXPECT_EQ(ContentBytes(tree, *matches[0].shown), 5u);
  Query layer;
  layer.layer = 1;
  EXPECT_EQ(Paths(tree, layer), (Strings{"/etc/motd", "/etc/passwd", "/usr"}));
}

// A file that a directory of the same layer replaced was never there for anybody.
TEST(FindTest, WhatOneLayerAddsAndHidesIsNoMatch) {
  const FileTree tree = TreeOf({{FileEntry("a/b", "x"), FileEntry("a", "y")}});
  Query query;
  query.all = true;
  EXPECT_EQ(Paths(tree, query), Strings{"/a"});
}

TEST(FindTest, AsksForTypeSizeAndMode) {
  const FileTree tree = Example();
  Query query;
  query.types = "cp";
  EXPECT_EQ(Paths(tree, query), (Strings{"/dev/kmsg", "/run/pipe"}));
  query.types = "l";
  EXPECT_EQ(Paths(tree, query), (Strings{"/bin", "/loop"}));
  query = {};
  query.setuid = true;
  EXPECT_EQ(Paths(tree, query), (Strings{"/usr/bin/su", "/usr/bin/su2"}));
  query = {};
  query.mode = 04000;
  EXPECT_EQ(Paths(tree, query), (Strings{"/usr/bin/su", "/usr/bin/su2"}));
  const auto of_size = [&](std::string_view text) {
    Query sized;
    sized.sizes.push_back(*ParseSizeTest(text));
    return Paths(tree, sized);
  };
  EXPECT_EQ(of_size("+2"), (Strings{"/usr/bin/su", "/usr/bin/su2"}));
  EXPECT_EQ(of_size("-2"), Strings{"/etc/late"});
  EXPECT_EQ(of_size("2"), Strings{"/etc/passwd"});
  EXPECT_EQ(of_size("-1k").size(), 4u);
  EXPECT_FALSE(ParseSizeTest("+many"));
}

// ---- LookUp

std::string Found(const FileTree& tree, std::string_view path, size_t layer = 2,
                  LastLink last = LastLink::kFollow) {
  const auto node = LookUp(tree, path, layer, last);
  return node ? tree.Path(*node) : node.error().message;
}

TEST(LookUpTest, FollowsLinksInsideTheImage) {
  const FileTree tree = TreeOf(
      {{FileEntry("usr/bin/sh", "x"), SymlinkEntry("bin", "usr/bin"),
        SymlinkEntry("usr/bin/dash", "../../../../../bin/sh"), SymlinkEntry("abs", "/usr")}});
  for (const auto* path :
       {"/bin/sh", "bin//./sh", "/abs/../bin/sh", "/../bin/dash", "abs/bin/dash"}) {
    EXPECT_EQ(Found(tree, path, 0), "/usr/bin/sh") << path;
  }
  EXPECT_EQ(Found(tree, "/bin", 0, LastLink::kKeep), "/bin");
  EXPECT_EQ(Found(tree, "/bin/", 0, LastLink::kKeep), "/usr/bin");
  EXPECT_EQ(Found(tree, "/", 0), "/");
  EXPECT_EQ(Found(tree, "", 0), "/");
}

TEST(LookUpTest, SaysWhatIsKnownOfTheMissing) {
  const FileTree tree = Example();
  EXPECT_EQ(Found(tree, "/etc/paswd"),
            "'/etc/paswd' is not in the image (did you mean '/etc/passwd'?)");
  EXPECT_EQ(Found(tree, "/etc/motd"),
            "'/etc/motd' is not there after layer 2: layer 1 removed it; before that it can be had "
            "with --layer 0");
  EXPECT_EQ(Found(tree, "/etc/motd", 0), "/etc/motd");
  EXPECT_EQ(Found(tree, "/etc/late", 1), "'/etc/late' is not there after layer 1: layer 2 adds it");
  EXPECT_EQ(Found(tree, "/zzz/y"), "'/zzz/y' is not in the image: there is no '/zzz'");
  EXPECT_EQ(Found(tree, "/etc/passwd/x"),
            "'/etc/passwd/x' is not in the image: '/etc/passwd' is no directory");
  EXPECT_EQ(Found(tree, "/loop"), "'/loop': links without end");
  EXPECT_EQ(Found(tree, "/loop", 2, LastLink::kKeep), "/loop");
  EXPECT_FALSE(LookUp(FileTree(), "/a", 0, LastLink::kFollow));
}

}  // namespace
}  // namespace fathom::tree
