#include "layer/layer_cache.h"

#include <sys/stat.h>

#include "layer/layer_cache_fixture.h"

namespace fathom::layer {
namespace {

using namespace std::chrono_literals;

// ---- Finding what was put

TEST_F(LayerCacheTest, AnEmptyCacheHasNothingAndIsNoError) {
  LayerCache cache = Cache();
  EXPECT_FALSE(Has(cache, 1));
  EXPECT_FALSE(cache.FindConfig(Layer(1)));
  EXPECT_TRUE(cache.List().empty());
  EXPECT_EQ(cache.Trim().files, 0u);
  EXPECT_EQ(cache.Clear().files, 0u);
  EXPECT_FALSE(fs::exists(folder_)) << "only a write makes the folder";
}

TEST_F(LayerCacheTest, WhatWasPutIsFoundByAnyOtherCacheOverTheFolder) {
  LayerCache cache = Cache();
  Put(cache, 1);
  EXPECT_EQ(cache.failures(), 0u) << cache.first_failure();
  EXPECT_TRUE(Has(cache, 1));
  EXPECT_TRUE(Has(Cache(), 1));
  EXPECT_FALSE(Has(cache, 2));
}

TEST_F(LayerCacheTest, FilesAreCalledAsTheFormatSays) {
  LayerCache cache = Cache();
  Put(cache, 1);
  Put(cache, 1, kSha256);
  cache.PutConfig(DigestOf(AsBytes("{}")), "{}");
  const std::string hex = Layer(1).Hex();
  const fs::path layers = folder_ / "layers" / "sha256" / hex.substr(0, 2);
  EXPECT_TRUE(fs::exists(layers / (hex + ".xxh3.index")));
  EXPECT_TRUE(fs::exists(layers / (hex + ".sha256.index")));
  EXPECT_TRUE(fs::exists(layers / (hex + ".file-kind-v1.facet")));
  EXPECT_TRUE(
      fs::exists(folder_ / "configs" / "sha256" / (DigestOf(AsBytes("{}")).Hex() + ".json")));
  EXPECT_EQ(Files().size(), 4u);
}

TEST_F(LayerCacheTest, AnIndexWithSha256ServesEveryRequestNeverTheReverse) {
  LayerCache cache = Cache();
  Put(cache, 1, kSha256);
  Put(cache, 2, kXxh3);
  const auto found = cache.Find(Layer(1), kXxh3, kFileKind);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->index->algorithm(), kSha256);
  EXPECT_TRUE(cache.Find(Layer(1), kSha256, kFileKind));
  EXPECT_FALSE(cache.Find(Layer(2), kSha256, kFileKind));
}

TEST_F(LayerCacheTest, AllFacetsAreThereInTheOrderAskedForOrNothingIs) {
  LayerCache cache = Cache();
  const std::vector<Facet> facets = {FacetOf(1, "a"), FacetOf(1, "b-c")};
  cache.Put(Layer(1), *IndexOf(1), facets);
  const auto found = cache.Find(Layer(1), kXxh3, std::vector{Kind("b-c"), Kind("a")});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->facets.at(0).name, "b-c");
  EXPECT_EQ(found->facets.at(1).name, "a");
  EXPECT_TRUE(cache.Find(Layer(1), kXxh3, kNoFacets));
  EXPECT_FALSE(cache.Find(Layer(1), kXxh3, std::vector{Kind("a"), Kind("d")}));
  EXPECT_FALSE(cache.Find(Layer(1), kXxh3, std::vector{Kind("a", 2)})) << "another version";
}

TEST_F(LayerCacheTest, Sha512LayersHaveTheirOwnPlace) {
  LayerCache cache = Cache();
  const Digest layer = DigestOf(AsBytes("layer"), DigestAlgorithm::kSha512);
  cache.Put(layer, *IndexOf(7), {});
  EXPECT_TRUE(cache.Find(layer, kXxh3, kNoFacets));
  EXPECT_EQ(cache.List().at(0).digest, layer);
}

TEST_F(LayerCacheTest, AnEmptyDigestHasNoPlace) {
  LayerCache cache = Cache();
  cache.Put(Digest(), *IndexOf(1), {});
  EXPECT_TRUE(Files().empty());
  EXPECT_FALSE(cache.Find(Digest(), kXxh3, kNoFacets));
  EXPECT_FALSE(cache.FindConfig(Digest()));
}

