#include "tree/stack.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "layer/layer_scan.h"
#include "tests/support/oracle.h"
#include "tests/support/random_image.h"
#include "tests/support/tar_writer.h"
#include "tree/listing.h"
#include "tree/summary.h"

namespace fathom::tree {
namespace {

std::shared_ptr<const layer::LayerIndex> Scan(const std::string& tar) {
  static const Limits limits;
  layer::LayerScan scan(ContentAlgorithm::kXxh3_128, {}, limits);
  EXPECT_TRUE(scan.Consume(AsBytes(tar)));
  EXPECT_TRUE(scan.Finish());
  return scan.Take().index;
}

FileTree StackOf(const std::vector<std::string>& tars) {
  Stack stack;
  for (const std::string& tar : tars) {
    EXPECT_TRUE(stack.Add(Scan(tar)));
  }
  return stack.Finish();
}

std::string Tar(std::vector<testing::TarEntry> entries) { return testing::WriteTar(entries); }

using WasteRow = std::tuple<std::string, size_t, size_t, std::string, uint64_t>;

std::vector<WasteRow> WasteOf(const FileTree& tree) {
  std::vector<WasteRow> rows;
  for (const Waste& waste : tree.waste()) {
    const Inode& inode = tree.inodes()[waste.inode];
    if (tree.size(inode) > 0) {
      rows.emplace_back(tree.Path(waste.node), inode.layer, waste.hidden_by, CauseName(waste.cause),
                        tree.size(inode));
    }
  }
  std::ranges::sort(rows);
  return rows;
}

std::vector<WasteRow> WasteOf(const testing::OracleNumbers& oracle) {
  std::vector<WasteRow> rows;
  for (const auto& waste : oracle.wasted_paths) {
    rows.emplace_back(waste.path, waste.stored_in, waste.hidden_by, waste.cause, waste.bytes);
  }
  std::ranges::sort(rows);
  return rows;
}

// Every number of the exact definitions, and the file system after every layer, agree with the
// oracle, which reads the tars by itself and keeps plain maps.
TEST(StackTest, AgreesWithTheOracleOnRandomImages) {
  const auto property = [](const testing::ImageEntries& image) {
    const std::vector<std::string> tars = testing::LayerTars(image);
    const testing::OracleNumbers oracle = testing::RunOracle(tars);
    const FileTree tree = StackOf(tars);
    const Summary summary = Summarize(tree, 1);

    RC_ASSERT(summary.stored_bytes == oracle.stored);
    RC_ASSERT(summary.visible_bytes == oracle.visible);
    RC_ASSERT(summary.wasted_bytes() == oracle.wasted);
    RC_ASSERT(summary.duplicate_bytes == oracle.duplicate);
    RC_ASSERT(summary.efficiency() == oracle.efficiency);
    RC_ASSERT(WasteOf(tree) == WasteOf(oracle));
    for (size_t i = 0; i < tars.size(); ++i) {
      const LayerNumbers& numbers = tree.numbers(i);
      const auto& expected = oracle.layers[i];
      RC_ASSERT(numbers.stored_bytes == expected.stored);
      RC_ASSERT(numbers.entries == expected.entries);
      RC_ASSERT(numbers.wasted_here_bytes == expected.wasted_here);
      RC_ASSERT(numbers.hidden_bytes == expected.hidden_by);
      RC_ASSERT(numbers.added == expected.added);
      RC_ASSERT(numbers.modified == expected.modified);
      RC_ASSERT(numbers.removed == expected.removed);

      std::map<std::string, const Version*> files;
      for (const Row& row : List(tree, {i + 1, i}, Comparison::kExact)) {
        files.emplace(tree.Path(row.node), row.version);
      }
      RC_ASSERT(files.size() == oracle.state_after_layer[i].size());
      for (const auto& [path, file] : oracle.state_after_layer[i]) {
        RC_ASSERT(files.contains(path));
        const Version& version = *files.at(path);
        const layer::Entry* entry = tree.Metadata(version);
        RC_ASSERT((entry == nullptr) == file.implied);
        if (entry != nullptr) {
          RC_ASSERT(entry->mode == file.mode);
          RC_ASSERT(int64_t{entry->uid} == file.uid);
          RC_ASSERT(int64_t{entry->gid} == file.gid);
          RC_ASSERT(entry->mtime == file.mtime);
        }
        RC_ASSERT((version.state == State::kSymlink) == (file.type == '2'));
        RC_ASSERT((version.state == State::kDirectory) == (file.type == '5'));
        if (version.inode != kNone) {
          RC_ASSERT(entry->size == file.size);
        }
      }
    }
  };
  EXPECT_TRUE(rc::check("engine and oracle agree", [&] { property(*testing::RandomImage()); }));
}

TEST(StackTest, WhiteoutSpeaksOfLowerLayersOnly) {
  const FileTree tree = StackOf({
      Tar({testing::FileEntry("a", "12345")}),
      Tar({testing::FileEntry("a", "123"), testing::WhiteoutEntry("a")}),
  });
  const Summary summary = Summarize(tree, 1);
  EXPECT_EQ(summary.visible_bytes, 3u);
  EXPECT_EQ(summary.wasted_by_cause[static_cast<size_t>(Cause::kRemoved)], 5u);
}

TEST(StackTest, ParentThatIsALinkIsFollowedAndReported) {
  const FileTree tree = StackOf({
      Tar({testing::DirEntry("usr/lib"), testing::SymlinkEntry("lib", "usr/lib")}),
      Tar({testing::FileEntry("lib/x.so", "12")}),
  });
  const auto rows = List(tree, {1, 1}, Comparison::kExact);
  EXPECT_TRUE(std::ranges::any_of(
      rows, [&](const Row& row) { return tree.Path(row.node) == "/usr/lib/x.so"; }));
  EXPECT_EQ(tree.numbers(1).linked_parents, 1u);
}

TEST(StackTest, LinkGroupIsWastedWhenItsLastLinkGoes) {
  const std::string base = Tar({testing::FileEntry("a", "1234"), testing::HardLinkEntry("b", "a")});
  EXPECT_EQ(Summarize(StackOf({base, Tar({testing::WhiteoutEntry("a")})}), 1).wasted_bytes(), 0u);
  const FileTree both =
      StackOf({base, Tar({testing::WhiteoutEntry("a")}), Tar({testing::WhiteoutEntry("b")})});
  ASSERT_EQ(both.waste().size(), 1u);
  EXPECT_EQ(both.Path(both.waste()[0].node), "/b");
  EXPECT_EQ(both.waste()[0].hidden_by, 2);
}

TEST(StackTest, AnyRangeIsReadOffWithoutRebuilding) {
  const FileTree tree = StackOf({
      Tar({testing::FileEntry("d/a", "1"), testing::FileEntry("d/b", "1")}),
      Tar({testing::FileEntry("d/c", "1"), testing::FileEntry("d/a", "2")}),
      Tar({testing::WhiteoutEntry("d/c"), testing::WhiteoutEntry("d/b")}),
  });
  const auto change = [&](Range range, std::string_view path) -> std::string {
    for (const Row& row : List(tree, range, Comparison::kExact)) {
      if (tree.Path(row.node) == path) {
        return std::string(ChangeName(row.change));
      }
    }
    return "absent";
  };
  EXPECT_EQ(change({2, 2}, "/d/a"), "unmodified");
  EXPECT_EQ(change({1, 2}, "/d/a"), "modified");
  EXPECT_EQ(change({0, 2}, "/d/a"), "added");
  EXPECT_EQ(change({1, 1}, "/d/c"), "added");
  EXPECT_EQ(change({1, 2}, "/d/c"), "removed");
  EXPECT_EQ(change({0, 1}, "/d/b"), "added");
  EXPECT_EQ(change({2, 2}, "/d/b"), "removed");
  EXPECT_EQ(change({3, 2}, "/d/b"), "absent");
}

}  // namespace
}  // namespace fathom::tree
