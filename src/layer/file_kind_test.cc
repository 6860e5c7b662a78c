#include "layer/file_kind.h"

#include <gtest/gtest.h>

#include <string>

#include "layer/layer_scan.h"
#include "tests/support/blob.h"
#include "tests/support/tar_writer.h"

namespace fathom::layer {
namespace {

using testing::FileEntry;

FileKind KindOf(std::string_view bytes) { return ClassifyFile(AsBytes(bytes)); }

TEST(FileKind, IsToldByTheFirstBytes) {
  EXPECT_EQ(KindOf("\x7f"
                   "ELF\x02\x01"),
            FileKind::kElf);
  EXPECT_EQ(KindOf("#!/bin/sh\n"), FileKind::kScript);
  EXPECT_EQ(KindOf("plain text\n\twith tabs\r\n"), FileKind::kText);
  EXPECT_EQ(KindOf("caf\xc3\xa9 \x1b[1mbold\x1b[0m"), FileKind::kText);
  EXPECT_EQ(KindOf(std::string_view("a\0b", 3)), FileKind::kOther);
  EXPECT_EQ(KindOf("\x7f"), FileKind::kOther);
}

TEST(FileKind, KnowsArchives) {
  const std::string tar = testing::WriteTar({FileEntry("f", "x")});
  for (const std::string& bytes : {testing::Gzip("x"), testing::Zstd("x"), tar.substr(0, 512),
                                   std::string("PK\x03\x04zip"), std::string("!<arch>\ndebian"),
                                   std::string("\xfd"
                                               "7zXZ\0\0",
                                               7),
                                   std::string("BZh91AY"), std::string("070701cpio")}) {
    EXPECT_EQ(KindOf(bytes), FileKind::kArchive);
  }
  EXPECT_NE(KindOf(tar.substr(0, 261)), FileKind::kArchive);  // the magic is cut off
}

TEST(FileKind, EveryKindHasItsName) {
  for (const FileKind kind : kFileKinds) {
    EXPECT_EQ(FileKindName(kind) == "other", kind == FileKind::kOther);
  }
}

TEST(FileKind, FacetHasAByteForEachEntry) {
  const std::string tar = testing::WriteTar({testing::DirEntry("d"), FileEntry("d/text", "words"),
                                             FileEntry("d/empty"), testing::SymlinkEntry("s", "d"),
                                             FileEntry("run", "#!x" + std::string(2000, '\0')),
                                             testing::DirEntry("last")});
  const FacetKind kinds[] = {FileKindFacet()};
  const Limits limits;
  for (const size_t piece : {size_t{1}, size_t{600}, tar.size()}) {
    LayerScan scan(ContentAlgorithm::kXxh3_128, kinds, limits);
    for (size_t at = 0; at < tar.size(); at += piece) {
      ASSERT_TRUE(scan.Consume(AsBytes(std::string_view(tar).substr(at, piece))));
    }
    ASSERT_TRUE(scan.Finish());
    const ScanResult result = scan.Take();
    ASSERT_EQ(result.facets.size(), 1u);
    EXPECT_EQ(result.facets[0].name, "file-kind");
    const std::string expected = {
        static_cast<char>(FileKind::kNone),   static_cast<char>(FileKind::kText),
        static_cast<char>(FileKind::kNone),   static_cast<char>(FileKind::kNone),
        static_cast<char>(FileKind::kScript), static_cast<char>(FileKind::kNone)};
    EXPECT_EQ(result.facets[0].bytes, expected);
  }
}

}  // namespace
}  // namespace fathom::layer