TEST_F(LayerCacheTest, FacetsWithNamesThatAreNoFileNamesAreNotKept) {
  LayerCache cache = Cache();
  for (const std::string name : {"", "../../escape", "a/b", "A", "a.b"}) {
    const std::vector<Facet> facets = {FacetOf(1, name)};
    cache.Put(Layer(1), *IndexOf(1), facets);
    EXPECT_FALSE(cache.Find(Layer(1), kXxh3, std::vector{Kind(name)})) << name;
  }
  EXPECT_EQ(Files().size(), 1u);
  EXPECT_EQ(cache.failures(), 5u);
}

TEST_F(LayerCacheTest, ConfigsAreKeptUnderTheirOwnDigestOnly) {
  LayerCache cache = Cache();
  const Digest digest = DigestOf(AsBytes("{\"a\":1}"));
  cache.PutConfig(digest, "{\"a\":1}");
  EXPECT_EQ(cache.FindConfig(digest), "{\"a\":1}");
  cache.PutConfig(Layer(1), "{}");
  EXPECT_FALSE(cache.FindConfig(Layer(1)));
  EXPECT_EQ(cache.failures(), 1u);
}

// ---- Damage is a miss

TEST_F(LayerCacheTest, KeepsRecordsUnderKeysOfAnyText) {
  LayerCache cache(folder_, kPlenty);
  EXPECT_FALSE(cache.FindRecord("image a"));
  cache.PutRecord("image a", "one");
  cache.PutRecord("image", " a\n");
  EXPECT_EQ(cache.FindRecord("image a"), "one");
  EXPECT_EQ(cache.FindRecord("image"), " a\n");
  cache.PutRecord("image a", "");
  EXPECT_EQ(cache.FindRecord("image a"), "");
  EXPECT_EQ(cache.List().size(), 2u);
  EXPECT_EQ(cache.List()[0].name, "image");
}

TEST_F(LayerCacheTest, ADamagedRecordIsAMiss) {
  LayerCache cache(folder_, kPlenty);
  cache.PutRecord("a", "one");
  cache.PutRecord("b", "one");
  const auto path = [this](const char* key) {
    return folder_ / "images" / "sha256" / (DigestOf(AsBytes(key)).Hex() + ".record");
  };
  fs::copy_file(path("a"), path("b"), fs::copy_options::overwrite_existing);
  EXPECT_FALSE(cache.FindRecord("b"));
  EXPECT_EQ(cache.FindRecord("a"), "one");
  fs::resize_file(path("a"), fs::file_size(path("a")) - 1);
  EXPECT_FALSE(cache.FindRecord("a"));
  EXPECT_FALSE(fs::exists(path("a")));
}

TEST_F(LayerCacheTest, AFlippedByteIsAMissAndTheFileIsRemoved) {
  LayerCache cache = Cache();
  for (const bool facet : {false, true}) {
    Put(cache, 1);
    const fs::path file = facet ? FacetFile(1) : IndexFile(1);
    std::string text = ReadText(file);
    text[text.size() / 2] = static_cast<char>(~text[text.size() / 2]);
    WriteText(file, text);
    EXPECT_FALSE(Has(cache, 1));
    EXPECT_FALSE(fs::exists(file));
    Put(cache, 1);
    EXPECT_TRUE(Has(cache, 1));
  }
}

TEST_F(LayerCacheTest, AnEmptyFileIsAMiss) {
  LayerCache cache = Cache();
  Put(cache, 1);
  WriteText(IndexFile(1), "");
  EXPECT_FALSE(Has(cache, 1));
}

TEST_F(LayerCacheTest, AChangedConfigIsAMissAndTheFileIsRemoved) {
  LayerCache cache = Cache();
  const Digest digest = DigestOf(AsBytes("{}"));
  cache.PutConfig(digest, "{}");
  WriteText(Files().at(0), "[]");
  EXPECT_FALSE(cache.FindConfig(digest));
  EXPECT_TRUE(Files().empty());
}

TEST_F(LayerCacheTest, AFileUnderAnotherLayersNameIsAMiss) {
  LayerCache cache = Cache();
  Put(cache, 1);
  Put(cache, 2);
  fs::copy_file(IndexFile(1), IndexFile(2), fs::copy_options::overwrite_existing);
  EXPECT_FALSE(Has(cache, 2));
  EXPECT_TRUE(Has(cache, 1));
}

TEST_F(LayerCacheTest, DamageOfTheXxh3IndexLeavesTheSha256Index) {
  LayerCache cache = Cache();
  Put(cache, 1, kSha256);
  Put(cache, 1, kXxh3);
  WriteText(IndexFile(1), "damage");
  EXPECT_TRUE(Has(cache, 1));
}

