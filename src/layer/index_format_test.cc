#include "layer/index_format.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "layer/entry_fixture.h"
#include "layer/layer_index_builder.h"

namespace fathom::layer {
namespace {

constexpr auto kXxh3 = ContentAlgorithm::kXxh3_128;
constexpr auto kSha256 = ContentAlgorithm::kSha256;

const Digest kLayer = DigestOf(AsBytes("this layer"));
const Digest kOther = DigestOf(AsBytes("another layer"));

using Entries = std::vector<archive::TarEntry>;
using IndexPtr = std::shared_ptr<const LayerIndex>;

IndexPtr Build(const Entries& entries, ContentAlgorithm algorithm) {
  const Limits limits;
  LayerIndexBuilder builder(algorithm, limits);
  ContentHasher hasher(algorithm);
  for (const archive::TarEntry& entry : entries) {
    const Result<EntryId> id = builder.Add(entry);
    if (entry.type == EntryType::kFile) {
      hasher.HashWhole(AsBytes(entry.path), builder.ContentOf(*id));
    }
  }
  return builder.Finish(1 << 20);
}

Entries SmallLayer() {
  Entries entries = {Named("etc/", EntryType::kDirectory),
                     Named("etc/passwd", EntryType::kFile),
                     Named("etc/.wh.shadow", EntryType::kFile),
                     Named("bin", EntryType::kSymlink, "usr/bin"),
                     Named("etc/passwd-", EntryType::kHardLink, "etc/passwd"),
                     Named("opt", EntryType::kDirectory)};
  entries[1].size = 700;
  entries[1].mtime = -5;
  entries[1].data_offset = 1024;
  entries[1].xattrs = {{"security.capability", std::string("\1\0\0\2", 4)}, {"user.empty", ""}};
  entries[5].xattrs = {{"trusted.overlay.opaque", "y"}};
  return entries;
}

bool Same(const LayerIndex& a, const LayerIndex& b) {
  if (a.algorithm() != b.algorithm() || a.decoded_bytes() != b.decoded_bytes() ||
      a.entry_count() != b.entry_count() || a.paths().size() != b.paths().size()) {
    return false;
  }
  for (EntryId id = 0; id < a.entry_count(); ++id) {
    const Entry& left = a.entry(id);
    const Entry& right = b.entry(id);
    if (std::memcmp(&left, &right, sizeof(Entry)) != 0 || a.Path(left.path) != b.Path(right.path) ||
        a.link(left) != b.link(right) || a.xattrs(left) != b.xattrs(right) ||
        !std::ranges::equal(a.content(id), b.content(id))) {
      return false;
    }
  }
  return true;
}

bool Accepts(std::string_view file, ContentAlgorithm algorithm = kXxh3) {
  return IndexFormat::Read(kLayer, algorithm, AsBytes(file)).has_value();
}

// The same bytes with a checksum that fits them: what a hostile writer would leave.
std::string Sealed(std::string file) {
  std::array<uint8_t, 16> checksum;
  const ByteView bytes = AsBytes(file).first(file.size() - checksum.size());
  ContentHasher(kXxh3).HashWhole(bytes, checksum);
  std::memcpy(file.data() + bytes.size(), checksum.data(), checksum.size());
  return file;
}

// ---- Writing and reading

class BothAlgorithms : public ::testing::TestWithParam<ContentAlgorithm> {};
INSTANTIATE_TEST_SUITE_P(IndexFormat, BothAlgorithms, ::testing::Values(kXxh3, kSha256),
                         [](const auto& p) { return p.param == kXxh3 ? "Xxh3" : "Sha256"; });

TEST_P(BothAlgorithms, WhatIsReadIsWhatWasWritten) {
  const IndexPtr index = Build(SmallLayer(), GetParam());
  const auto read =
      IndexFormat::Read(kLayer, GetParam(), AsBytes(IndexFormat::Write(kLayer, *index)));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_TRUE(Same(*index, **read));
  EXPECT_EQ(ReadXattrs((*read)->xattrs((*read)->entry(1))).at(0).second,
            std::string_view("\1\0\0\2", 4));
}

TEST_P(BothAlgorithms, AnEmptyLayerHasAnIndexToo) {
  const IndexPtr index = Build({}, GetParam());
  const auto read =
      IndexFormat::Read(kLayer, GetParam(), AsBytes(IndexFormat::Write(kLayer, *index)));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_TRUE(Same(*index, **read));
}

TEST_P(BothAlgorithms, TheSameIndexIsTheSameFile) {
  const IndexPtr index = Build(SmallLayer(), GetParam());
  EXPECT_EQ(IndexFormat::Write(kLayer, *index),
            IndexFormat::Write(kLayer, *Build(SmallLayer(), GetParam())));
}

archive::TarEntry AnyEntry() {
  const auto name = rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab./\xff")));
  archive::TarEntry entry;
  entry.path = *name;
  entry.link = *name;
  entry.type = static_cast<EntryType>(*rc::gen::inRange(0, 8));
  entry.mode = *rc::gen::inRange<uint32_t>(0, 010000);
  entry.uid = *rc::gen::inRange(0, 3);
  entry.gid = *rc::gen::arbitrary<uint32_t>();
  entry.size = *rc::gen::arbitrary<uint64_t>();
  entry.mtime = *rc::gen::arbitrary<int64_t>();
  entry.dev_minor = *rc::gen::inRange<uint32_t>(0, 2);
  entry.data_offset = *rc::gen::inRange<uint64_t>(0, 1 << 20);
  for (const auto& [key, value] : *rc::gen::container<std::map<std::string, std::string>>(
           rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::inRange('a', 'd'))),
           rc::gen::arbitrary<std::string>())) {
    entry.xattrs.emplace_back(key, value);
  }
  return entry;
}

