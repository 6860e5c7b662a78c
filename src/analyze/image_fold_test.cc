#include "analyze/image_fold.h"

#include <gtest/gtest.h>

#include <thread>

#include "layer/layer_scan.h"
#include "tests/support/tar_writer.h"

namespace fathom::analyze {
namespace {

using testing::FileEntry;
using testing::WhiteoutEntry;
using Layers = std::vector<std::shared_ptr<const layer::LayerIndex>>;

std::shared_ptr<const layer::LayerIndex> Scan(const std::vector<testing::TarEntry>& entries) {
  static const Limits limits;
  layer::LayerScan scan(ContentAlgorithm::kXxh3_128, {}, limits);
  const std::string tar = testing::WriteTar(entries);
  EXPECT_TRUE(scan.Consume(AsBytes(tar)));
  EXPECT_TRUE(scan.Finish());
  return scan.Take().index;
}

// Each layer rewrites one file, adds another and removes that of the layer below.
Layers ManyLayers(size_t count) {
  Layers layers;
  for (size_t i = 0; i < count; ++i) {
    std::vector<testing::TarEntry> entries = {FileEntry("same", std::string(i + 1, 'x')),
                                              FileEntry(fmt::format("own{}", i), "12345")};
    if (i > 0) {
      entries.push_back(WhiteoutEntry(fmt::format("own{}", i - 1)));
    }
    layers.push_back(Scan(entries));
  }
  return layers;
}

void ExpectManyLayers(Result<FoldedImage> folded, size_t count) {
  ASSERT_TRUE(folded);
  ASSERT_EQ(folded->tree.layer_count(), count);
  for (size_t i = 0; i < count; ++i) {
    EXPECT_EQ(folded->tree.numbers(i).stored_bytes, i + 6);
    EXPECT_EQ(folded->tree.numbers(i).removed, i > 0 ? 1u : 0u);
    EXPECT_EQ(folded->classic.layer_bytes[i], i + 6);
  }
  EXPECT_EQ(folded->tree.waste().size(), 2 * (count - 1));
}

TEST(ImageFoldTest, AnImageOfNoLayersIsEmpty) {
  ImageFold fold(0);
  fold.Work();
  const Result<FoldedImage> folded = fold.Finish();
  ASSERT_TRUE(folded);
  EXPECT_EQ(folded->tree.layer_count(), 0u);
  EXPECT_EQ(folded->classic.efficiency, 1.0);
}

TEST(ImageFoldTest, TheOrderInWhichLayersComeChangesNothing) {
  const Layers layers = ManyLayers(9);
  for (const std::vector<size_t>& order : {std::vector<size_t>{0, 1, 2, 3, 4, 5, 6, 7, 8},
                                           {8, 7, 6, 5, 4, 3, 2, 1, 0},
                                           {4, 0, 8, 1, 2, 3, 7, 6, 5}}) {
    ImageFold fold(layers.size());
    for (const size_t number : order) {
      fold.Put(number, layers[number]);
      fold.Work();
    }
    ExpectManyLayers(fold.Finish(), layers.size());
  }
}

TEST(ImageFoldTest, ThreadsFoldTogether) {
  const Layers layers = ManyLayers(60);
  for (int round = 0; round < 20; ++round) {
    ImageFold fold(layers.size());
    std::vector<std::jthread> threads;
    for (size_t thread = 0; thread < 3; ++thread) {
      threads.emplace_back([&, thread] {
        for (size_t i = thread; i < layers.size(); i += 3) {
          fold.Put(i, layers[i]);
          fold.Work();
        }
      });
    }
    threads.clear();
    ExpectManyLayers(fold.Finish(), layers.size());
  }
}

}  // namespace
}  // namespace fathom::analyze
