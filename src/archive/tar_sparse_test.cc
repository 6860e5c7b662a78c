// Files with holes, in the four ways in which GNU tar writes them, and maps that lie.
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "archive/tar_fixture.h"
#include "tests/support/tar_block.h"
#include "tests/support/tar_writer.h"

namespace fathom::archive {
namespace {

using testing::FileEntry;
using testing::PaxHeader;
using testing::PaxRecord;
using testing::ReadTarEvents;
using testing::SparseFile;
using testing::TarEvents;
using testing::WriteTar;

struct Form {
  const char* name;
  std::string (*write)(const SparseFile&);
};

class SparseForm : public ::testing::TestWithParam<Form> {};

INSTANTIATE_TEST_SUITE_P(Tar, SparseForm,
                         ::testing::Values(Form{"Gnu", testing::SparseGnuEntry},
                                           Form{"Pax00", testing::SparsePax00Entry},
                                           Form{"Pax01", testing::SparsePax01Entry},
                                           Form{"Pax10", testing::SparsePax10Entry}),
                         [](const auto& one) { return one.param.name; });

SparseFile Example(size_t chunks) {
  SparseFile file{.name = "dir/sparse", .real_size = 4096 * (chunks + 2) + 17};
  for (size_t i = 0; i < chunks; ++i) {
    file.chunks.emplace_back(4096 * (i + 1), "chunk " + std::to_string(i));
  }
  return file;
}

void ExpectContent(const TarEvents& seen, const SparseFile& file) {
  ASSERT_FALSE(seen.error) << seen.error->message;
  ASSERT_EQ(seen.entries.size(), 2u);
  const testing::SeenEntry& sparse = seen.entries[0];
  EXPECT_EQ(sparse.entry.path, file.name);
  EXPECT_EQ(sparse.entry.type, EntryType::kFile);
  EXPECT_TRUE(sparse.entry.sparse);
  EXPECT_EQ(sparse.entry.size, file.real_size);
  EXPECT_EQ(sparse.entry.stored_bytes, sparse.data.size());
  EXPECT_EQ(sparse.Content(), file.Expanded());
  EXPECT_EQ(seen.entries[1].Content(), "next");
  EXPECT_FALSE(seen.entries[1].entry.sparse);
}

TEST_P(SparseForm, GivesDataAndHolesInOrder) {
  // Old GNU: four runs in the header, 21 in each further block; 1.0: a map of several blocks.
  for (const size_t chunks : {0u, 1u, 3u, 4u, 5u, 24u, 25u, 26u, 90u}) {
    const SparseFile file = Example(chunks);
    const std::string archive = GetParam().write(file) + WriteTar({FileEntry("next", "next")});
    ExpectContent(ReadTarEvents(archive), file);
    ExpectContent(ReadTarEvents(archive, 1), file);
    ExpectContent(ReadTarEvents(archive, 1000), file);
  }
}

TEST_P(SparseForm, FileMayBeginAndEndWithData) {
  const SparseFile file{
      .name = "f", .chunks = {{0, "begin"}, {8192, "end"}}, .real_size = 8192 + 3};
  ExpectContent(ReadTarEvents(GetParam().write(file) + WriteTar({FileEntry("n", "next")})), file);
}

TEST_P(SparseForm, HoleMayBeLargerThanMemory) {
  const SparseFile file{.name = "f", .chunks = {{1ull << 50, "x"}}, .real_size = (1ull << 50) + 1};
  const TarEvents seen = ReadTarEvents(GetParam().write(file));
  ASSERT_FALSE(seen.error) << seen.error->message;
  EXPECT_EQ(seen.entries.at(0).extents, (std::vector<uint64_t>{0, 1ull << 50, 1}));
}

TEST_P(SparseForm, CutShortIsAnError) {
  std::string archive = GetParam().write(Example(30));
  const size_t last = archive.size() - 512;  // the last chunk's block
  for (size_t size = 512; size <= last; size += 512) {
    const TarEvents seen = ReadTarEvents(std::string_view(archive).substr(0, size));
    ASSERT_TRUE(seen.error) << size;
    EXPECT_EQ(seen.error->code, Code::kCorrupt);
  }
}

// ---- Maps that lie

std::string Pax01(const std::string& map, const std::string& real_size, size_t stored) {
  const std::string records =
      PaxRecord("GNU.sparse.map", map) + PaxRecord("GNU.sparse.size", real_size);
  return PaxHeader('x', "f", records) + WriteTar({FileEntry("f", std::string(stored, 'd'))});
}

std::string Pax10(const std::string& body, const std::string& real_size) {
  const std::string records = PaxRecord("GNU.sparse.major", "1") +
                              PaxRecord("GNU.sparse.minor", "0") +
                              PaxRecord("GNU.sparse.realsize", real_size);
  return PaxHeader('x', "f", records) + WriteTar({FileEntry("f", body)});
}

TEST(SparseMap, IsTakenWhenItFits) {
  const TarEvents seen = ReadTarEvents(Pax01("10,2,20,0,30,3", "40", 5));
  ASSERT_FALSE(seen.error) << seen.error->message;
  EXPECT_EQ(seen.entries.at(0).extents, (std::vector<uint64_t>{0, 10, 2, 18, 3, 7}));
}

TEST(SparseMap, MustHoldWhatIsStored) {
  EXPECT_EQ(Refused(Pax01("10,2", "40", 3)).code, Code::kCorrupt);
  EXPECT_EQ(Refused(Pax01("10,2", "40", 1)).code, Code::kCorrupt);
  EXPECT_EQ(Refused(Pax01("10,2", "40", 0)).code, Code::kCorrupt);
}

TEST(SparseMap, MustLieInOrderWithinTheFile) {
  EXPECT_EQ(Refused(Pax01("10,2,11,2", "40", 4)).code, Code::kCorrupt);
  EXPECT_EQ(Refused(Pax01("20,2,10,2", "40", 4)).code, Code::kCorrupt);
  EXPECT_EQ(Refused(Pax01("39,2", "40", 2)).code, Code::kCorrupt);
  EXPECT_EQ(Refused(Pax01("0,2", "1", 2)).code, Code::kCorrupt);
}

TEST(SparseMap, MustNotOverflow) {
  EXPECT_EQ(Refused(Pax01("9223372036854775807,2", "40", 2)).code, Code::kCorrupt);
  EXPECT_EQ(Refused(Pax01("1,9223372036854775807,5,9223372036854775807", "40", 2)).code,
            Code::kCorrupt);
  EXPECT_EQ(Refused(Pax01("0,2", "9223372036854775807", 2)).code, Code::kCorrupt);
  EXPECT_EQ(Refused(Pax01("0,2", "-5", 2)).code, Code::kCorrupt);
}

TEST(SparseMap, MustBePairsOfNumbers) {
  for (const char* map :
       {"10", "10,2,20", "a,b", "10,-2", "-10,2", "10;2", ",", "10,2,,", "1 ,2"}) {
    EXPECT_EQ(Refused(Pax01(map, "40", 2)).code, Code::kCorrupt) << map;
  }
}

TEST(SparseMap, BeforeTheContentMustEndWithinIt) {
  for (const char* map :
       {"", "x\n", "-1\n", "99999999999999\n", "1\n0\n", "2\n0\n1\n", "1\n0\nx\n"}) {
    EXPECT_EQ(Refused(Pax10(testing::Padded(map + std::string(1, '\0')), "40")).code,
              Code::kCorrupt)
        << map;
  }
  EXPECT_EQ(Refused(Pax10("1\n0\n1\n", "40")).code, Code::kCorrupt);  // not even a block
}

TEST(SparseMap, BeforeTheContentIsReadInTimeProportionalToIt) {
  // Two lines a run, so that a map of 1 MiB has 2,048 blocks, none of which is the last.
  std::string map = "260000\n";
  while (map.size() < 1'000'000) {
    map += "0\n0\n";
  }
  const std::string one = Pax10(testing::Padded(map), "40");
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(Refused(one).code, Code::kCorrupt);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(2));
}

TEST(SparseMap, IsLimited) {
  Limits limits;
  limits.pax_bytes = 2000;
  std::string map = "300\n";
  for (int i = 0; i < 300; ++i) {
    map += "1000000\n0\n";
  }
  EXPECT_EQ(Refused(Pax10(testing::Padded(map), "1000000"), limits).code, Code::kLimit);
  EXPECT_EQ(Refused(testing::SparseGnuEntry(Example(200)), limits).code, Code::kLimit);
}

// GNU tar and Go's archive/tar, which engines unpack with, refuse it; others make holes of data.
TEST(SparseMap, OfRecordsMustHaveTheNumberOfRunsThatItSays) {
  const std::string runs = PaxRecord("GNU.sparse.size", "10") +
                           PaxRecord("GNU.sparse.offset", "2") +
                           PaxRecord("GNU.sparse.numbytes", "3");
  const auto archive = [&](const std::string& records) {
    return PaxHeader('x', "f", records) + WriteTar({FileEntry("f", "abc")});
  };
  const TarEvents seen = ReadTarEvents(archive(PaxRecord("GNU.sparse.numblocks", "1") + runs));
  EXPECT_FALSE(seen.error);
  for (const std::string& count : {std::string(), PaxRecord("GNU.sparse.numblocks", "2"),
                                   PaxRecord("GNU.sparse.numblocks", "0")}) {
    EXPECT_TRUE(ReadTarEvents(archive(count + runs)).error) << count;
  }
}

TEST(SparseMap, OfTheOldFormNeedsGnusMagic) {
  std::string archive = testing::SparseGnuEntry(Example(1)) + testing::EndOfArchive();
  EXPECT_FALSE(ReadTarEvents(archive).error);
  archive.replace(257, 8, std::string("ustar\00000", 8));
  archive.replace(148, 8, 8, ' ');
  uint32_t sum = 0;
  for (const char byte : archive.substr(0, 512)) {
    sum += static_cast<uint8_t>(byte);
  }
  archive.replace(148, 8, fmt::format("{:06o}", sum) + std::string("\0 ", 2));
  EXPECT_TRUE(ReadTarEvents(archive).error);
}

TEST(SparseMap, OfADirectoryIsIgnored) {
  // A v7 name that ends in '/' is a directory's, which has no content to map.
  const std::string records =
      PaxRecord("GNU.sparse.map", "0,0") + PaxRecord("GNU.sparse.size", "4096");
  const std::string directory =
      WriteTar({testing::DirEntry("d")}, {.format = testing::TarFormat::kV7, .end_blocks = 0});
  const TarEvents seen =
      ReadTarEvents(PaxHeader('x', "d", records) + directory + WriteTar({FileEntry("f", "f")}));
  ASSERT_FALSE(seen.error) << seen.error->message;
  EXPECT_EQ(seen.entries.at(0).entry.type, EntryType::kDirectory);
  EXPECT_EQ(seen.entries.at(0).Bytes(), 0u);
  EXPECT_EQ(seen.entries.at(1).Content(), "f");
}

}  // namespace
}  // namespace fathom::archive