RC_GTEST_PROP(IndexFormat, AnyIndexSurvivesWritingAndReading, ()) {
  const auto algorithm = *rc::gen::element(kXxh3, kSha256);
  const auto entries = *rc::gen::container<Entries>(rc::gen::exec(AnyEntry));
  const IndexPtr index = Build(entries, algorithm);
  const auto read =
      IndexFormat::Read(kLayer, algorithm, AsBytes(IndexFormat::Write(kLayer, *index)));
  RC_ASSERT(read.has_value());
  RC_ASSERT(Same(*index, **read));
}

// ---- Damage

TEST_P(BothAlgorithms, EveryFlippedBitIsRefused) {
  std::string file = IndexFormat::Write(kLayer, *Build(SmallLayer(), GetParam()));
  ASSERT_TRUE(Accepts(file, GetParam()));
  for (size_t at = 0; at < file.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      file[at] = static_cast<char>(file[at] ^ 1 << bit);
      EXPECT_FALSE(Accepts(file, GetParam())) << "bit " << bit << " of byte " << at;
      file[at] = static_cast<char>(file[at] ^ 1 << bit);
    }
  }
}

TEST(IndexFormat, EveryTruncationIsRefused) {
  const std::string file = IndexFormat::Write(kLayer, *Build(SmallLayer(), kXxh3));
  for (size_t size = 0; size < file.size(); ++size) {
    EXPECT_FALSE(Accepts(file.substr(0, size))) << size;
    if (size >= 16) {
      EXPECT_FALSE(Accepts(Sealed(file.substr(0, size)))) << size << ", with a checksum that fits";
    }
  }
}

TEST(IndexFormat, BytesBehindTheEndAreRefused) {
  const std::string file = IndexFormat::Write(kLayer, *Build(SmallLayer(), kXxh3));
  EXPECT_FALSE(Accepts(file + '\0'));
  EXPECT_FALSE(Accepts(Sealed(file + '\0')));
  EXPECT_FALSE(Accepts(Sealed(file + file)));
}

