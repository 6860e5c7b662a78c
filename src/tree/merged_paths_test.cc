#include "tree/merged_paths.h"

#include <gtest/gtest.h>

#include "layer/layer_index_builder.h"

namespace fathom::tree {
namespace {

std::shared_ptr<const layer::LayerIndex> LayerOf(const std::vector<std::string>& files) {
  static const Limits limits;
  layer::LayerIndexBuilder builder(ContentAlgorithm::kXxh3_128, limits);
  for (const std::string& file : files) {
    archive::TarEntry entry;
    entry.path = file;
    EXPECT_TRUE(builder.Add(entry));
  }
  return builder.Finish(0);
}

StringId NameIn(const layer::LayerIndex& layer, size_t entry) {
  return layer.paths().name(layer.entry(static_cast<layer::EntryId>(entry)).path);
}

TEST(MergedPathsTest, StartsWithTheRoot) {
  const MergedPaths paths;
  EXPECT_EQ(paths.size(), 1u);
  EXPECT_EQ(paths.Path(kRoot), "/");
  EXPECT_EQ(paths.name(kRoot), "");
  EXPECT_EQ(paths.first_child(kRoot), kNone);
  EXPECT_EQ(paths.Find(kRoot, "a"), kNone);
}

TEST(MergedPathsTest, APathOfSeveralLayersIsOneNode) {
  MergedPaths paths;
  paths.AddLayer(LayerOf({"a", "b"}));
  const NodeId a = paths.Add(kRoot, NameIn(paths.layer(0), 0));
  const NodeId b = paths.Add(a, NameIn(paths.layer(0), 1));
  paths.AddLayer(LayerOf({"c", "b", "a"}));
  EXPECT_EQ(paths.Add(kRoot, NameIn(paths.layer(1), 2)), a);
  EXPECT_EQ(paths.Add(a, "b"), b);
  EXPECT_EQ(paths.Find(a, "b"), b);
  EXPECT_EQ(paths.Find(b, "a"), kNone);
  EXPECT_EQ(paths.size(), 3u);
  EXPECT_EQ(paths.Path(b), "/a/b");
}

TEST(MergedPathsTest, KeepsNamesThatNoLayerHas) {
  MergedPaths paths;
  const NodeId made = paths.Add(paths.Add(kRoot, "made"), "from a link");
  paths.AddLayer(LayerOf({"a"}));
  const NodeId a = paths.Add(kRoot, NameIn(paths.layer(0), 0));
  EXPECT_EQ(paths.Path(made), "/made/from a link");
  EXPECT_EQ(paths.name(a), "a");
  EXPECT_EQ(paths.parent(made), paths.Find(kRoot, "made"));
}

TEST(MergedPathsTest, ChildrenAreListedOnceEach) {
  MergedPaths paths;
  for (int i = 0; i < 10'000; ++i) {
    paths.Add(kRoot, std::to_string(i % 5000));
  }
  size_t children = 0;
  for (NodeId child = paths.first_child(kRoot); child != kNone; child = paths.next_sibling(child)) {
    EXPECT_EQ(paths.Find(kRoot, paths.name(child)), child);
    ++children;
  }
  EXPECT_EQ(children, 5000u);
}

}  // namespace
}  // namespace fathom::tree
