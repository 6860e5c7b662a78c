#include "archive/tar_header_writer.h"

#include <gtest/gtest.h>

#include "archive/tar_parser.h"

namespace fathom::archive {
namespace {

// What the parser makes of an entry's headers.
TarEntry ReadBack(const TarEntry& entry) {
  const Limits limits;
  TarParser parser(limits);
  const std::string text = TarHeaderBlocks(entry);
  EXPECT_EQ(text.size() % kTarBlock, 0u);
  ByteView input = AsBytes(text);
  const auto event = parser.Next(input);
  EXPECT_TRUE(event) << event.error().message;
  EXPECT_EQ(*event, TarParser::Event::kEntry);
  EXPECT_TRUE(input.empty());
  return parser.entry();
}

void ExpectSame(const TarEntry& entry) {
  const TarEntry got = ReadBack(entry);
  EXPECT_EQ(got.path, entry.path);
  EXPECT_EQ(got.link, entry.link);
  EXPECT_EQ(got.type, entry.type);
  EXPECT_EQ(got.mode, entry.mode);
  EXPECT_EQ(got.uid, entry.uid);
  EXPECT_EQ(got.gid, entry.gid);
  EXPECT_EQ(got.size, entry.size);
  EXPECT_EQ(got.mtime, entry.mtime);
  EXPECT_EQ(got.dev_major, entry.dev_major);
  EXPECT_EQ(got.dev_minor, entry.dev_minor);
  EXPECT_EQ(got.xattrs, entry.xattrs);
}

TarEntry File(const std::string& path) {
  TarEntry entry;
  entry.path = path;
  entry.mode = 0644;
  entry.size = 3;
  entry.mtime = 1700000000;
  return entry;
}

TEST(TarHeaderWriter, IsReadBackAsItWas) {
  ExpectSame(File("etc/passwd"));
  for (const size_t length : {99, 100, 101, 150, 5000}) {
    SCOPED_TRACE(length);
    ExpectSame(File(std::string(length, 'n')));
    TarEntry link = File("link");
    link.type = EntryType::kSymlink;
    link.size = 0;
    link.link = std::string(length, 't');
    ExpectSame(link);
  }
  for (const EntryType type : {EntryType::kDirectory, EntryType::kFifo, EntryType::kCharDevice,
                               EntryType::kBlockDevice, EntryType::kHardLink}) {
    TarEntry entry = File("some/thing");
    entry.size = 0;
    entry.type = type;
    entry.link = type == EntryType::kHardLink ? "other/thing" : "";
    if (type == EntryType::kCharDevice || type == EntryType::kBlockDevice) {
      entry.dev_major = 259;
      entry.dev_minor = 1048575;
    }
    ExpectSame(entry);
  }
}

TEST(TarHeaderWriter, SaysNumbersThatFitNoField) {
  for (const int64_t number : {int64_t{07777777}, int64_t{010000000}, int64_t{0xFFFFFFFE}}) {
    TarEntry entry = File("f");
    entry.uid = entry.gid = number;
    ExpectSame(entry);
  }
  for (const int64_t mtime : {int64_t{-1}, int64_t{-62135596800}, int64_t{1} << 33,
                              (int64_t{1} << 33) - 1, int64_t{1} << 40}) {
    TarEntry entry = File("f");
    entry.mtime = mtime;
    ExpectSame(entry);
  }
  TarEntry entry = File("f");
  entry.size = uint64_t{1} << 40;
  ExpectSame(entry);
}

TEST(TarHeaderWriter, KeepsAttributes) {
  using namespace std::string_literals;
  TarEntry entry = File(std::string(95, 'p') + "\n=\xff.txt");
  entry.xattrs = {{"security.capability", "\x01\0\0\x02\xff\n"s}, {"user.mime", ""}};
  entry.xattrs.emplace_back("user.x", std::string(986, 'v'));  // its length grows a digit
  ExpectSame(entry);
}

}  // namespace
}  // namespace fathom::archive
