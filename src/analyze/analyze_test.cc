#include "analyze/analyze.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "analyze/image_fixture.h"
#include "tests/support/oracle.h"

namespace fathom::analyze {
namespace {

using testing::DockerDialect;
using testing::FileEntry;
using testing::LayerCompression;
using testing::WhiteoutEntry;

const testing::ImageEntries kThreeLayers = {
    {FileEntry("a", "12345"), FileEntry("script", "#!/bin/sh\n"), FileEntry("gone", "123")},
    {FileEntry("a", "12"), WhiteoutEntry("gone")},
    {FileEntry("b", "1234567")}};

struct Cache {
  Cache()
      : directory(std::filesystem::temp_directory_path() /
                  fmt::format("fathom-analyze-cache-{}", getpid())),
        layers(directory.string(), 100 << 20) {}
  ~Cache() { std::filesystem::remove_all(directory); }

  std::filesystem::path directory;
  layer::LayerCache layers;
};

TEST(AnalyzeTest, KnowsAllThereIsToKnow) {
  const Analysis analysis = AnalysisOf(kThreeLayers);
  EXPECT_EQ(analysis.summary.stored_bytes, 27u);
  EXPECT_EQ(analysis.summary.visible_bytes, 19u);
  EXPECT_EQ(analysis.summary.user_stored_bytes, 9u);
  EXPECT_EQ(analysis.summary.user_wasted_bytes, 0u);
  EXPECT_EQ(analysis.classic.size_bytes, 27u);
  EXPECT_EQ(analysis.classic.wasted_bytes, 7u + 3u);
  EXPECT_EQ(analysis.layers_read, 3u);
  EXPECT_EQ(analysis.layers_cached, 0u);
  ASSERT_EQ(analysis.kinds.size(), std::size(layer::kFileKinds));
  for (const KindBytes& kind : analysis.kinds) {
    const bool script = layer::FileKindName(kind.kind) == "script";
    EXPECT_EQ(kind.files, script ? 1u : layer::FileKindName(kind.kind) == "text" ? 2u : 0u);
  }
}

TEST(AnalyzeTest, EveryFormOfAnImageIsTheSame) {
  const testing::ImageSpec spec = SpecOf(kThreeLayers);
  std::vector<std::string> archives;
  for (const auto dialect : {DockerDialect::kLegacy, DockerDialect::kDocker25,
                             DockerDialect::kPodman, DockerDialect::kKaniko}) {
    archives.push_back(testing::DockerArchive(spec, dialect));
  }
  for (const auto compression : {LayerCompression::kPlain, LayerCompression::kGzip,
                                 LayerCompression::kGzipMultiMember, LayerCompression::kZstd}) {
    archives.push_back(testing::OciArchive(spec, compression));
  }
  for (const std::string& archive : archives) {
    const Result<Analysis> analysis = AnalyzeArchive(archive);
    ASSERT_TRUE(analysis) << analysis.error().message;
    EXPECT_EQ(analysis->summary.visible_bytes, 19u);
    EXPECT_EQ(analysis->summary.wasted_bytes(), 8u);
    EXPECT_EQ(analysis->classic.wasted_bytes, 10u);
  }
}

TEST(AnalyzeTest, ALayerThatComesTwiceIsReadOnce) {
  const testing::ImageEntries layers = {kThreeLayers[0], kThreeLayers[1], kThreeLayers[0]};
  const Analysis analysis = AnalysisOf(layers);
  EXPECT_EQ(analysis.tree.layer_count(), 3u);
  EXPECT_EQ(&analysis.tree.layer(0), &analysis.tree.layer(2));
  EXPECT_EQ(analysis.summary.stored_bytes, 18u + 2u + 18u);
}

// The layers are one file of the archive; what the config says of each must be true all the same.
TEST(AnalyzeTest, ABlobThatIsDeclaredDifferentlyIsVerifiedForEach) {
  const testing::ImageSpec spec = SpecOf({kThreeLayers[0], kThreeLayers[0]});
  const auto archive_of = [&](const std::string& config) {
    return testing::WriteTar(
        {FileEntry("manifest.json", R"([{"Config":"c.json","Layers":["l.tar","l.tar"]}])"),
         FileEntry("c.json", config), FileEntry("l.tar", spec.layer_tars[0])});
  };
  std::string config = testing::ConfigJson(spec);
  const Result<Analysis> honest = AnalyzeArchive(archive_of(config));
  ASSERT_TRUE(honest) << honest.error().message;
  const std::string id = testing::DiffIds(spec)[1];
  char& digit = config[config.rfind(id) + id.size() - 1];
  digit = digit == '0' ? '1' : '0';
  const Result<Analysis> analysis = AnalyzeArchive(archive_of(config));
  ASSERT_FALSE(analysis);
  EXPECT_EQ(analysis.error().code, Code::kCorrupt);
  EXPECT_TRUE(analysis.error().message.contains("layer 1 (")) << analysis.error().message;
}

TEST(AnalyzeTest, WhatIsReadIsKeptAndNotReadAgain) {
  Cache cache;
  Options options;
  options.cache = &cache.layers;
  const std::string archive = testing::DockerArchive(SpecOf(kThreeLayers), DockerDialect::kPodman);
  ASSERT_TRUE(AnalyzeArchive(archive, options));
  Result<Analysis> again = AnalyzeArchive(archive, options);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->layers_cached, 3u);
  EXPECT_EQ(again->layers_read, 0u);
  EXPECT_EQ(again->summary.visible_bytes, 19u);
  options.verify = true;
  again = AnalyzeArchive(archive, options);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->layers_read, 3u);
}

