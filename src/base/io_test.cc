#include "base/io.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <thread>
#include <vector>

namespace fathom {
namespace {

namespace fs = std::filesystem;

class IoTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "fathom-io-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string Write(const std::string& name, std::string_view text) const {
    const std::string path = folder_ / name;
    EXPECT_TRUE(WriteFileAtomically(path, AsBytes(text), false));
    return path;
  }

  fs::path folder_;
};

std::string Rest(ByteSource& source) {
  const Result<std::string> text = ReadAll(source, 1 << 20);
  return text ? *text : "error: " + text.error().message;
}

// Gives one byte at a time.
class TricklingSource final : public ByteSource {
 public:
  explicit TricklingSource(std::string_view text) : inner_(AsBytes(text)) {}
  Result<size_t> Read(ByteSpan out) override { return inner_.Read(out.first(1)); }

 private:
  MemorySource inner_;
};

TEST_F(IoTest, MissingFileIsNamed) {
  const std::string path = folder_ / "absent";
  const Result<Fd> file = OpenFile(path);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, Code::kNotFound);
  EXPECT_NE(file.error().message.find(path), std::string::npos);
}

TEST_F(IoTest, FileThatMayNotBeReadIsDenied) {
  if (::geteuid() == 0) {
    GTEST_SKIP() << "root may read everything";
  }
  const std::string path = Write("secret", "x");
  ASSERT_EQ(::chmod(path.c_str(), 0), 0);
  const Result<Fd> file = OpenFile(path);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, Code::kDenied);
}

TEST_F(IoTest, FdClosesOnceAndMoves) {
  Result<Fd> opened = OpenFile(Write("f", "x"));
  ASSERT_TRUE(opened);
  const int number = opened->get();
  {
    Fd first = std::move(*opened);
    EXPECT_FALSE(opened->valid());  // NOLINT(bugprone-use-after-move)
    Fd second;
    second = std::move(first);
    EXPECT_EQ(second.get(), number);
  }
  struct stat facts;
  EXPECT_NE(::fstat(number, &facts), 0);
}

TEST_F(IoTest, FileSourcesShareADescriptorAndKeepTheirPlaces) {
  auto file = std::make_shared<const Fd>(*OpenFile(Write("f", "0123456789")));
  FileSource first(file, 2, 5);
  FileSource second(file, 0, 10);
  uint8_t byte = 0;
  EXPECT_EQ(*first.Read({&byte, 1}), 1u);
  EXPECT_EQ(byte, '2');
  EXPECT_EQ(*second.Skip(8), 8u);
  EXPECT_EQ(Rest(first), "3456");
  EXPECT_EQ(Rest(second), "89");
  EXPECT_EQ(*second.Skip(1), 0u);
}

TEST_F(IoTest, FileSourceEndsWhereTheFileEndsEarly) {
  auto file = std::make_shared<const Fd>(*OpenFile(Write("f", "abc")));
  FileSource source(file, 1, 100);
  EXPECT_EQ(Rest(source), "bc");
}

TEST_F(IoTest, MemorySourceReadsAndSkipsToItsEnd) {
  MemorySource source(AsBytes("0123456789"));
  EXPECT_EQ(*source.Skip(3), 3u);
  uint8_t bytes[4];
  EXPECT_EQ(*source.Read(bytes), 4u);
  EXPECT_EQ(AsText(bytes), "3456");
  EXPECT_EQ(*source.Skip(100), 3u);
  EXPECT_EQ(*source.Read(bytes), 0u);
}

TEST_F(IoTest, SourceThatCannotSeekSkipsByReading) {
  TricklingSource source("0123456789");
  EXPECT_EQ(*source.Skip(4), 4u);
  EXPECT_EQ(Rest(source), "456789");
  EXPECT_EQ(*source.Skip(1), 0u);
}

TEST_F(IoTest, PipeIsReadToItsEnd) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const std::string text(300'000, 'p');
  std::thread writer([&] {
    const Fd out(ends[1]);
    for (size_t done = 0; done < text.size();) {
      done += static_cast<size_t>(::write(out.get(), text.data() + done, text.size() - done));
    }
  });
  const Fd in(ends[0]);
  PipeSource source(in.get());
  EXPECT_EQ(Rest(source), text);
  writer.join();
}

TEST_F(IoTest, PipeSourceReportsABadDescriptor) {
  PipeSource source(-1);
  uint8_t byte = 0;
  const Result<size_t> got = source.Read({&byte, 1});
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, Code::kIo);
}

TEST_F(IoTest, ReadFullGathersShortReads) {
  TricklingSource source("abcdef");
  uint8_t bytes[4];
  EXPECT_EQ(*ReadFull(source, bytes), 4u);
  EXPECT_EQ(AsText(bytes), "abcd");
  EXPECT_EQ(*ReadFull(source, bytes), 2u);
  EXPECT_EQ(*ReadFull(source, bytes), 0u);
}

TEST_F(IoTest, ReadAllTakesExactlyTheLimitAndNoMore) {
  MemorySource fits(AsBytes("12345"));
  EXPECT_EQ(*ReadAll(fits, 5), "12345");
  MemorySource over(AsBytes("123456"));
  const Result<std::string> text = ReadAll(over, 5);
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, Code::kLimit);
  MemorySource none({});
  EXPECT_EQ(*ReadAll(none, 0), "");
}

TEST_F(IoTest, ReadFileNamesTheFileThatIsTooLarge) {
  const std::string path = Write("large", "123456");
  EXPECT_EQ(*ReadFile(path, 6), "123456");
  const Result<std::string> text = ReadFile(path, 5);
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, Code::kLimit);
  EXPECT_NE(text.error().message.find(path), std::string::npos);
}

TEST_F(IoTest, ReadFileOfAFolderIsAnError) { EXPECT_FALSE(ReadFile(folder_, 100)); }

TEST_F(IoTest, AtomicWriteReplacesAndLeavesNothingElse) {
  const std::string path = Write("f", "old");
  ASSERT_TRUE(WriteFileAtomically(path, AsBytes("new and longer"), true));
  EXPECT_EQ(*ReadFile(path, 100), "new and longer");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 1);
}

TEST_F(IoTest, AtomicWriteThatFailsLeavesNothing) {
  const fs::path occupied = folder_ / "occupied";
  fs::create_directories(occupied / "inner");
  EXPECT_FALSE(WriteFileAtomically(occupied, AsBytes("x"), false));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 1);
  EXPECT_FALSE(WriteFileAtomically(folder_ / "no/such/folder", AsBytes("x"), false));
}

TEST_F(IoTest, ReadersOfAFileThatIsReplacedSeeOneVersion) {
  const std::string path = Write("f", std::string(5000, 'a'));
  std::vector<std::thread> writers;
  for (const char letter : {'a', 'b'}) {
    writers.emplace_back([&path, letter] {
      for (int i = 0; i < 50; ++i) {
        ASSERT_TRUE(WriteFileAtomically(path, AsBytes(std::string(5000, letter)), false));
      }
    });
  }
  for (int i = 0; i < 200; ++i) {
    const Result<std::string> text = ReadFile(path, 10'000);
    ASSERT_TRUE(text);
    ASSERT_EQ(*text, std::string(5000, text->at(0)));
  }
  for (std::thread& writer : writers) {
    writer.join();
  }
}

}  // namespace
}  // namespace fathom