TEST(IndexFormat, RefusalsAreCorruptions) {
  const auto read = IndexFormat::Read(kLayer, kXxh3, AsBytes("no index at all"));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Code::kCorrupt);
}

TEST(IndexFormat, TheIndexOfAnotherLayerIsRefused) {
  const std::string file = IndexFormat::Write(kOther, *Build(SmallLayer(), kXxh3));
  EXPECT_FALSE(Accepts(file));
}

TEST(IndexFormat, TheIndexWithAnotherContentAlgorithmIsRefused) {
  EXPECT_FALSE(Accepts(IndexFormat::Write(kLayer, *Build(SmallLayer(), kXxh3)), kSha256));
  EXPECT_FALSE(Accepts(IndexFormat::Write(kLayer, *Build(SmallLayer(), kSha256)), kXxh3));
}

TEST(IndexFormat, ADiffIdOfAnotherAlgorithmIsAnotherLayer) {
  const IndexPtr index = Build(SmallLayer(), kXxh3);
  const Digest sha512 = DigestOf(AsBytes("this layer"), DigestAlgorithm::kSha512);
  const std::string file = IndexFormat::Write(sha512, *index);
  EXPECT_TRUE(IndexFormat::Read(sha512, kXxh3, AsBytes(file)));
  EXPECT_FALSE(Accepts(file));
}

// ---- Hostile files, whose checksum fits: where things lie is docs/formats/layer-index.md

class HostileIndex : public ::testing::Test {
 protected:
  // The file with a number of 1, 2, 4 or 8 bytes replaced, and a checksum that fits.
  template <typename T>
  std::string With(size_t at, T value) const {
    std::string file = file_;
    std::memcpy(file.data() + at, &value, sizeof(value));
    return Sealed(file);
  }
  uint64_t Records(size_t section) const {
    uint64_t records = 0;
    std::memcpy(&records, file_.data() + 88 + 16 * section + 8, sizeof(records));
    return records;
  }
  size_t SectionAt(size_t section) const {
    constexpr std::array<size_t, 7> kBytes = {48, 16, 8, 4, 1, 4, 1};
    size_t at = 200;
    for (size_t i = 0; i < section; ++i) {
      at += kBytes[i] * Records(i);
    }
    return at;
  }
  size_t EntryAt(size_t id) const { return SectionAt(0) + 48 * id; }
  size_t PathAt(size_t id) const { return SectionAt(2) + 8 * id; }

  const IndexPtr index_ = Build(SmallLayer(), kXxh3);
  const std::string file_ = IndexFormat::Write(kLayer, *index_);
};

TEST_F(HostileIndex, IsAcceptedAsLongAsNothingIsWrong) {
  EXPECT_TRUE(Accepts(With<uint32_t>(EntryAt(1) + 8, 12345)));  // another owner
}

TEST_F(HostileIndex, CannotBeOfAnotherVersion) {
  EXPECT_FALSE(Accepts(With<uint32_t>(8, kIndexFormatVersion + 1)));
  EXPECT_FALSE(Accepts(With<char>(0, 'F')));
}

TEST_F(HostileIndex, CannotNameWhatIsNotThere) {
  EXPECT_FALSE(Accepts(With<uint32_t>(EntryAt(1), static_cast<uint32_t>(Records(2)))));
  EXPECT_FALSE(Accepts(With<uint32_t>(EntryAt(1) + 4, static_cast<uint32_t>(Records(3)))));
  EXPECT_FALSE(Accepts(With<uint32_t>(EntryAt(1) + 16, static_cast<uint32_t>(Records(5)))));
  EXPECT_FALSE(Accepts(With<uint32_t>(EntryAt(5), ~0u)));
}