TEST(AnalyzeTest, LayersOfTheCacheAndNewOnesMeet) {
  Cache cache;
  Options options;
  options.cache = &cache.layers;
  const testing::ImageEntries base = {kThreeLayers[0]};
  ASSERT_TRUE(
      AnalyzeArchive(testing::DockerArchive(SpecOf(base), DockerDialect::kDocker25), options));
  const Result<Analysis> analysis = AnalyzeArchive(
      testing::DockerArchive(SpecOf(kThreeLayers), DockerDialect::kDocker25), options);
  ASSERT_TRUE(analysis);
  EXPECT_EQ(analysis->layers_cached, 1u);
  EXPECT_EQ(analysis->layers_read, 2u);
  EXPECT_EQ(analysis->summary.visible_bytes, 19u);
}

TEST(AnalyzeTest, TheLowestDamagedLayerIsNamed) {
  for (const unsigned threads : {1u, 2u, 5u}) {
    const testing::ImageSpec spec = SpecOf(kThreeLayers);
    std::string archive = testing::DockerArchive(spec, DockerDialect::kLegacy);
    for (const char* content : {"1234567", "12345"}) {
      archive[archive.find(content)] ^= 1;
    }
    Options options;
    options.threads = threads;
    const Result<Analysis> analysis = AnalyzeArchive(archive, options);
    ASSERT_FALSE(analysis);
    EXPECT_EQ(analysis.error().code, Code::kCorrupt);
    EXPECT_TRUE(analysis.error().message.contains("layer 0 ("));
  }
}

TEST(AnalyzeTest, HasALimitOfLayers) {
  Options options;
  options.limits.layers = 2;
  const Result<Analysis> analysis = AnalyzeArchive(
      testing::DockerArchive(SpecOf(kThreeLayers), DockerDialect::kDocker25), options);
  ASSERT_FALSE(analysis);
  EXPECT_EQ(analysis.error().code, Code::kLimit);
}

