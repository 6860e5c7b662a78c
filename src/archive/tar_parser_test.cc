#include "archive/tar_parser.h"

#include <gtest/gtest.h>

#include <string>

#include "archive/tar_fixture.h"
#include "tests/support/tar_block.h"
#include "tests/support/tar_writer.h"

namespace fathom::archive {
namespace {

using testing::DeviceEntry;
using testing::DirEntry;
using testing::FileEntry;
using testing::HardLinkEntry;
using testing::HeaderBlock;
using testing::ReadTarEvents;
using testing::SymlinkEntry;
using testing::TarEvents;
using testing::TarFormat;
using testing::WriteTar;

class AnyDialect : public ::testing::TestWithParam<TarFormat> {};

INSTANTIATE_TEST_SUITE_P(Tar, AnyDialect,
                         ::testing::Values(TarFormat::kUstar, TarFormat::kV7, TarFormat::kPax,
                                           TarFormat::kGnu));

TEST_P(AnyDialect, SaysWhatItsHeadersSay) {
  testing::TarEntry file = FileEntry("dir/file", "content", 04755);
  file.uid = 1000;
  file.gid = 100;
  file.mtime = 1'700'000'000;
  const TarEvents seen =
      Accepted(WriteTar({DirEntry("dir", 0750), file, SymlinkEntry("dir/s", "../target"),
                         HardLinkEntry("h", "dir/file"), FileEntry("empty")},
                        {.format = GetParam()}));
  ASSERT_EQ(seen.entries.size(), 5u);
  EXPECT_TRUE(seen.end_mark);
  EXPECT_EQ(seen.entries[0].entry.type, EntryType::kDirectory);
  EXPECT_EQ(seen.entries[0].entry.mode, 0750u);
  const TarEntry& entry = seen.entries[1].entry;
  EXPECT_EQ(entry.path, "dir/file");
  EXPECT_EQ(entry.type, EntryType::kFile);
  EXPECT_EQ(entry.mode, 04755u);
  EXPECT_EQ(entry.uid, 1000);
  EXPECT_EQ(entry.gid, 100);
  EXPECT_EQ(entry.mtime, 1'700'000'000);
  EXPECT_EQ(entry.size, 7u);
  EXPECT_EQ(entry.stored_bytes, 7u);
  EXPECT_EQ(entry.header_offset, 512u);
  EXPECT_EQ(entry.data_offset, 1024u);
  EXPECT_EQ(seen.entries[1].Content(), "content");
  EXPECT_EQ(seen.entries[2].entry.type, EntryType::kSymlink);
  EXPECT_EQ(seen.entries[2].entry.link, "../target");
  EXPECT_EQ(seen.entries[3].entry.type, EntryType::kHardLink);
  EXPECT_EQ(seen.entries[3].entry.link, "dir/file");
  EXPECT_EQ(seen.entries[4].entry.size, 0u);
}

TEST_P(AnyDialect, GivesTheSameHoweverItIsFed) {
  const std::string archive =
      WriteTar({DirEntry("d"), FileEntry("d/a", std::string(1000, 'a')), FileEntry("d/b"),
                SymlinkEntry("s", "d"), FileEntry("c", std::string(512, 'c'))},
               {.format = GetParam()});
  const TarEvents whole = Accepted(archive);
  for (const size_t piece : {1u, 2u, 511u, 512u, 513u, 700u}) {
    const TarEvents seen = ReadTarEvents(archive, piece);
    ASSERT_FALSE(seen.error);
    EXPECT_EQ(seen.offset, whole.offset);
    ASSERT_EQ(seen.entries.size(), whole.entries.size());
    for (size_t i = 0; i < seen.entries.size(); ++i) {
      EXPECT_EQ(seen.entries[i].entry.path, whole.entries[i].entry.path);
      EXPECT_EQ(seen.entries[i].entry.data_offset, whole.entries[i].entry.data_offset);
      EXPECT_EQ(seen.entries[i].Content(), whole.entries[i].Content());
    }
  }
}

TEST(Tar, ReadsDevicesAndFifos) {
  const TarEvents seen = Accepted(WriteTar(
      {DeviceEntry("c", '3', 5, 300), DeviceEntry("b", '4', 8, 1), DeviceEntry("f", '6', 0, 0)}));
  ASSERT_EQ(seen.entries.size(), 3u);
  EXPECT_EQ(seen.entries[0].entry.type, EntryType::kCharDevice);
  EXPECT_EQ(seen.entries[0].entry.dev_major, 5u);
  EXPECT_EQ(seen.entries[0].entry.dev_minor, 300u);
  EXPECT_EQ(seen.entries[1].entry.type, EntryType::kBlockDevice);
  EXPECT_EQ(seen.entries[2].entry.type, EntryType::kFifo);
}

TEST(Tar, TakesTypesItDoesNotKnowForOtherAndPassesTheirContent) {
  testing::TarEntry label{.name = "label", .type = 'V'};
  testing::TarEntry strange{.name = "strange", .type = 'Q', .content = std::string(700, 'q')};
  testing::TarEntry contiguous{.name = "contiguous", .type = '7', .content = "c"};
  const TarEvents seen = Accepted(WriteTar({label, strange, contiguous, FileEntry("f", "f")}));
  ASSERT_EQ(seen.entries.size(), 4u);
  EXPECT_EQ(seen.entries[0].entry.type, EntryType::kOther);
  EXPECT_EQ(seen.entries[1].entry.type, EntryType::kOther);
  EXPECT_EQ(seen.entries[2].entry.type, EntryType::kFile);
  EXPECT_EQ(seen.entries[3].Content(), "f");
}

TEST(Tar, JoinsUstarPrefixAndName) {
  const std::string path = std::string(90, 'p') + "/" + std::string(90, 'n');
  const TarEvents seen = Accepted(WriteTar({FileEntry(path)}, {.format = TarFormat::kUstar}));
  EXPECT_EQ(seen.entries.at(0).entry.path, path);
}

TEST(Tar, NamesMayFillTheirFields) {
  const std::string name(100, 'n');
  for (const TarFormat format : {TarFormat::kUstar, TarFormat::kV7, TarFormat::kGnu}) {
    const TarEvents seen = Accepted(WriteTar({SymlinkEntry(name, name)}, {.format = format}));
    EXPECT_EQ(seen.entries.at(0).entry.path, name);
    EXPECT_EQ(seen.entries.at(0).entry.link, name);
  }
}

TEST(Tar, OnlyV7DirectoriesAreToldByTheirSlash) {
  const TarEvents seen = Accepted(WriteTar({FileEntry("file/", "x"), DirEntry("dir/")}) +
                                  "what follows the mark is ignored");
  EXPECT_EQ(seen.entries.at(0).entry.type, EntryType::kFile);
  const TarEvents v7 = Accepted(WriteTar({DirEntry("dir")}, {.format = TarFormat::kV7}));
  EXPECT_EQ(v7.entries.at(0).entry.type, EntryType::kDirectory);
}

TEST(Tar, LinkWithASizeHasNoContent) {
  for (const char type : {'1', '2', '3', '5', '6'}) {
    HeaderBlock header;
    header.SetText(testing::kName, "link");
    header.SetOctal(testing::kMode, 0644);
    header.SetOctal(testing::kSize, 5000);
    header.SetByte(testing::kType.offset, type);
    header.SetText(testing::kLink, "target");
    header.SetText(testing::kMagic, testing::kUstarMagic);
    const TarEvents seen = Accepted(header.Seal() + WriteTar({FileEntry("next", "n")}));
    ASSERT_EQ(seen.entries.size(), 2u) << type;
    EXPECT_EQ(seen.entries[0].entry.stored_bytes, 0u);
    EXPECT_EQ(seen.entries[1].Content(), "n");
  }
}

TEST(Tar, NumbersBeyondOctalAreBase256) {
  testing::TarEntry file = FileEntry("f", "x");
  file.uid = 4'000'000'000;
  file.gid = -2;
  file.mtime = -86'400;
  const TarEvents seen = Accepted(WriteTar({file}, {.format = TarFormat::kGnu}));
  EXPECT_EQ(seen.entries.at(0).entry.uid, 4'000'000'000);
  EXPECT_EQ(seen.entries.at(0).entry.gid, -2);
  EXPECT_EQ(seen.entries.at(0).entry.mtime, -86'400);
}

TEST(Tar, NeedsNoEndMark) {
  for (const int blocks : {0, 1, 2, 20}) {
    const TarEvents seen =
        Accepted(WriteTar({FileEntry("a", "1"), FileEntry("b", "2")}, {.end_blocks = blocks}));
    EXPECT_EQ(seen.entries.size(), 2u);
    EXPECT_EQ(seen.end_mark, blocks > 0);
  }
  EXPECT_TRUE(Accepted("").entries.empty());
}

TEST(Tar, NeedsNoPaddingBehindTheLastContent) {
  std::string archive = WriteTar({FileEntry("a", "12345")}, {.end_blocks = 0});
  archive.resize(512 + 5);
  EXPECT_EQ(Accepted(archive).entries.at(0).Content(), "12345");
}

TEST(Tar, CountsAllBytesBehindTheEndMark) {
  const std::string archive = WriteTar({FileEntry("a")}) + std::string(3001, 'z');
  EXPECT_EQ(Accepted(archive).offset, archive.size());
}

TEST(Tar, CutShortAnywhereIsAnErrorUnlessAnEntryEndsThere) {
  const std::string name(150, 'n');
  const std::string archive =
      WriteTar({FileEntry("a", std::string(700, 'a')), FileEntry(name, "b")},
               {.format = TarFormat::kGnu, .end_blocks = 0});
  // a: header, two blocks. Then the long name in two blocks, its header and one block.
  ASSERT_EQ(archive.size(), 7u * 512);
  for (size_t size = 1; size < archive.size(); ++size) {
    const TarEvents seen = ReadTarEvents(std::string_view(archive).substr(0, size));
    const bool legal = (size >= 512 + 700 && size <= 3 * 512) || size > 6 * 512;
    EXPECT_EQ(!seen.error, legal) << size;
    if (seen.error) {
      EXPECT_EQ(seen.error->code, Code::kCorrupt);
      EXPECT_NE(seen.error->message.find("ends early"), std::string::npos);
    }
  }
}

TEST(Tar, RefusesAWrongChecksumAndSaysWhere) {
  std::string archive = WriteTar({FileEntry("a", "1"), FileEntry("b", "2")});
  archive[1024] ^= 1;
  const Error error = Refused(archive);
  EXPECT_EQ(error.code, Code::kCorrupt);
  EXPECT_NE(error.message.find("byte 1024"), std::string::npos) << error.message;
  EXPECT_NE(error.message.find("checksum"), std::string::npos) << error.message;
}

TEST(Tar, RefusesWhatIsNoTar) {
  EXPECT_EQ(Refused(std::string(512, 'x')).code, Code::kCorrupt);
  EXPECT_EQ(Refused(std::string(100, 'x')).code, Code::kCorrupt);
}

TEST(Tar, RefusesNegativeAndSenselessSizes) {
  for (const int64_t size : {int64_t{-1}, int64_t{-512}, int64_t{1} << 62}) {
    HeaderBlock header;
    header.SetText(testing::kName, "f");
    header.SetOctal(testing::kMode, 0644);
    header.SetNumber(testing::kSize, size);
    header.SetText(testing::kMagic, testing::kGnuMagic);
    const Error error = Refused(header.Seal());
    EXPECT_EQ(error.code, Code::kCorrupt);
    EXPECT_NE(error.message.find("'f'"), std::string::npos) << error.message;
  }
}

TEST(Tar, LimitsPathsComponentsAndTargets) {
  const std::string archive = WriteTar({SymlinkEntry("a/bb/ccc", "target")});
  const auto with = [](uint64_t Limits::* member, uint64_t value) {
    Limits limits;
    limits.*member = value;
    return limits;
  };
  EXPECT_FALSE(ReadTarEvents(archive, 4096, with(&Limits::path_bytes, 8)).error);
  EXPECT_EQ(Refused(archive, with(&Limits::path_bytes, 7)).code, Code::kLimit);
  EXPECT_FALSE(ReadTarEvents(archive, 4096, with(&Limits::path_components, 3)).error);
  EXPECT_EQ(Refused(archive, with(&Limits::path_components, 2)).code, Code::kLimit);
  EXPECT_FALSE(ReadTarEvents(archive, 4096, with(&Limits::link_bytes, 6)).error);
  const Error error = Refused(archive, with(&Limits::link_bytes, 5));
  EXPECT_EQ(error.code, Code::kLimit);
  EXPECT_NE(error.message.find("a/bb/ccc"), std::string::npos) << error.message;
  EXPECT_NE(error.message.find("--max-link-bytes"), std::string::npos) << error.message;
}

TEST(Tar, ErrorsShowOnlyTheBeginningOfALongPath) {
  const Error error = Refused(WriteTar({FileEntry(std::string(40'000, 'p'))}));
  EXPECT_EQ(error.code, Code::kLimit);
  EXPECT_LT(error.message.size(), 600u);
}

}  // namespace
}  // namespace fathom::archive