TEST_F(HostileIndex, CannotHaveValuesThatDoNotExist) {
  EXPECT_FALSE(Accepts(With<uint16_t>(EntryAt(1) + 20, 010000)));
  EXPECT_FALSE(Accepts(With<uint8_t>(EntryAt(1) + 22, 8)));
  EXPECT_FALSE(Accepts(With<uint8_t>(EntryAt(1) + 23, 5)));
  EXPECT_FALSE(Accepts(With<uint8_t>(EntryAt(1) + 23, 3))) << "a file that is an opaque directory";
}

TEST_F(HostileIndex, CannotHaveContentBehindTheEndOfTheLayer) {
  EXPECT_TRUE(Accepts(With<uint64_t>(EntryAt(1) + 40, index_->decoded_bytes())));
  EXPECT_FALSE(Accepts(With<uint64_t>(EntryAt(1) + 40, index_->decoded_bytes() + 1)));
}

TEST_F(HostileIndex, CannotHavePathsThatGoInCircles) {
  EXPECT_FALSE(Accepts(With<uint32_t>(PathAt(1), 1)));
  EXPECT_FALSE(Accepts(With<uint32_t>(PathAt(1), 2)));
  EXPECT_FALSE(Accepts(With<uint32_t>(PathAt(0), 1)));
  EXPECT_FALSE(Accepts(With<uint32_t>(PathAt(0) + 4, 1))) << "a root with a name";
}

TEST_F(HostileIndex, CannotHaveNamesThatAreNone) {
  EXPECT_FALSE(Accepts(With<uint32_t>(PathAt(1) + 4, 0)));
  EXPECT_FALSE(Accepts(With<uint32_t>(PathAt(1) + 4, static_cast<uint32_t>(Records(3)))));
  EXPECT_FALSE(Accepts(With<uint32_t>(PathAt(1) + 4, index_->entry(3).link))) << "usr/bin";
}

TEST_F(HostileIndex, CannotLeadOutOfTheRoot) {
  const size_t text = SectionAt(4);
  ASSERT_EQ(file_.substr(text, 3), "etc");
  EXPECT_FALSE(Accepts(With(text, std::array{'e', '/', 'c'})));
  EXPECT_FALSE(Accepts(With(text, std::array{'e', '\0', 'c'})));
  EXPECT_TRUE(Accepts(With(text, std::array{'.', '.', '.'})));
  std::string file = With(text, std::array{'.', '.', '.'});
  const uint32_t two = 2;  // "..", ".passwd"
  std::memcpy(file.data() + SectionAt(3) + 4, &two, sizeof(two));
  EXPECT_FALSE(Accepts(Sealed(file)));
}

TEST_F(HostileIndex, CannotHaveStringsOutsideTheirText) {
  for (const size_t ends : {3u, 5u}) {
    const size_t last = SectionAt(ends) + 4 * (Records(ends) - 1);
    EXPECT_FALSE(Accepts(With<uint32_t>(SectionAt(ends), 1)));
    EXPECT_FALSE(Accepts(With<uint32_t>(SectionAt(ends) + 4, ~0u)));
    EXPECT_FALSE(Accepts(With<uint32_t>(last, static_cast<uint32_t>(Records(ends + 1)) + 1)));
    EXPECT_FALSE(Accepts(With<uint32_t>(last, static_cast<uint32_t>(Records(ends + 1)) - 1)));
  }
}

TEST_F(HostileIndex, CannotHaveAttributesThatEndEarly) {
  const size_t value_size = SectionAt(6) + std::string("security.capability").size() + 1;
  ASSERT_EQ(file_[value_size], 4);
  EXPECT_FALSE(Accepts(With<uint32_t>(value_size, ~0u)));
  EXPECT_FALSE(Accepts(With<uint8_t>(value_size - 1, 'x')));
}

