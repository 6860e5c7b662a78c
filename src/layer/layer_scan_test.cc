#include "layer/layer_scan.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "base/digest.h"
#include "tests/support/tar_block.h"
#include "tests/support/tar_writer.h"

namespace fathom::layer {
namespace {

using testing::DirEntry;
using testing::FileEntry;
using testing::WriteTar;

constexpr size_t kPieces[] = {1, 7, 512, 1000, 4096, 1 << 20};

Result<ScanResult> Scan(std::string_view tar, size_t piece, ContentAlgorithm algorithm,
                        std::span<const FacetKind> kinds = {}, const Limits& limits = {}) {
  LayerScan scan(algorithm, kinds, limits);
  for (size_t at = 0; at < tar.size(); at += piece) {
    TRY(scan.Consume(AsBytes(tar.substr(at, piece))));
  }
  TRY(scan.Finish());
  return scan.Take();
}

std::string HashOf(ContentAlgorithm algorithm, std::string_view content) {
  std::vector<uint8_t> out(ContentHashSize(algorithm));
  ContentHasher(algorithm).HashWhole(AsBytes(content), out);
  return HexOf(out);
}

testing::SparseFile Sparse() {
  return {.name = "sparse", .chunks = {{3000, "first"}, {9000, "second"}}, .real_size = 100'000};
}

std::string Data(size_t size) {
  std::string data;
  for (size_t i = 0; data.size() < size; ++i) {
    data += std::to_string(i * i) + " ";
  }
  data.resize(size);
  return data;
}

TEST(LayerScan, ContentHashIsThatOfTheWholeFileHoweverItArrives) {
  const std::vector<std::string> contents = {"",        "x",        Data(511),
                                             Data(512), Data(5000), Data(70'000)};
  std::vector<testing::TarEntry> entries;
  for (size_t i = 0; i < contents.size(); ++i) {
    entries.push_back(FileEntry("f" + std::to_string(i), contents[i]));
  }
  const std::string tar = SparseGnuEntry(Sparse()) + WriteTar(entries);
  for (const auto algorithm : {ContentAlgorithm::kXxh3_128, ContentAlgorithm::kSha256}) {
    for (const size_t piece : kPieces) {
      const Result<ScanResult> result = Scan(tar, piece, algorithm);
      ASSERT_TRUE(result) << result.error().message;
      const LayerIndex& index = *result->index;
      ASSERT_EQ(index.entry_count(), contents.size() + 1);
      EXPECT_EQ(index.decoded_bytes(), tar.size());
      EXPECT_EQ(HexOf(index.content(0)), HashOf(algorithm, Sparse().Expanded()));
      for (EntryId id = 1; id < index.entry_count(); ++id) {
        EXPECT_EQ(HexOf(index.content(id)), HashOf(algorithm, contents[id - 1])) << piece;
      }
    }
  }
}

TEST(LayerScan, OnlyRegularFilesHaveContent) {
  testing::TarEntry strange{.name = "strange", .type = 'Q', .content = "content"};
  const std::string tar = WriteTar({DirEntry("d"), testing::SymlinkEntry("s", "d"), strange,
                                    testing::HardLinkEntry("h", "f"), FileEntry("f", "f")});
  for (const size_t piece : kPieces) {
    const Result<ScanResult> result = Scan(tar, piece, ContentAlgorithm::kSha256);
    ASSERT_TRUE(result);
    for (EntryId id = 0; id < 4; ++id) {
      EXPECT_TRUE(AllZero(result->index->content(id))) << id;
    }
    EXPECT_EQ(HexOf(result->index->content(4)), HashOf(ContentAlgorithm::kSha256, "f"));
  }
}

TEST(LayerScan, MapOfADirectoryLeavesNoTraceInTheNextFile) {
  const std::string records =
      testing::PaxRecord("GNU.sparse.map", "0,0") + testing::PaxRecord("GNU.sparse.size", "4096");
  const std::string tar =
      testing::PaxHeader('x', "d", records) +
      WriteTar({DirEntry("d")}, {.format = testing::TarFormat::kV7, .end_blocks = 0}) +
      WriteTar({FileEntry("f", Data(3000))});
  for (const auto algorithm : {ContentAlgorithm::kXxh3_128, ContentAlgorithm::kSha256}) {
    for (const size_t piece : kPieces) {
      const Result<ScanResult> result = Scan(tar, piece, algorithm);
      ASSERT_TRUE(result);
      EXPECT_TRUE(AllZero(result->index->content(0)));
      EXPECT_EQ(HexOf(result->index->content(1)), HashOf(algorithm, Data(3000)));
    }
  }
}

TEST(LayerScan, MarksAndCleansNames) {
  const std::string tar =
      WriteTar({DirEntry("./a/"), testing::WhiteoutEntry("a/b"), testing::OpaqueEntry("a"),
                FileEntry("../c", "c"), testing::DeviceEntry("gone", '3', 0, 0)});
  const Result<ScanResult> result = Scan(tar, 100, ContentAlgorithm::kXxh3_128);
  ASSERT_TRUE(result);
  const LayerIndex& index = *result->index;
  const std::pair<const char*, Mark> expected[] = {{"/a", Mark::kNone},
                                                   {"/a/.wh.b", Mark::kWhiteout},
                                                   {"/a/.wh..wh..opq", Mark::kOpaque},
                                                   {"/c", Mark::kNone},
                                                   {"/gone", Mark::kWhiteout}};
  ASSERT_EQ(index.entry_count(), std::size(expected));
  for (EntryId id = 0; id < index.entry_count(); ++id) {
    EXPECT_EQ(index.Path(index.entry(id).path), expected[id].first);
    EXPECT_EQ(index.entry(id).mark, expected[id].second);
  }
}

// ---- Observers

// Wants a number of bytes that depends on the path, and notes what it sees.
class Noting final : public ContentObserver {
 public:
  using Want = std::function<uint64_t(const ObservedFile&)>;
  explicit Noting(Want want) : want_(std::move(want)) {}

  uint64_t Wants(const ObservedFile& file) override { return want_(file); }
  void See(const ObservedFile& file, ByteView content) override {
    notes_ += std::string(file.path) + "=" + HexOf(DigestOf(content).bytes()) + " " +
              std::to_string(content.size()) + "\n";
  }
  std::string Finish(const LayerIndex& index) override {
    return notes_ + std::to_string(index.entry_count());
  }

 private:
  Want want_;
  std::string notes_;
};

FacetKind Facets(const char* name, Noting::Want want) {
  return {name, 3, [want] { return std::make_unique<Noting>(want); }};
}

std::string Note(const std::string& path, std::string_view content) {
  return path + "=" + DigestOf(AsBytes(content)).Hex() + " " + std::to_string(content.size()) +
         "\n";
}

TEST(LayerScan, ObserversSeeExactlyTheFirstBytesTheyWant) {
  const std::string sparse = Sparse().Expanded();
  const std::string data = Data(20'000);
  const std::string tar = SparsePax10Entry(Sparse()) +
                          WriteTar({FileEntry("data", data), FileEntry("empty"), DirEntry("dir"),
                                    FileEntry("small", "small"), FileEntry("other", "other")});
  const FacetKind kinds[] = {
      Facets("few", [](const ObservedFile&) { return 4; }),
      // Ends in the second run of the sparse file, behind two holes.
      Facets("many", [](const ObservedFile&) { return 9003; }),
      Facets("all", [](const ObservedFile&) { return ~0ull; }),
      Facets("one", [](const ObservedFile& file) { return file.path == "small" ? 2u : 0u; }),
      Facets("none", [](const ObservedFile&) { return 0; }),
  };
  for (const size_t piece : kPieces) {
    const Result<ScanResult> result = Scan(tar, piece, ContentAlgorithm::kXxh3_128, kinds);
    ASSERT_TRUE(result) << result.error().message;
    ASSERT_EQ(result->facets.size(), 5u);
    EXPECT_EQ(result->facets[0].name, "few");
    EXPECT_EQ(result->facets[0].version, 3u);
    for (const size_t kind : {0u, 1u, 2u}) {
      const size_t most = std::array<size_t, 3>{4, 9003, 1 << 20}[kind];
      EXPECT_EQ(result->facets[kind].bytes,
                Note("sparse", sparse.substr(0, most)) + Note("data", data.substr(0, most)) +
                    Note("small", std::string("small").substr(0, most)) +
                    Note("other", std::string("other").substr(0, most)) + "6")
          << kind << " " << piece;
    }
    EXPECT_EQ(result->facets[3].bytes, Note("small", "sm") + "6");
    EXPECT_EQ(result->facets[4].bytes, "6");
  }
}

TEST(LayerScan, ObserversAreToldAboutTheFile) {
  const FacetKind kinds[] = {Facets("told", [](const ObservedFile& file) {
    EXPECT_EQ(file.path, "./d/file");
    EXPECT_EQ(file.size, 7u);
    EXPECT_EQ(file.index.Path(file.index.entry(file.id).path), "/d/file");
    return 7;
  })};
  const std::string tar = WriteTar({DirEntry("d"), FileEntry("./d/file", "content")});
  const Result<ScanResult> result = Scan(tar, 3, ContentAlgorithm::kXxh3_128, kinds);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->facets[0].bytes, Note("./d/file", "content") + "2");
}

// ---- Bad layers

TEST(LayerScan, HolesCountAgainstTheLimitBeforeTheyAreHashed) {
  const testing::SparseFile huge{.name = "huge", .real_size = 1ull << 55};
  const Result<ScanResult> result = Scan(SparsePax01Entry(huge), 4096, ContentAlgorithm::kXxh3_128);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::kLimit);
  EXPECT_NE(result.error().message.find("huge"), std::string::npos) << result.error().message;
}

TEST(LayerScan, ContentOfAllFilesCountsTogether) {
  Limits limits;
  limits.layer_bytes = 1000;
  const auto scan = [&](size_t second) {
    return Scan(WriteTar({FileEntry("a", Data(600)), FileEntry("b", Data(second))}), 4096,
                ContentAlgorithm::kXxh3_128, {}, limits);
  };
  EXPECT_TRUE(scan(400));
  EXPECT_FALSE(scan(401));
}

TEST(LayerScan, LayerThatEndsEarlyIsAnError) {
  const std::string tar = WriteTar({FileEntry("a", Data(600))}, {.end_blocks = 0});
  for (const size_t size : {1u, 511u, 512u, 1000u}) {
    EXPECT_FALSE(Scan(tar.substr(0, size), 64, ContentAlgorithm::kXxh3_128)) << size;
  }
  EXPECT_TRUE(Scan("", 1, ContentAlgorithm::kXxh3_128));
}

}  // namespace
}  // namespace fathom::layer
