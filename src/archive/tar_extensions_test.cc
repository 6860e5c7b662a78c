// pax and GNU extension headers: long names, records, attributes and the limits on them.
#include <gtest/gtest.h>

#include <string>

#include "archive/tar_fixture.h"
#include "tests/support/tar_block.h"
#include "tests/support/tar_writer.h"

namespace fathom::archive {
namespace {

using testing::DirEntry;
using testing::FileEntry;
using testing::PaxHeader;
using testing::PaxRecord;
using testing::ReadTarEvents;
using testing::SymlinkEntry;
using testing::TarEvents;
using testing::TarFormat;
using testing::WriteTar;

// An archive of one file with these pax records in front of it.
std::string FileWith(const std::string& records, const std::string& content = "") {
  return PaxHeader('x', "f", records) + WriteTar({FileEntry("f", content)});
}

TEST(TarExtensions, LongNamesAndTargetsOfGnuAndPax) {
  const std::string path = std::string(120, 'p') + "/" + std::string(250, 'n');
  const std::string target(600, 't');
  for (const TarFormat format : {TarFormat::kGnu, TarFormat::kPax}) {
    const TarEvents seen =
        Accepted(WriteTar({SymlinkEntry(path, target), FileEntry("next")}, {.format = format}));
    ASSERT_EQ(seen.entries.size(), 2u);
    EXPECT_EQ(seen.entries[0].entry.path, path);
    EXPECT_EQ(seen.entries[0].entry.link, target);
    EXPECT_EQ(seen.entries[1].entry.path, "next");
    EXPECT_EQ(seen.entries[1].entry.link, "");
  }
}

TEST(TarExtensions, PaxSaysWhatUstarCannot) {
  testing::TarEntry file = FileEntry("caf\xc3\xa9", "x");
  file.uid = 3'000'000'000;
  file.gid = 1ll << 40;
  file.mtime = 1'600'000'000;
  file.mtime_nanos = 999'999'999;
  file.xattrs = {{"security.capability", std::string("\1\0\0\2", 4)}, {"user.a", ""}};
  const TarEvents seen = Accepted(WriteTar({file, FileEntry("plain")}));
  const TarEntry& entry = seen.entries.at(0).entry;
  EXPECT_EQ(entry.path, "caf\xc3\xa9");
  EXPECT_EQ(entry.uid, 3'000'000'000);
  EXPECT_EQ(entry.gid, 1ll << 40);
  EXPECT_EQ(entry.mtime, 1'600'000'000);
  EXPECT_EQ(entry.xattrs, file.xattrs);
  EXPECT_TRUE(seen.entries.at(1).entry.xattrs.empty());
}

TEST(TarExtensions, TimesBefore1970RoundDown) {
  EXPECT_EQ(Accepted(FileWith(PaxRecord("mtime", "-1.5"))).entries.at(0).entry.mtime, -2);
  EXPECT_EQ(Accepted(FileWith(PaxRecord("mtime", "-7"))).entries.at(0).entry.mtime, -7);
}

TEST(TarExtensions, PaxSizeIsTheSizeOfTheContent) {
  std::string header = WriteTar({FileEntry("f")}, {.end_blocks = 0});
  const TarEvents seen =
      Accepted(PaxHeader('x', "f", PaxRecord("size", "600")) + header +
               testing::Padded(std::string(600, 'c')) + WriteTar({FileEntry("next", "n")}));
  ASSERT_EQ(seen.entries.size(), 2u);
  EXPECT_EQ(seen.entries[0].entry.size, 600u);
  EXPECT_EQ(seen.entries[0].Content(), std::string(600, 'c'));
  EXPECT_EQ(seen.entries[1].Content(), "n");
}

TEST(TarExtensions, GlobalRecordsHoldUntilReplaced) {
  testing::TarEntry own = FileEntry("own");
  own.uid = 3'000'000'000;
  const TarEvents seen = Accepted(
      WriteTar({FileEntry("a"), own, FileEntry("b")},
               {.global_pax = {{"uid", "7"}, {"SCHILY.xattr.user.g", "v"}}, .end_blocks = 0}) +
      PaxHeader('g', "g", PaxRecord("uid", "8")) + WriteTar({FileEntry("c")}));
  ASSERT_EQ(seen.entries.size(), 4u);
  EXPECT_EQ(seen.entries[0].entry.uid, 7);
  EXPECT_EQ(seen.entries[1].entry.uid, 3'000'000'000);
  EXPECT_EQ(seen.entries[2].entry.uid, 7);
  EXPECT_EQ(seen.entries[3].entry.uid, 8);
  EXPECT_EQ(seen.entries[3].entry.xattrs.size(), 1u);
}

TEST(TarExtensions, EmptyValueTakesAGlobalRecordBack) {
  const std::string global = PaxHeader('g', "g", PaxRecord("uid", "7") + PaxRecord("path", "p"));
  const TarEvents seen =
      Accepted(global + PaxHeader('x', "f", PaxRecord("uid", "") + PaxRecord("path", "")) +
               WriteTar({FileEntry("f"), FileEntry("g")}));
  EXPECT_EQ(seen.entries.at(0).entry.uid, 0);
  EXPECT_EQ(seen.entries.at(0).entry.path, "f");
  EXPECT_EQ(seen.entries.at(1).entry.uid, 7);
  EXPECT_EQ(seen.entries.at(1).entry.path, "p");
}

TEST(TarExtensions, GlobalHeaderAloneIsAnArchiveWithoutEntries) {
  EXPECT_TRUE(Accepted(PaxHeader('g', "g", PaxRecord("comment", "c"))).entries.empty());
  EXPECT_TRUE(Accepted(WriteTar({}, {.global_pax = {{"comment", "c"}}})).entries.empty());
}

TEST(TarExtensions, LaterRecordWins) {
  const TarEvents seen = Accepted(FileWith(PaxRecord("path", "one") + PaxRecord("path", "two")));
  EXPECT_EQ(seen.entries.at(0).entry.path, "two");
}

TEST(TarExtensions, PaxPathWinsOverGnuLongName) {
  const std::string gnu = WriteTar({FileEntry(std::string(200, 'n'))}, {.format = TarFormat::kGnu});
  const TarEvents seen = Accepted(PaxHeader('x', "f", PaxRecord("path", "pax")) + gnu);
  EXPECT_EQ(seen.entries.at(0).entry.path, "pax");
}

// As Go's archive/tar has it, which engines unpack with; GNU tar takes the empty name.
TEST(TarExtensions, AnEmptyGnuLongNameLeavesTheHeadersOwn) {
  std::string gnu = WriteTar({FileEntry(std::string(200, 'n'))}, {.format = TarFormat::kGnu});
  gnu[512] = '\0';  // the first byte of the record
  EXPECT_EQ(Accepted(gnu).entries.at(0).entry.path, std::string(100, 'n'));
}

TEST(TarExtensions, SolarisHeaderIsPax) {
  const TarEvents seen =
      Accepted(PaxHeader('X', "f", PaxRecord("path", "solaris")) + WriteTar({FileEntry("f")}));
  EXPECT_EQ(seen.entries.at(0).entry.path, "solaris");
}

TEST(TarExtensions, EmptyHeaderSaysNothing) {
  EXPECT_EQ(Accepted(FileWith("", "c")).entries.at(0).Content(), "c");
}

TEST(TarExtensions, ValuesMayHoldEqualsSignsAndNewlines) {
  const TarEvents seen = Accepted(FileWith(PaxRecord("path", "a=b\nc")));
  EXPECT_EQ(seen.entries.at(0).entry.path, "a=b\nc");
}

TEST(TarExtensions, V7DirectoryMayHaveItsNameInAnExtension) {
  const std::string header = WriteTar({DirEntry("d")}, {.format = TarFormat::kV7});
  const TarEvents seen = Accepted(PaxHeader('x', "d", PaxRecord("path", "long/")) + header);
  EXPECT_EQ(seen.entries.at(0).entry.type, EntryType::kDirectory);
}

TEST(TarExtensions, RefusesRecordsThatLieAboutTheirLength) {
  for (const char* records :
       {"5 a=b\n", "7 a=b\n", "a=b\n", "6 a=b", "6 a=bx", "3 \n", "6 abc\n", "5 =b\n", "-6 a=b\n",
        "99999999999999999999 a=b\n", "0 a=b\n", " 6 a=b\n", "6\ta=b\n"}) {
    EXPECT_EQ(Refused(FileWith(records)).code, Code::kCorrupt) << records;
  }
}

TEST(TarExtensions, RefusesNulInPathsTargetsAndAttributeNames) {
  const std::string nul("a\0b", 3);
  EXPECT_EQ(Refused(FileWith(PaxRecord("path", nul))).code, Code::kCorrupt);
  EXPECT_EQ(Refused(FileWith(PaxRecord("linkpath", nul))).code, Code::kCorrupt);
  EXPECT_EQ(Refused(FileWith(PaxRecord("SCHILY.xattr." + nul, "v"))).code, Code::kCorrupt);
  const TarEvents seen = Accepted(FileWith(PaxRecord("SCHILY.xattr.a", nul)));
  EXPECT_EQ(seen.entries.at(0).entry.xattrs.at(0).second, nul);
}

TEST(TarExtensions, RefusesNumbersThatAreNone) {
  for (const char* key : {"uid", "gid", "size", "mtime"}) {
    EXPECT_EQ(Refused(FileWith(PaxRecord(key, "12x"))).code, Code::kCorrupt) << key;
    EXPECT_EQ(Refused(FileWith(PaxRecord(key, "99999999999999999999"))).code, Code::kCorrupt)
        << key;
  }
  EXPECT_EQ(Refused(FileWith(PaxRecord("size", "-1"))).code, Code::kCorrupt);
}

TEST(TarExtensions, RefusesAnArchiveThatEndsBehindOne) {
  const std::string header = PaxHeader('x', "f", PaxRecord("path", "p"));
  EXPECT_EQ(Refused(header).code, Code::kCorrupt);
  EXPECT_EQ(Refused(header + testing::EndOfArchive()).code, Code::kCorrupt);
}

TEST(TarExtensions, LimitsEachHeader) {
  Limits limits;
  limits.pax_bytes = 2000;
  const auto archive = [](char type, size_t size) {
    return PaxHeader(type, "f", std::string(size, 'n')) + WriteTar({FileEntry("f")});
  };
  for (const char type : {'x', 'g', 'L', 'K', 'X'}) {
    EXPECT_EQ(Refused(archive(type, 2001), limits).code, Code::kLimit) << type;
  }
  EXPECT_FALSE(ReadTarEvents(archive('L', 2000), 512, limits).error);
}

TEST(TarExtensions, LimitsGlobalRecordsTogetherButNotTheirRepetition) {
  Limits limits;
  limits.pax_bytes = 1000;
  std::string same, different;
  for (int i = 0; i < 50; ++i) {
    same += PaxHeader('g', "g", PaxRecord("comment", std::string(100, 'c')));
    different += PaxHeader('g', "g", PaxRecord("k" + std::to_string(i), std::string(100, 'c')));
  }
  EXPECT_FALSE(ReadTarEvents(same, 512, limits).error);
  EXPECT_EQ(Refused(different, limits).code, Code::kLimit);
}

TEST(TarExtensions, LimitsPathsWhereverTheyStand) {
  const std::string path(40'000, 'p');
  EXPECT_EQ(Refused(FileWith(PaxRecord("path", path))).code, Code::kLimit);
  EXPECT_EQ(Refused(FileWith(PaxRecord("linkpath", path))).code, Code::kLimit);
  EXPECT_EQ(Refused(WriteTar({FileEntry(path)}, {.format = TarFormat::kGnu})).code, Code::kLimit);
  std::string deep;
  for (int i = 0; i < 5000; ++i) {
    deep += "d/";
  }
  EXPECT_EQ(Refused(FileWith(PaxRecord("path", deep))).code, Code::kLimit);
}

}  // namespace
}  // namespace fathom::archive
