#include "registry/mirror.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstring>
#include <ctime>
#include <fstream>
#include <random>
#include <set>

#include "registry/blob_download.h"
#include "registry/registry_fixture.h"

namespace fathom::registry {
namespace {

using namespace std::chrono_literals;

std::string RandomBytes(size_t size, unsigned seed) {
  std::mt19937_64 dice(seed);
  std::string bytes(size, '\0');
  for (size_t i = 0; i + 8 <= size; i += 8) {
    const uint64_t value = dice();
    std::memcpy(bytes.data() + i, &value, 8);
  }
  return bytes;
}

class MirrorTest : public ::testing::Test {
 protected:
  MirrorTest() : http_(std::make_shared<MemoryRegistry>()) {}

  // Mirrors images by their names within the registry.
  std::vector<MirrorFailure> Pull(const std::vector<std::string>& names, MirrorOptions options = {},
                                  Settings settings = {}) {
    settings.attempts = 1;
    const auto registries = RegistriesOver(http_, settings);
    auto store = LayoutStore::Open(folder_.At("mirror"));
    EXPECT_TRUE(store) << store.error().message;
    auto failures = *MirrorFailures::Open((*store)->StatePath("failures.csv"));
    Mirror mirror(*registries, **store, Limits{}, std::move(options));
    size_t next = 0;
    const Status ran = mirror.Run(
        [&]() -> Result<std::optional<WantedImage>> {
          if (next == names.size()) {
            return std::nullopt;
          }
          TRY_ASSIGN(RemoteName name,
                     ParseRemoteName(std::string(MemoryRegistry::kName) + "/" + names[next++]));
          return WantedImage{std::move(name), false};
        },
        *failures);
    EXPECT_TRUE(ran) << ran.error().message;
    done_ = mirror.counts().images_done;
    return failures->recent();
  }

  // The digests of the blobs that are there, each checked.
  std::set<std::string> Blobs() const {
    std::set<std::string> blobs;
    for (const auto& file :
         std::filesystem::directory_iterator(folder_.At("mirror/blobs/sha256"))) {
      const std::string name = file.path().filename();
      EXPECT_EQ(DigestOf(AsBytes(*ReadFile(file.path(), 1 << 30))).Hex(), name);
      blobs.insert(name);
    }
    return blobs;
  }

