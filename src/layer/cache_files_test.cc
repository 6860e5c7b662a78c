#include "layer/cache_files.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "layer/index_format.h"
#include "layer/layer_cache_fixture.h"

namespace fathom::layer {
namespace {

using namespace std::chrono_literals;

// ---- Temporary files

TEST_F(LayerCacheTest, TemporaryFilesOfTheDeadAreRemoved) {
  LayerCache cache = Cache();
  Put(cache, 1);
  const fs::path dead = IndexFile(1).string() + ".123.0.tmp";
  WriteText(dead, "half");
  EXPECT_EQ(cache.Trim(kPlenty).files, 1u);
  EXPECT_FALSE(fs::exists(dead));
  EXPECT_TRUE(Has(cache, 1));
}

TEST_F(LayerCacheTest, TemporaryFilesOfTheLivingStayForAnHour) {
  LayerCache cache = Cache();
  Put(cache, 1);
  const fs::path living = IndexFile(1).string() + ".123.0.tmp";
  WriteText(living, "half");
  const Fd writer(::open(living.c_str(), O_WRONLY));
  ASSERT_EQ(::flock(writer.get(), LOCK_EX), 0);
  EXPECT_EQ(cache.Trim(kPlenty).files, 0u);
  EXPECT_TRUE(fs::exists(living));
  fs::last_write_time(living, fs::file_time_type::clock::now() - 61min);
  EXPECT_EQ(cache.Trim(kPlenty).files, 1u);
}

// ---- A folder that somebody else prepared

class HostileFolder : public LayerCacheTest {
 protected:
  HostileFolder() { WriteText(Precious(), "precious"); }
  fs::path Outside() const { return work_ / "outside"; }
  fs::path Precious() const { return Outside() / IndexFile(1).filename(); }
  void ExpectUntouched() const {
    EXPECT_EQ(ReadText(Precious()), "precious");
    EXPECT_EQ(std::distance(fs::directory_iterator(Outside()), {}), 1);
  }
};

TEST_F(HostileFolder, LinkedFilesAreNeitherReadNorRemoved) {
  LayerCache cache = Cache();
  Put(cache, 1);
  fs::remove(IndexFile(1));
  fs::create_symlink(Precious(), IndexFile(1));
  EXPECT_FALSE(Has(cache, 1));
  cache.Trim(0);
  cache.Clear();
  ExpectUntouched();
  EXPECT_TRUE(fs::is_symlink(IndexFile(1)));
  Put(cache, 1);
  EXPECT_FALSE(fs::is_symlink(IndexFile(1))) << "but replaced";
  ExpectUntouched();
}

TEST_F(HostileFolder, LinkedFoldersAreNotEntered) {
  for (const std::string place : {"layers", "layers/sha256", "layers/sha256/*"}) {
    LayerCache cache = Cache();
    Put(cache, 1);
    const fs::path link = place.ends_with('*') ? IndexFile(1).parent_path() : folder_ / place;
    fs::remove_all(link);
    fs::create_directory_symlink(Outside(), link);
    EXPECT_FALSE(Has(cache, 1));
    Put(cache, 1);
    EXPECT_EQ(cache.failures(), 2u);
    cache.Trim(0);
    cache.Clear();
    EXPECT_TRUE(cache.List().empty());
    ExpectUntouched();
    fs::remove(link);
  }
}

TEST_F(HostileFolder, ForeignFilesStay) {
  LayerCache cache = Cache();
  Put(cache, 1);
  const std::string hex = Layer(1).Hex();
  const fs::path layers = IndexFile(1).parent_path();
  const std::vector<fs::path> foreign = {
      folder_ / "README",
      folder_ / "layers" / IndexFile(1).filename(),
      folder_ / "layers" / "sha256" / "zz" / IndexFile(1).filename(),
      folder_ / "layers" / "sha512" / hex.substr(0, 2) / IndexFile(1).filename(),
      folder_ / "configs" / "sha256" / "notes.json",
      folder_ / "configs" / "sha256" / (hex + ".xxh3.index"),
      layers / "notes.index",
      layers / (hex + ".json"),
      layers / (hex + ".md5.index"),
      layers / (hex + ".file-kind-v01.facet"),
      layers / (hex + ".file-kind-v99999999999.facet"),
      layers / (hex + ".xxh3.index~"),
      layers / (hex + ".xxh3.index.tmp"),
      layers / "notes.1.2.tmp",
  };
  for (const fs::path& path : foreign) {
    WriteText(path, "mine");
  }
  EXPECT_EQ(cache.List().size(), 2u);
  cache.Trim(0);
  cache.Clear();
  for (const fs::path& path : foreign) {
    EXPECT_TRUE(fs::exists(path)) << path;
  }
  EXPECT_EQ(Files().size(), foreign.size());
}

TEST_F(HostileFolder, TheFolderItselfMayBeALink) {
  fs::create_directories(work_ / "elsewhere");
  fs::create_directories(folder_.parent_path());
  fs::create_directory_symlink(work_ / "elsewhere", folder_);
  LayerCache cache = Cache();
  Put(cache, 1);
  EXPECT_TRUE(Has(cache, 1));
  EXPECT_EQ(cache.Clear().files, 2u);
}

// ---- Many at once

TEST_F(LayerCacheTest, ThreadsShareOneCache) {
  LayerCache cache = Cache(30'000);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < 60; ++i) {
          Put(cache, (t + i) % 20);
          Has(cache, (3 * t + i) % 20);
          if (i % 20 == 19) {
            static_cast<void>(cache.List());
          }
        }
      });
    }
  }
  EXPECT_EQ(cache.failures(), 0u) << cache.first_failure();
  cache.Trim();
  EXPECT_LE(Total(), 30'000u);
  EXPECT_TRUE(cache.first_failure().empty());
}

TEST_F(LayerCacheTest, ProcessesThatAreKilledLeaveNoBrokenEntry) {
  const auto index = IndexOf(5, kXxh3, 5000);  // takes a while to write
  const std::vector<Facet> facets = {FacetOf(5)};
  for (int round = 0; round < 20; ++round) {
    std::vector<pid_t> children;
    for (int i = 0; i < 3; ++i) {
      const pid_t child = ::fork();
      ASSERT_GE(child, 0);
      if (child == 0) {
        LayerCache cache = Cache(3'000'000);
        for (int k = 0;; ++k) {
          cache.Put(Layer(k % 5 == 0 ? 5 : 100 + k % 10), *index, facets);
        }
      }
      children.push_back(child);
    }
    std::this_thread::sleep_for(1ms * (3 + round));
    for (const pid_t child : children) {
      ::kill(child, SIGKILL);
      ::waitpid(child, nullptr, 0);
    }
    for (const CacheFile& file : Cache().List()) {
      if (file.kind == CacheKind::kIndex) {
        EXPECT_TRUE(IndexFormat::Read(
            file.digest, kXxh3, AsBytes(ReadText(folder_ / file.path.folder / file.path.name))));
      }
    }
    Has(Cache(), 5);
  }
  Cache().Trim(3'000'000);
  EXPECT_LE(Total(), 3'000'000u) << "what the killed left behind is gone";
  for (const fs::path& file : Files()) {
    EXPECT_NE(file.extension(), ".tmp");
  }
}

}  // namespace
}  // namespace fathom::layer