// From the bytes of an archive to the numbers, against the oracle, which shares no code with it.
RC_GTEST_PROP(Analyze, IsEqualToTheOracle, ()) {
  const auto layers = *testing::RandomImage();
  const testing::OracleNumbers oracle = testing::RunOracle(testing::LayerTars(layers));
  Options options;
  options.threads = *rc::gen::inRange(1u, 4u);
  const auto dialect = *rc::gen::element(DockerDialect::kLegacy, DockerDialect::kDocker25,
                                         DockerDialect::kPodman, DockerDialect::kKaniko);
  const Result<Analysis> analysis =
      AnalyzeArchive(testing::DockerArchive(SpecOf(layers), dialect), options);
  RC_ASSERT(analysis.has_value());
  RC_ASSERT(analysis->summary.stored_bytes == oracle.stored);
  RC_ASSERT(analysis->summary.visible_bytes == oracle.visible);
  RC_ASSERT(analysis->summary.duplicate_bytes == oracle.duplicate);
  RC_ASSERT(analysis->summary.efficiency() == oracle.efficiency);
  for (const tree::Cause cause : tree::kCauses) {
    RC_ASSERT(analysis->summary.wasted_by_cause[static_cast<size_t>(cause)] ==
              oracle.waste_by_cause.at(std::string(tree::CauseName(cause))));
  }
  for (size_t i = 0; i < oracle.layers.size(); ++i) {
    const tree::LayerNumbers& numbers = analysis->tree.numbers(i);
    RC_ASSERT(numbers.stored_bytes == oracle.layers[i].stored);
    RC_ASSERT(numbers.wasted_here_bytes == oracle.layers[i].wasted_here);
    RC_ASSERT(numbers.hidden_bytes == oracle.layers[i].hidden_by);
    RC_ASSERT(numbers.modified == oracle.layers[i].modified);
  }
}

// Of an archive that only comes past, blobs whose names tell what they are need not be read.
TEST(AnalyzeTest, PassesOverBlobsOfAStreamThatTheCacheHas) {
  Cache cache;
  Options options;
  options.cache = &cache.layers;
  const testing::ImageSpec spec = SpecOf(kThreeLayers);
  for (const auto dialect : {DockerDialect::kPodman, DockerDialect::kDocker25}) {
    const std::string archive = testing::Gzip(testing::DockerArchive(spec, dialect));
    const auto first = AnalyzeArchive(archive, options);
    ASSERT_TRUE(first) << first.error().message;
    const auto second = AnalyzeArchive(archive, options);
    ASSERT_TRUE(second) << second.error().message;
    EXPECT_EQ(second->layers_read, 0u);
    EXPECT_EQ(second->layers_cached, 3u);
    EXPECT_EQ(second->summary.visible_bytes, first->summary.visible_bytes);
    options.verify = true;
    EXPECT_EQ(AnalyzeArchive(archive, options)->layers_read, 3u);
    options.verify = false;
  }
}

TEST(AnalyzeTest, ABlobWithTheNameOfAnotherLayerIsNeverTakenForIt) {
  Cache cache;
  Options options;
  options.cache = &cache.layers;
  const testing::ImageSpec known = SpecOf({{FileEntry("known", "1")}});
  ASSERT_TRUE(AnalyzeArchive(testing::DockerArchive(known, DockerDialect::kPodman), options));

  const testing::ImageSpec other = SpecOf({{FileEntry("other", "22")}});
  const std::string name = testing::DiffIds(known)[0].substr(7) + ".tar";
  const std::string archive = testing::Gzip(testing::WriteTar(
      {FileEntry(name, other.layer_tars[0]), FileEntry("config", testing::ConfigJson(other)),
       FileEntry("manifest.json",
                 fmt::format(R"([{{"Config":"config","Layers":["{}"]}}])", name))}));
  const auto analysis = AnalyzeArchive(archive, options);
  ASSERT_FALSE(analysis);
  EXPECT_EQ(analysis.error().code, Code::kCorrupt);
  EXPECT_TRUE(analysis.error().message.contains(name)) << analysis.error().message;
  options.cache = nullptr;
  EXPECT_EQ(AnalyzeArchive(archive, options)->summary.stored_bytes, 2u);
}

}  // namespace
}  // namespace fathom::analyze
