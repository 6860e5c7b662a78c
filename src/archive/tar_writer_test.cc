#include "archive/tar_writer.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "archive/tar_reader.h"

namespace fathom::archive {
namespace {

std::string Archive(const std::vector<std::pair<TarEntry, std::string>>& members) {
  std::string tar;
  for (const auto& [entry, content] : members) {
    tar += TarHeaderBlocks(entry);
    tar += content;
    tar += TarPadding(content.size());
  }
  return tar + std::string(TarEnd());
}

TarEntry ReadBack(const std::string& tar) {
  static const Limits limits;
  MemorySource source(AsBytes(tar));
  TarReader reader(source, limits);
  const auto entry = reader.Next();
  EXPECT_TRUE(entry && *entry != nullptr);
  return entry && *entry != nullptr ? **entry : TarEntry();
}

TarEntry Entry(std::string path, EntryType type = EntryType::kFile) {
  TarEntry entry;
  entry.path = std::move(path);
  entry.type = type;
  entry.mode = 0644;
  return entry;
}

TEST(TarWriterTest, AnUsualEntryIsOneBlockOfUstar) {
  TarEntry entry = Entry("etc/passwd");
  entry.size = 5;
  const std::string header = TarHeaderBlocks(entry);
  ASSERT_EQ(header.size(), 512u);
  EXPECT_EQ(header.substr(257, 8), std::string("ustar\0"
                                               "00",
                                               8));
  EXPECT_EQ(Archive({{entry, "12345"}}).size(), 512u + 512 + 1024);
}

TEST(TarWriterTest, OnlyAFileHasASize) {
  TarEntry link = Entry("a", EntryType::kHardLink);
  link.link = "b";
  link.size = 7;
  EXPECT_EQ(ReadBack(Archive({{link, ""}})).size, 0u);
}

TEST(TarWriterTest, AnAttributeThatNoRecordCanSayIsLeftOut) {
  TarEntry entry = Entry("a");
  entry.xattrs = {{"user.a=b", "1"}, {"user.c", std::string("\0\n=", 3)}};
  const TarEntry back = ReadBack(Archive({{entry, ""}}));
  ASSERT_EQ(back.xattrs.size(), 1u);
  EXPECT_EQ(back.xattrs[0].second, std::string("\0\n=", 3));
}

// Lengths around those where the record's own length gets a digit more.
TEST(TarWriterTest, RecordsCountThemselves) {
  for (size_t size = 1; size < 1100; ++size) {
    TarEntry entry = Entry(std::string(size, 'n'));
    ASSERT_EQ(ReadBack(Archive({{entry, ""}})).path.size(), size);
  }
}

RC_GTEST_PROP(TarWriterTest, WhatIsWrittenIsReadBack, ()) {
  const auto text = [](int most) {
    return rc::gen::map(rc::gen::pair(rc::gen::inRange(1, most), rc::gen::element('a', '\xff')),
                        [](auto pair) { return std::string(pair.first, pair.second); });
  };
  TarEntry entry = Entry(*text(300), *rc::gen::element(EntryType::kFile, EntryType::kSymlink,
                                                       EntryType::kFifo, EntryType::kCharDevice));
  entry.link = entry.type == EntryType::kSymlink ? *text(300) : "";
  entry.mode = *rc::gen::inRange(0u, 010000u);
  entry.uid = *rc::gen::element<int64_t>(0, 1000, 07777777, 010000000, 4294967295);
  entry.gid = *rc::gen::element<int64_t>(0, 1000, 07777777, 010000000, 4294967295);
  entry.mtime = *rc::gen::element<int64_t>(0, -7, 1700000000, 077777777777, 0100000000000);
  if (entry.type == EntryType::kCharDevice) {
    entry.dev_major = *rc::gen::element(1u, 07777777u, 4294967295u);
    entry.dev_minor = *rc::gen::element(3u, 07777777u, 4294967295u);
  }
  if (*rc::gen::arbitrary<bool>()) {
    entry.xattrs = {{"security.capability", std::string("\1\0\0\2", 4)}, {"user.x", ""}};
  }
  const TarEntry back = ReadBack(Archive({{entry, ""}}));
  RC_ASSERT(back.path == entry.path);
  RC_ASSERT(back.link == entry.link);
  RC_ASSERT(back.type == entry.type);
  RC_ASSERT(back.mode == entry.mode);
  RC_ASSERT(back.uid == entry.uid);
  RC_ASSERT(back.gid == entry.gid);
  RC_ASSERT(back.mtime == entry.mtime);
  RC_ASSERT(back.dev_major == entry.dev_major);
  RC_ASSERT(back.dev_minor == entry.dev_minor);
  RC_ASSERT(back.xattrs == entry.xattrs);
}

TEST(TarWriterTest, ASizeThatOctalCannotSayIsRead) {
  TarEntry entry = Entry("large");
  entry.size = 1ull << 40;
  static const Limits limits;
  const std::string header = TarHeaderBlocks(entry);
  MemorySource source(AsBytes(header));
  TarReader reader(source, limits);
  const auto back = reader.Next();
  ASSERT_TRUE(back && *back != nullptr);
  EXPECT_EQ((*back)->size, 1ull << 40);
}

}  // namespace
}  // namespace fathom::archive