TEST_F(HostileIndex, CannotMakeUsTakeMemoryThatTheFileHasNot) {
  for (size_t section = 0; section < 7; ++section) {
    const size_t at = 88 + 16 * section;
    for (const uint64_t records : {Records(section) + 1, 1ul << 32, 1ul << 60, ~0ul, ~0ul / 48}) {
      EXPECT_FALSE(Accepts(With<uint64_t>(at + 8, records))) << section << " " << records;
    }
    EXPECT_FALSE(Accepts(With<uint32_t>(at, 9)));
    EXPECT_FALSE(Accepts(With<uint32_t>(at + 4, 0)));
  }
}

// Whatever is accepted can be used: sanitizers would say if not.
RC_GTEST_PROP(IndexFormat, WhateverIsAcceptedIsSafeToUse, ()) {
  std::string file = IndexFormat::Write(kLayer, *Build(SmallLayer(), kXxh3));
  const auto changes = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::pair<size_t, char>>>(
      rc::gen::pair(rc::gen::inRange<size_t>(200, file.size()), rc::gen::arbitrary<char>())));
  for (const auto& [at, byte] : changes) {
    file[at] = byte;
  }
  const auto read = IndexFormat::Read(kLayer, kXxh3, AsBytes(Sealed(file)));
  RC_CLASSIFY(read.has_value(), "accepted");
  if (read) {
    size_t used = 0;
    for (EntryId id = 0; id < (*read)->entry_count(); ++id) {
      const Entry& entry = (*read)->entry(id);
      used += (*read)->Path(entry.path).size() + (*read)->link(entry).size() +
              ReadXattrs((*read)->xattrs(entry)).size() + (*read)->content(id)[15];
    }
    RC_ASSERT(used > 0u);
  }
}

// ---- Facets

const Facet kFacet = {"file-kind", 3, std::string("kinds\0of files", 14)};

TEST(FacetFormat, WhatIsReadIsWhatWasWritten) {
  for (const std::string& bytes : {kFacet.bytes, std::string()}) {
    const std::string file = WriteFacet(kLayer, {"file-kind", 3, bytes});
    const auto read = ReadFacet(kLayer, "file-kind", 3, AsBytes(file));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->name, "file-kind");
    EXPECT_EQ(read->version, 3u);
    EXPECT_EQ(read->bytes, bytes);
  }
}

TEST(FacetFormat, AnotherKeyIsRefused) {
  const std::string file = WriteFacet(kLayer, kFacet);
  EXPECT_FALSE(ReadFacet(kOther, "file-kind", 3, AsBytes(file)));
  EXPECT_FALSE(ReadFacet(kLayer, "file-kine", 3, AsBytes(file)));
  EXPECT_FALSE(ReadFacet(kLayer, "file-kin", 3, AsBytes(file)));
  EXPECT_FALSE(ReadFacet(kLayer, "file-kind", 4, AsBytes(file)));
}

TEST(FacetFormat, AnIndexIsNoFacet) {
  const std::string index = IndexFormat::Write(kLayer, *Build(SmallLayer(), kXxh3));
  EXPECT_FALSE(ReadFacet(kLayer, "file-kind", 3, AsBytes(index)));
  EXPECT_FALSE(Accepts(WriteFacet(kLayer, {"file-kind", 3, std::string(400, 'x')})));
}

TEST(FacetFormat, EveryFlippedByteAndTruncationIsRefused) {
  const std::string file = WriteFacet(kLayer, kFacet);
  for (size_t at = 0; at < file.size(); ++at) {
    std::string damaged = file;
    damaged[at] = static_cast<char>(~damaged[at]);
    EXPECT_FALSE(ReadFacet(kLayer, "file-kind", 3, AsBytes(damaged))) << at;
    EXPECT_FALSE(ReadFacet(kLayer, "file-kind", 3, AsBytes(file.substr(0, at)))) << at;
  }
  EXPECT_FALSE(ReadFacet(kLayer, "file-kind", 3, AsBytes(Sealed(file + "x"))));
  EXPECT_FALSE(ReadFacet(kLayer, "file-kind", 3, AsBytes(Sealed(file.substr(0, 112)))));
}

}  // namespace
}  // namespace fathom::layer