  const TemporaryFolder folder_;
  std::shared_ptr<MemoryRegistry> http_;
  uint64_t done_ = 0;
};

TEST_F(MirrorTest, ARegistryThatWantsNoRequestsIsLeftAloneByLaterRuns) {
  http_->Add("app", "1", {"layer"});
  http_->before = [](const net::Request& request, const net::Url&) {
    return request.url.ends_with("/v2/")
               ? std::nullopt
               : std::optional(MemoryRegistry::Text(429, "", {{"Retry-After", "3600"}}));
  };
  ASSERT_EQ(Pull({"app:1"}).size(), 1u);
  http_->before = nullptr;
  const size_t asked = http_->Asked("");
  const auto failures = Pull({"app:1", "app:1", "app:1"});
  ASSERT_EQ(failures.size(), 3u);
  EXPECT_EQ(failures[0].kind, "rate-limit");
  EXPECT_EQ(http_->Asked(""), asked);
  Holds holds;
  const std::string path = folder_.At("mirror/.fathom/not-before.csv");
  ASSERT_TRUE(holds.Read(path));
  EXPECT_LE(holds.Left(MemoryRegistry::kName), 3601s) << "it grows when nobody is asked";
  EXPECT_GT(holds.Left(MemoryRegistry::kName), 3500s);
  // Once the time has come, it is asked again.
  std::ofstream(path) << "host,not_before\n" << MemoryRegistry::kName << ",1700000000\n";
  EXPECT_TRUE(Pull({"app:1"}).empty());
}

// Changes a byte of a blob, and when it was written.
void Tear(const std::string& path, int64_t unix_seconds) {
  {
    std::fstream file(path, std::ios::in | std::ios::out);
    file.put('!');
  }
  const timespec times[2] = {{unix_seconds, 0}, {unix_seconds, 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
}

TEST_F(MirrorTest, WhatAMachineThatWentDownMayHaveTornIsVerified) {
  const std::string late = "late layer";
  const std::string early = "early layer";
  http_->Add("app", "1", {late, early});
  ASSERT_TRUE(Pull({"app:1"}).empty());
  const int64_t now = std::time(nullptr);
  const auto path_of = [&](const std::string& blob) {
    return folder_.At("mirror/blobs/sha256/" + DigestOf(AsBytes(blob)).Hex());
  };
  Tear(path_of(late), now);
  Tear(path_of(early), now - 3600);
  // Nothing is hashed again as long as the machine runs.
  ASSERT_TRUE(Pull({"app:1"}).empty());
  EXPECT_NE(*ReadFile(path_of(late), 100), late);
  const std::string synced = folder_.At("mirror/.fathom/synced");
  std::ofstream(synced) << "another start of the machine\n" << now - 1800 << "\n";
  std::ofstream(folder_.At("mirror/.fathom/partial/sha256-00")) << "half";
  ASSERT_TRUE(Pull({"app:1"}).empty());
  EXPECT_EQ(*ReadFile(path_of(late), 100), late);
  EXPECT_NE(*ReadFile(path_of(early), 100), early) << "that was on the disk long before";
  EXPECT_FALSE(std::filesystem::exists(folder_.At("mirror/.fathom/partial/sha256-00")));
  const std::string boot = *ReadFile("/proc/sys/kernel/random/boot_id", 100);
  EXPECT_TRUE(ReadFile(synced, 100)->starts_with(boot));
  // A file that was cut off says nothing: all is verified.
  std::ofstream(synced) << "another start";
  ASSERT_TRUE(Pull({"app:1"}).empty());
  EXPECT_EQ(*ReadFile(path_of(early), 100), early);
}

TEST_F(MirrorTest, WhatHoldsIsReadWhateverStandsThere) {
  const std::string path = folder_.At("holds");
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(
      std::chrono::system_clock::now().time_since_epoch());
  std::ofstream(path) << "host,not_before\nmine:5000," << (now + 1h).count() << "\nfar,"
                      << UINT32_MAX << "\nover,99999999999999999999\n,,\nwords,words\n\n";
  Holds holds;
  ASSERT_TRUE(holds.Read(path));
  EXPECT_GT(holds.Left("mine:5000"), 3590s);
  EXPECT_LE(holds.Left("far"), 24h) << "nobody is locked out for years";
  EXPECT_GT(holds.Left("far"), 23h);
  EXPECT_EQ(holds.Left("over"), 0s);
  EXPECT_EQ(holds.Left("words"), 0s);
}

TEST_F(MirrorTest, EachBlobOnceHoweverManyShareIt) {
  const std::string shared = RandomBytes(3 << 20, 1);
  std::vector<std::string> names;
  for (unsigned n = 0; n < 40; ++n) {
    const std::string repository = "app" + std::to_string(n);
    http_->Add(repository, "1", {shared, RandomBytes(10'000 + n, 100 + n)});
    names.push_back(repository + ":1");
  }
  EXPECT_TRUE(Pull(names).empty());
  EXPECT_EQ(done_, 40u);
  EXPECT_EQ(Blobs().size(), 40 * 2 + 1 + 1u)
      << "manifests, own layers, the layer and config shared";
  EXPECT_EQ(http_->Asked(DigestOf(AsBytes(shared)).ToString()), 1u);
  const size_t asked = http_->Asked("GET");
  EXPECT_TRUE(Pull(names).empty());
  EXPECT_EQ(http_->Asked("GET"), asked + 1) << "nothing but the ping";
}

TEST_F(MirrorTest, ALargeBlobIsFetchedByManyThreads) {
  const std::string large = RandomBytes(96 << 20, 2);
  http_->Add("large", "1", {large});
  EXPECT_TRUE(Pull({"large:1"}).empty());
  EXPECT_GT(http_->Asked(DigestOf(AsBytes(large)).ToString()), 1u) << "in parts";
  EXPECT_EQ(Blobs().size(), 3u);
}

TEST_F(MirrorTest, WithoutRangesOneThreadFetchesIt) {
  const std::string large = RandomBytes(64 << 20, 3);
  http_->ranges = false;
  http_->Add("large", "1", {large});
  EXPECT_TRUE(Pull({"large:1"}).empty());
  EXPECT_EQ(Blobs().size(), 3u);
}

TEST_F(MirrorTest, AFailureIsThatOfEveryImageThatNeedsTheBlob) {
  http_->Add("good", "1", {"good"});
  http_->Add("bad", "1", {"bad", "good"});
  http_->files.erase("/v2/bad/blobs/" + DigestOf(AsBytes("bad")).ToString());
  const auto failures = Pull({"good:1", "bad:1", "none:1"});
  ASSERT_EQ(failures.size(), 2u);
  EXPECT_EQ(failures[0].kind, "not-found");
  EXPECT_EQ(failures[0].status, 404);
  EXPECT_EQ(failures[1].kind, "not-found");
  EXPECT_EQ(done_, 1u);
  http_->AddBlob("bad", "bad");
  EXPECT_TRUE(Pull({"bad:1"}).empty());
  const auto left = *MirrorFailures::Open(folder_.At("mirror/.fathom/failures.csv"));
  ASSERT_EQ(left->all().size(), 1u);
  EXPECT_EQ(left->all()[0].reference, "registry.test/none:1");
}

TEST_F(MirrorTest, AnotherRepositoryMayHaveTheBlob) {
  http_->Add("one", "1", {"shared"});
  http_->Add("two", "1", {"shared"});
  http_->files.erase("/v2/one/blobs/" + DigestOf(AsBytes("shared")).ToString());
  const auto failures = Pull({"one:1", "two:1"}, {.threads = 1});
  EXPECT_TRUE(failures.empty());
  EXPECT_EQ(done_, 2u);
}

TEST_F(MirrorTest, WrongBytesAreNotKept) {
  http_->Add("app", "1", {"right"});
  http_->files["/v2/app/blobs/" + DigestOf(AsBytes("right")).ToString()] = "wrong";
  const auto failures = Pull({"app:1"});
  ASSERT_EQ(failures.size(), 1u);
  EXPECT_EQ(failures[0].kind, "corrupt");
  EXPECT_EQ(Blobs().size(), 2u);
  EXPECT_TRUE(std::filesystem::is_empty(folder_.At("mirror/.fathom/partial")));
}

TEST_F(MirrorTest, AFullDiskIsAFailureBeforeItHappens) {
  http_->Add("app", "1", {"x"});
  const auto failures = Pull({"app:1"}, {.threads = 2, .keep_free = UINT64_MAX / 2});
  ASSERT_EQ(failures.size(), 1u);
  EXPECT_EQ(failures[0].kind, "disk");
}

TEST_F(MirrorTest, OneProcessWritesIntoAFolder) {
  const auto store = LayoutStore::Open(folder_.At("mirror"));
  ASSERT_TRUE(store);
  EXPECT_EQ(LayoutStore::Open(folder_.At("mirror")).error().code, Code::kUnavailable);
  std::filesystem::create_directory(folder_.At("other"));
  ASSERT_TRUE(WriteFileAtomically(folder_.At("other/file"), AsBytes("x"), false));
  EXPECT_EQ(LayoutStore::Open(folder_.At("other")).error().code, Code::kInvalidArgument);
}

// What an earlier process left, and its notes of it.
TEST_F(MirrorTest, GoesOnWithWhatIsThere) {
  const std::string blob = RandomBytes(20 << 20, 4);
  http_->AddBlob("app", blob);
  const auto registries = RegistriesOver(http_);
  auto store = *LayoutStore::Open(folder_.At("mirror"));
  const Digest digest = DigestOf(AsBytes(blob));
  const std::string partial = store->PartialPath(digest);
  ASSERT_TRUE(WriteFileAtomically(partial, AsBytes(blob.substr(0, 12 << 20)), false));
  const std::string notes =
      fmt::format("0 {}\n{} {}\n999999999 1\nxx\n{} 99", 4 << 20, 8 << 20, 12 << 20, 13 << 20);
  ASSERT_TRUE(WriteFileAtomically(partial + ".notes", AsBytes(notes), false));
  std::atomic<uint64_t> bytes = 0;
  BlobDownload download({&registries->Get(MemoryRegistry::kName), "app", digest, blob.size()},
                        *store, bytes);
  ASSERT_TRUE(download.Prepare());
  while (!download.ended()) {
    ASSERT_TRUE(download.Work());
  }
  EXPECT_TRUE(download.outcome()) << download.outcome().error().message;
  EXPECT_EQ(bytes, 12u << 20) << "4 to 8 and 12 to 20";
  EXPECT_TRUE(store->Has(digest, blob.size()));
}

TEST_F(MirrorTest, BlobsWithoutBytes) {
  http_->Add("empty", "1", {""});
  EXPECT_TRUE(Pull({"empty:1"}).empty());
  EXPECT_EQ(done_, 1u);
}

}  // namespace
}  // namespace fathom::registry
