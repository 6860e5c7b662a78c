#include "layer/layer_index_builder.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "layer/entry_fixture.h"

namespace fathom::layer {
namespace {

class BuilderTest : public ::testing::Test {
 protected:
  const Entry& Add(const archive::TarEntry& entry) {
    const Result<EntryId> id = builder_.Add(entry);
    EXPECT_TRUE(id);
    return builder_.index().entry(*id);
  }
  std::string PathOf(std::string path) {
    return builder_.index().Path(Add(Named(std::move(path))).path);
  }
  Mark MarkOf(std::string path, EntryType type = EntryType::kFile) {
    return Add(Named(std::move(path), type)).mark;
  }

  Limits limits_;
  LayerIndexBuilder builder_{ContentAlgorithm::kSha256, limits_};
};

TEST_F(BuilderTest, CleansNames) {
  const std::map<std::string, std::string> expected = {
      {"a/b", "/a/b"},     {"./a/b", "/a/b"},    {"/a/b", "/a/b"},
      {"a//b/", "/a/b"},   {"a/./b/.", "/a/b"},  {"a/c/../b", "/a/b"},
      {"../../a", "/a"},   {"a/..", "/"},        {"", "/"},
      {".", "/"},          {"/", "/"},           {"///", "/"},
      {"..", "/"},         {"./", "/"},          {"a/b/../..", "/"},
      {"a/../../b", "/b"}, {"x/../a/b", "/a/b"}, {"\xff\x01", "/\xff\x01"}};
  for (const auto& [path, cleaned] : expected) {
    EXPECT_EQ(PathOf(path), cleaned) << path;
    EXPECT_EQ(PathOf(path), cleaned) << path;  // and when the previous entry's folder is the same
  }
}

TEST_F(BuilderTest, OnePathHasOneIdHoweverItIsWritten) {
  const PathId id = Add(Named("usr/bin/env")).path;
  EXPECT_EQ(Add(Named("./usr/bin/env")).path, id);
  EXPECT_EQ(Add(Named("/usr//bin/../bin/env/")).path, id);
  EXPECT_EQ(builder_.index().paths().size(), 4u);
}

TEST_F(BuilderTest, TellsMarksByTheirNames) {
  EXPECT_EQ(MarkOf("a"), Mark::kNone);
  EXPECT_EQ(MarkOf("a/.wh.b"), Mark::kWhiteout);
  EXPECT_EQ(MarkOf(".wh.b"), Mark::kWhiteout);
  EXPECT_EQ(MarkOf("a/.wh.b/"), Mark::kWhiteout);
  EXPECT_EQ(MarkOf("a/.wh..wh..opq"), Mark::kOpaque);
  EXPECT_EQ(MarkOf(".wh..wh..opq"), Mark::kOpaque);
  EXPECT_EQ(MarkOf(".wh..wh.plnk", EntryType::kDirectory), Mark::kIgnored);
  EXPECT_EQ(MarkOf(".wh..wh.aufs"), Mark::kIgnored);
  EXPECT_EQ(MarkOf(".wh..wh.plnk/12.34"), Mark::kIgnored);
  EXPECT_EQ(MarkOf(".wh.dir/file"), Mark::kIgnored);
  EXPECT_EQ(MarkOf("a/.wh.dir/b/.wh.c"), Mark::kIgnored);
  EXPECT_EQ(MarkOf("a.wh.b"), Mark::kNone);
  EXPECT_EQ(MarkOf(".wh"), Mark::kNone);
  EXPECT_EQ(MarkOf(".WH.a"), Mark::kNone);
}

TEST_F(BuilderTest, CharacterDevice00IsAWhiteout) {
  EXPECT_EQ(MarkOf("gone", EntryType::kCharDevice), Mark::kWhiteout);
  EXPECT_EQ(MarkOf("block", EntryType::kBlockDevice), Mark::kNone);
  archive::TarEntry null = Named("null", EntryType::kCharDevice);
  null.dev_major = 1;
  null.dev_minor = 3;
  EXPECT_EQ(Add(null).mark, Mark::kNone);
}

TEST_F(BuilderTest, OverlayAttributeMakesADirectoryOpaque) {
  for (const char* name : {"trusted.overlay.opaque", "user.overlay.opaque"}) {
    archive::TarEntry entry = Named("d", EntryType::kDirectory);
    entry.xattrs = {{name, "y"}};
    EXPECT_EQ(Add(entry).mark, Mark::kOpaqueDirectory);
    entry.xattrs = {{name, "n"}};
    EXPECT_EQ(Add(entry).mark, Mark::kNone);
    entry = Named("f");
    entry.xattrs = {{name, "y"}};
    EXPECT_EQ(Add(entry).mark, Mark::kNone);
  }
}

TEST_F(BuilderTest, KeepsAttributeSetsOnceAndWhole) {
  archive::TarEntry entry = Named("a");
  entry.xattrs = {{"security.capability", std::string("\1\0\0\2", 4)}, {"user.empty", ""}};
  const uint32_t set = Add(entry).xattrs;
  EXPECT_NE(set, 0u);
  EXPECT_EQ(Add(entry).xattrs, set);
  EXPECT_EQ(Add(Named("b")).xattrs, 0u);
  entry.xattrs[1].second = "x";
  EXPECT_NE(Add(entry).xattrs, set);
  const auto read = ReadXattrs(builder_.index().xattrs(builder_.index().entry(0)));
  ASSERT_EQ(read.size(), 2u);
  EXPECT_EQ(read[0].first, "security.capability");
  EXPECT_EQ(read[0].second, std::string_view("\1\0\0\2", 4));
  EXPECT_EQ(read[1], (std::pair<std::string_view, std::string_view>("user.empty", "")));
}

TEST_F(BuilderTest, ReadXattrsStopsWhereASetIsCutShort) {
  const std::string set("a\0\x02\0\0\0vw", 8);
  EXPECT_EQ(ReadXattrs(set).size(), 1u);
  for (size_t size = 0; size < set.size(); ++size) {
    EXPECT_LE(ReadXattrs(std::string_view(set).substr(0, size)).size(), 1u);
  }
}

TEST_F(BuilderTest, KeepsWhatTheHeadersSay) {
  archive::TarEntry entry = Named("d/s", EntryType::kSymlink);
  entry.link = "../target";
  entry.mode = 07777;
  entry.uid = 4'000'000'000;
  entry.gid = -2;
  entry.mtime = -5;
  entry.size = 1ull << 40;
  entry.data_offset = 1536;
  const Entry& row = Add(entry);
  EXPECT_EQ(builder_.index().link(row), "../target");
  EXPECT_EQ(row.mode, 07777);
  EXPECT_EQ(row.uid, 4'000'000'000u);
  EXPECT_EQ(row.gid, 0xfffffffeu);
  EXPECT_EQ(row.mtime, -5);
  EXPECT_EQ(row.size, 1ull << 40);
  EXPECT_EQ(row.offset, 1536u);
}

TEST_F(BuilderTest, FinishedIndexStillAnswers) {
  Add(Named("a/b"));
  builder_.ContentOf(0)[31] = 7;
  const auto index = builder_.Finish(4242);
  EXPECT_EQ(index->decoded_bytes(), 4242u);
  EXPECT_EQ(index->Path(index->entry(0).path), "/a/b");
  EXPECT_EQ(index->content(0).size(), 32u);
  EXPECT_EQ(index->content(0)[31], 7);
}

TEST_F(BuilderTest, LimitsEntries) {
  limits_.layer_entries = 2;
  Add(Named("a"));
  Add(Named("a"));
  const Result<EntryId> third = builder_.Add(Named("a"));
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().code, Code::kLimit);
}

}  // namespace
}  // namespace fathom::layer
