// What the tests of the cache share: small layers by number, and a folder that goes away.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "layer/layer_cache.h"
#include "layer/layer_index_builder.h"

namespace fathom::layer {

namespace fs = std::filesystem;

constexpr auto kXxh3 = ContentAlgorithm::kXxh3_128;
constexpr auto kSha256 = ContentAlgorithm::kSha256;
constexpr uint64_t kPlenty = 100 << 20;

// The diff ID of the layer of that number.
inline Digest Layer(int number) { return DigestOf(AsBytes(fmt::format("layer {}", number))); }

// An index that says whose it is by its decoded bytes.
inline std::shared_ptr<const LayerIndex> IndexOf(int number, ContentAlgorithm algorithm = kXxh3,
                                                 int files = 10) {
  const Limits limits;
  LayerIndexBuilder builder(algorithm, limits);
  for (int i = 0; i < files; ++i) {
    archive::TarEntry entry;
    entry.path = fmt::format("layer{}/file{}", number, i);
    static_cast<void>(builder.Add(entry));
  }
  return builder.Finish(static_cast<uint64_t>(number));
}

inline Facet FacetOf(int number, std::string name = "file-kind") {
  return {std::move(name), 1, fmt::format("of layer {}", number)};
}

inline FacetKind Kind(std::string name, uint32_t version = 1) {
  return {std::move(name), version, {}};
}

inline const std::vector<FacetKind> kNoFacets;
inline const std::vector<FacetKind> kFileKind = {Kind("file-kind")};

class LayerCacheTest : public ::testing::Test {
 protected:
  LayerCacheTest() {
    std::string name = fs::temp_directory_path() / "fathom-cache-XXXXXX";
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    work_ = name;
    folder_ = work_ / "made" / "on demand";
  }
  ~LayerCacheTest() override { fs::remove_all(work_); }

  LayerCache Cache(uint64_t most_bytes = kPlenty) const { return {folder_, most_bytes}; }

  void Put(LayerCache& cache, int number, ContentAlgorithm algorithm = kXxh3) const {
    const std::vector<Facet> facets = {FacetOf(number)};
    cache.Put(Layer(number), *IndexOf(number, algorithm), facets);
  }

  static bool Has(const LayerCache& cache, int number) {
    const auto found = cache.Find(Layer(number), kXxh3, kFileKind);
    if (found) {
      EXPECT_EQ(found->index->decoded_bytes(), static_cast<uint64_t>(number));
      EXPECT_EQ(found->facets.at(0).bytes, FacetOf(number).bytes);
    }
    return found.has_value();
  }

  // Regular files anywhere in the cache.
  std::vector<fs::path> Files() const {
    std::vector<fs::path> files;
    if (fs::exists(folder_)) {
      for (const auto& entry : fs::recursive_directory_iterator(folder_)) {
        if (entry.is_regular_file()) {
          files.push_back(entry.path());
        }
      }
    }
    return files;
  }
  uint64_t Total() const {
    uint64_t total = 0;
    for (const fs::path& file : Files()) {
      total += fs::file_size(file);
    }
    return total;
  }
  fs::path IndexFile(int number, ContentAlgorithm algorithm = kXxh3) const {
    const CachePath path = IndexPath(Layer(number), algorithm);
    return folder_ / path.folder / path.name;
  }
  fs::path FacetFile(int number) const {
    const CachePath path = FacetPath(Layer(number), "file-kind", 1);
    return folder_ / path.folder / path.name;
  }
  // Makes a layer's files look as if last used so long ago.
  void Age(int number, std::chrono::seconds age) const {
    for (const fs::path& file : {IndexFile(number), FacetFile(number)}) {
      fs::last_write_time(file, fs::file_time_type::clock::now() - age);
    }
  }
  static void WriteText(const fs::path& path, std::string_view text) {
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
  }
  static std::string ReadText(const fs::path& path) { return ReadFile(path, kPlenty).value(); }

  fs::path work_;
  fs::path folder_;
};

}  // namespace fathom::layer
