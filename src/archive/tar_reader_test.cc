#include "archive/tar_reader.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/tar_writer.h"

namespace fathom::archive {
namespace {

using testing::DirEntry;
using testing::FileEntry;
using testing::WriteTar;

// A source that cannot seek and gives a few bytes at a time, as a pipe does.
class PipeLike final : public ByteSource {
 public:
  explicit PipeLike(std::string_view text) : inner_(AsBytes(text)) {}
  Result<size_t> Read(ByteSpan out) override {
    return inner_.Read(out.first(std::min<size_t>(out.size(), 77)));
  }

 private:
  MemorySource inner_;
};

enum class Contents { kRead, kSkip, kIgnore, kReadHalf };

// One line an entry: its path and, when they are read, its stored bytes.
std::vector<std::string> List(ByteSource& source, Contents contents) {
  const Limits limits;
  TarReader reader(source, limits);
  std::vector<std::string> lines;
  while (true) {
    const Result<const TarEntry*> entry = reader.Next();
    if (!entry) {
      lines.push_back("error " + std::to_string(ExitCode(entry.error().code)));
      return lines;
    }
    if (*entry == nullptr) {
      return lines;
    }
    lines.push_back((*entry)->path);
    const uint64_t stored = (*entry)->stored_bytes;
    if (contents == Contents::kRead) {
      const Result<std::string> text = ReadAll(reader.content(), 1 << 20);
      lines.back() += text ? "=" + *text : " error";
    } else if (contents == Contents::kSkip) {
      EXPECT_EQ(*reader.content().Skip(stored + 5), stored);
    } else if (contents == Contents::kReadHalf) {
      EXPECT_EQ(*reader.content().Skip(stored / 2), stored / 2);
    }
  }
}

std::string Example() {
  return testing::SparsePax10Entry(
             {.name = "sparse", .chunks = {{4096, "chunk"}}, .real_size = 9999}) +
         WriteTar({FileEntry("a", std::string(1500, 'a')), DirEntry("d"), FileEntry("d/empty"),
                   FileEntry(std::string(300, 'n'), std::string(512, 'n')), FileEntry("z", "z")});
}

TEST(TarReader, SkippingAndReadingMeetTheSameEntries) {
  const std::string archive = Example();
  const std::vector<std::string> paths = {"sparse", "a", "d", "d/empty", std::string(300, 'n'),
                                          "z"};
  for (const Contents contents : {Contents::kSkip, Contents::kIgnore, Contents::kReadHalf}) {
    MemorySource seekable(AsBytes(archive));
    EXPECT_EQ(List(seekable, contents), paths);
    PipeLike pipe(archive);
    EXPECT_EQ(List(pipe, contents), paths);
  }
}

TEST(TarReader, GivesTheStoredBytes) {
  const std::string archive = Example();
  MemorySource seekable(AsBytes(archive));
  const std::vector<std::string> read = List(seekable, Contents::kRead);
  PipeLike pipe(archive);
  EXPECT_EQ(List(pipe, Contents::kRead), read);
  EXPECT_EQ(read.at(0), "sparse=chunk");
  EXPECT_EQ(read.at(1), "a=" + std::string(1500, 'a'));
  EXPECT_EQ(read.at(2), "d=");
  EXPECT_EQ(read.back(), "z=z");
}

TEST(TarReader, OffsetsAreThoseOfTheArchive) {
  const std::string archive = WriteTar({FileEntry("a", "aaa"), FileEntry("b", "bbb")});
  MemorySource source(AsBytes(archive));
  const Limits limits;
  TarReader reader(source, limits);
  for (const char* content : {"aaa", "bbb"}) {
    const TarEntry& entry = **reader.Next();
    EXPECT_EQ(archive.substr(entry.data_offset, entry.stored_bytes), content);
  }
  EXPECT_EQ(*reader.Next(), nullptr);
  EXPECT_EQ(*reader.Next(), nullptr);
}

TEST(TarReader, ContentThatIsCutShortIsAnErrorHoweverItIsPassed) {
  const std::string archive = WriteTar({FileEntry("a", std::string(2000, 'a'))}, {.end_blocks = 0});
  for (const size_t size : {512u, 513u, 1024u, 2000u, 2511u}) {
    const std::string_view cut = std::string_view(archive).substr(0, size);
    MemorySource skipped(AsBytes(cut));
    EXPECT_EQ(List(skipped, Contents::kIgnore), (std::vector<std::string>{"a", "error 5"})) << size;
    MemorySource read(AsBytes(cut));
    EXPECT_EQ(List(read, Contents::kRead), (std::vector<std::string>{"a error", "error 5"}));
    PipeLike pipe(cut);
    EXPECT_EQ(List(pipe, Contents::kIgnore), (std::vector<std::string>{"a", "error 5"}));
  }
}

TEST(TarReader, ArchiveMayEndWithoutMarkOrPadding) {
  const std::string archive = WriteTar({FileEntry("a", "12345")}, {.end_blocks = 0});
  for (const size_t size : {517u, 600u, 1024u}) {
    MemorySource source(AsBytes(std::string_view(archive).substr(0, size)));
    EXPECT_EQ(List(source, Contents::kRead), std::vector<std::string>{"a=12345"}) << size;
  }
  MemorySource nothing({});
  EXPECT_TRUE(List(nothing, Contents::kRead).empty());
}

TEST(TarReader, HeaderThatIsCutShortIsAnError) {
  const std::string archive = WriteTar({FileEntry("a")});
  MemorySource source(AsBytes(std::string_view(archive).substr(0, 300)));
  EXPECT_EQ(List(source, Contents::kRead), std::vector<std::string>{"error 5"});
}

}  // namespace
}  // namespace fathom::archive
