#include "analyze/base_image.h"

#include "analyze/image_fixture.h"

namespace fathom::analyze {
namespace {

using testing::FileEntry;

const testing::ImageEntries kLayers = {
    {FileEntry("a", "1")}, {FileEntry("b", "2")}, {FileEntry("c", "3")}};

image::Image ImageOf(const testing::ImageEntries& layers) { return AnalysisOf(layers).image; }

Result<Analysis> AnalyzeOver(const BaseRequest& base) {
  Options options;
  options.base = base;
  return AnalyzeArchive(testing::DockerArchive(SpecOf(kLayers), testing::DockerDialect::kDocker25),
                        options);
}

BaseRequest Named(const testing::ImageEntries& layers) {
  return {.layers = {}, .name = "base", .open = [layers](const image::Platform& platform) {
            EXPECT_EQ(platform.ToString(), "linux/amd64");
            return Result<image::Image>(ImageOf(layers));
          }};
}

TEST(BaseImageTest, WithoutAWordTheFirstLayerIsAssumed) {
  const Analysis analysis = AnalysisOf(kLayers);
  EXPECT_EQ(analysis.base.origin, BaseOrigin::kAssumed);
  EXPECT_EQ(analysis.base_layers, 1u);
}

TEST(BaseImageTest, ACountIsBelievedUpToTheLayersThereAre) {
  for (const size_t layers : {0u, 1u, 3u}) {
    const auto analysis = AnalyzeOver({.layers = layers, .name = {}, .open = {}});
    ASSERT_TRUE(analysis);
    EXPECT_EQ(analysis->base_layers, layers);
    EXPECT_EQ(analysis->base.origin, BaseOrigin::kGiven);
    EXPECT_EQ(analysis->summary.user_stored_bytes, 3 - layers);
  }
  EXPECT_EQ(AnalyzeOver({.layers = 4, .name = {}, .open = {}}).error().code,
            Code::kInvalidArgument);
}

TEST(BaseImageTest, AnImageThatItBeginsWithIsTheBase) {
  const auto analysis = AnalyzeOver(Named({kLayers[0], kLayers[1]}));
  ASSERT_TRUE(analysis) << analysis.error().message;
  EXPECT_EQ(analysis->base_layers, 2u);
  EXPECT_EQ(analysis->base.origin, BaseOrigin::kImage);
  EXPECT_EQ(analysis->base.name, "base");
}

TEST(BaseImageTest, ItIsSaidWhereTwoImagesPart) {
  const auto other = AnalyzeOver(Named({kLayers[0], kLayers[2]}));
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, Code::kInvalidArgument);
  EXPECT_TRUE(other.error().message.contains("part at layer 1")) << other.error().message;
  const auto longer = AnalyzeOver(Named({kLayers[0], kLayers[1], kLayers[2], kLayers[0]}));
  ASSERT_FALSE(longer);
  EXPECT_TRUE(longer.error().message.contains("part at layer 3")) << longer.error().message;
}

}  // namespace
}  // namespace fathom::analyze
