#include "tree/classic.h"

#include <gtest/gtest.h>

#include "layer/layer_scan.h"
#include "tests/support/tar_writer.h"

namespace fathom::tree {
namespace {

using testing::FileEntry;
using testing::WhiteoutEntry;

ClassicNumbers Count(std::vector<std::vector<testing::TarEntry>> layers) {
  static const Limits limits;
  ClassicCounter counter;
  for (const auto& entries : layers) {
    layer::LayerScan scan(ContentAlgorithm::kXxh3_128, {}, limits);
    const std::string tar = testing::WriteTar(entries);
    EXPECT_TRUE(scan.Consume(AsBytes(tar)));
    EXPECT_TRUE(scan.Finish());
    counter.Add(scan.Take().index);
  }
  return counter.Finish();
}

std::string Bytes(size_t size) { return std::string(size, 'x'); }

// dive's own TestEfficiency: the removed directory was only implied, so it counts nothing.
TEST(ClassicTest, CountsAsDiveDoesInItsOwnTest) {
  const ClassicNumbers numbers = Count(
      {{FileEntry("etc/nginx/nginx.conf", Bytes(2000)), FileEntry("etc/nginx/public", Bytes(3000))},
       {FileEntry("etc/nginx/nginx.conf", Bytes(5000)), FileEntry("etc/athing", Bytes(10000))},
       {WhiteoutEntry("etc/nginx")}});
  EXPECT_EQ(numbers.efficiency, 0.75);
  ASSERT_EQ(numbers.inefficiencies.size(), 1u);
  EXPECT_EQ(numbers.inefficiencies[0].path, "/etc/nginx/nginx.conf");
  EXPECT_EQ(numbers.inefficiencies[0].bytes, 7000u);
}

TEST(ClassicTest, EmptyImageIsEfficient) { EXPECT_EQ(Count({}).efficiency, 1.0); }

TEST(ClassicTest, WhiteoutOfSomethingAbsentLosesNothingElse) {
  const ClassicNumbers numbers =
      Count({{FileEntry("a", Bytes(100))}, {WhiteoutEntry("nothing"), FileEntry("z", Bytes(50))}});
  EXPECT_EQ(numbers.size_bytes, 150u);
  EXPECT_EQ(numbers.wasted_bytes, 0u);
  EXPECT_EQ(numbers.efficiency, 1.0);
}

TEST(ClassicTest, OneLayerHasNoUserBytesToDivideBy) {
  EXPECT_NE(Count({{FileEntry("a", Bytes(1))}}).wasted_user_percent(), 0.0);  // NaN, as in dive
}

}  // namespace
}  // namespace fathom::tree