// ---- A cache that cannot be used

TEST_F(LayerCacheTest, AFileInPlaceOfTheFolderIsCountedNotReported) {
  fs::create_directories(folder_.parent_path());
  WriteText(folder_, "in the way");
  LayerCache cache = Cache();
  Put(cache, 1);
  EXPECT_EQ(cache.failures(), 2u);
  EXPECT_FALSE(cache.first_failure().empty());
  EXPECT_FALSE(Has(cache, 1));
  EXPECT_TRUE(cache.List().empty());
  cache.Clear();
  EXPECT_EQ(ReadText(folder_), "in the way");
}

TEST_F(LayerCacheTest, OddThingsUnderTheRightNameAreAMiss) {
  LayerCache cache = Cache();
  Put(cache, 1);
  fs::remove(IndexFile(1));
  ASSERT_EQ(::mkfifo(IndexFile(1).c_str(), 0600), 0);
  EXPECT_FALSE(Has(cache, 1)) << "and nobody waits for the other end of a fifo";
  fs::remove(IndexFile(1));
  fs::create_directory(IndexFile(1));
  EXPECT_FALSE(Has(cache, 1));
  cache.Clear();
  EXPECT_TRUE(fs::exists(IndexFile(1)));
}

// ---- Size

TEST_F(LayerCacheTest, TheLeastRecentlyUsedGoesFirst) {
  LayerCache cache = Cache();
  for (int i = 1; i <= 4; ++i) {
    Put(cache, i);
    Age(i, 1h * (10 - i));
  }
  EXPECT_TRUE(Has(cache, 1)) << "which is a use";
  const uint64_t layer_bytes = Total() / 4;
  const LayerCache::Removed removed = cache.Trim(3 * layer_bytes);
  EXPECT_GE(removed.files, 2u);
  EXPECT_TRUE(Has(cache, 1));
  EXPECT_FALSE(Has(cache, 2));
  EXPECT_TRUE(Has(cache, 4));
  EXPECT_LE(Total(), 3 * layer_bytes * 9 / 10);
}

TEST_F(LayerCacheTest, NothingGoesWhileThereIsRoom) {
  LayerCache cache = Cache();
  Put(cache, 1);
  EXPECT_EQ(cache.Trim(Total()).files, 0u);
  EXPECT_TRUE(Has(cache, 1));
  EXPECT_EQ(cache.Trim(1).files, 2u);
  EXPECT_TRUE(Files().empty());
}

TEST_F(LayerCacheTest, TheCapHoldsAfterEveryPut) {
  constexpr uint64_t kCap = 20'000;
  LayerCache cache = Cache(kCap);
  for (int i = 0; i < 50; ++i) {
    Put(cache, i);
    EXPECT_LE(Total(), kCap);
  }
  EXPECT_TRUE(Has(cache, 49));
  EXPECT_FALSE(Has(cache, 0));
}

TEST_F(LayerCacheTest, WhatAloneIsOverTheCapIsNotKept) {
  LayerCache cache = Cache(500);
  Put(cache, 1);
  EXPECT_FALSE(fs::exists(IndexFile(1)));
  EXPECT_EQ(cache.failures(), 0u);
}

TEST_F(LayerCacheTest, ListingTellsWhatWasUsedLastAndHowLargeItIs) {
  LayerCache cache = Cache();
  Put(cache, 1);
  cache.PutConfig(DigestOf(AsBytes("{}")), "{}");
  Age(1, 1h);
  WriteText(folder_ / "layers" / "foreign", "x");
  const std::vector<CacheFile> files = cache.List();
  ASSERT_EQ(files.size(), 3u);
  EXPECT_EQ(files[0].kind, CacheKind::kConfig);
  EXPECT_EQ(files[0].bytes, 2u);
  EXPECT_EQ(files[0].digest, DigestOf(AsBytes("{}")));
  EXPECT_GT(files[0].last_used, files[1].last_used + 50min);
  for (const CacheFile& file : {files[1], files[2]}) {
    EXPECT_EQ(file.digest, Layer(1));
    EXPECT_EQ(file.name, file.kind == CacheKind::kIndex ? "xxh3" : "file-kind-v1");
    EXPECT_EQ(file.bytes, fs::file_size(folder_ / file.path.folder / file.path.name));
  }
}

}  // namespace
}  // namespace fathom::layer
