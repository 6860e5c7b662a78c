#include "tui/content_description.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace fathom::tui {
namespace {

TEST(ContentDescription, TellsWhatItIs) {
  using namespace std::string_view_literals;
  std::string elf(
      "\x7f"
      "ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0\x3e\0",
      20);
  std::string tar(300, '\0');
  tar.replace(257, 5, "ustar");
  const std::pair<std::string, const char*> kSamples[] = {
      {"", "empty"},
      {"plain\n", "text, ASCII"},
      {"\xe6\x97\xa5\n", "text, UTF-8"},
      {"#!/bin/sh -e\nexit", "script, /bin/sh -e"},
      {elf, "ELF 64-bit executable, x86-64"},
      {elf.substr(0, 10), "ELF, cut off"},
      {"\x1f\x8b\x08", "gzip archive"},
      {"\x28\xb5\x2f\xfd", "zstd archive"},
      {"PK\x03\x04", "zip archive"},
      {"!<arch>\ndebian-binary", "Debian package"},
      {"!<arch>\nx", "ar archive"},
      {tar, "tar archive"},
      {"\x89PNG\r\n\x1a\n", "PNG image"},
      {std::string("SQLite format 3\0", 16), "SQLite database"},
      {std::string("\0\1\2\3", 4), "data"}};
  for (const auto& [content, what] : kSamples) {
    EXPECT_EQ(DescribeContent(AsBytes(content), content.size()), what);
    for (size_t size = 0; size <= content.size(); ++size) {
      DescribeContent(AsBytes(std::string_view(content).substr(0, size)), content.size());
    }
  }
  EXPECT_TRUE(LooksLikeText(AsBytes("caf\xc3"sv))) << "a character that was cut";
  EXPECT_EQ(DescribeContent(AsBytes("caf\xc3"sv), 4), "text") << "nothing was cut";
  std::string kanji;
  while (kanji.size() < 9000) {
    kanji += "\xe6\x97\xa5";
  }
  for (const char* front : {"", "a", "ab"}) {
    const std::string content = front + kanji;
    EXPECT_EQ(DescribeContent(AsBytes(content), content.size()), "text, UTF-8");
  }
  EXPECT_EQ(DescribeContent(AsBytes("\xcb\x0d\r\n\0\0\0\0datesize"sv), 16), "Python bytecode");
}

// A header of 64-bit x86-64 ELF in the usual byte order, with segments of these types.
std::string Elf(char type, const std::string& segment_types) {
  std::string elf(
      "\x7f"
      "ELF\2\1\1",
      7);
  elf.resize(64);
  elf[16] = type;
  elf[18] = 0x3e;
  elf[32] = 64;
  elf[54] = 56;
  elf[56] = static_cast<char>(segment_types.size());
  for (const char segment : segment_types) {
    elf += segment + std::string(55, '\0');
  }
  return elf;
}

TEST(ContentDescription, TellsHowProgramsAreLinked) {
  const std::pair<std::string, const char*> kSamples[] = {
      {Elf(2, "\1"), "ELF 64-bit executable, x86-64, statically linked"},
      {Elf(2, "\1\3\2"), "ELF 64-bit executable, x86-64, dynamically linked"},
      {Elf(3, "\3\1\2"), "ELF 64-bit executable, x86-64, dynamically linked"},
      {Elf(3, "\1\2"), "ELF 64-bit shared object, x86-64"},
      {Elf(1, ""), "ELF 64-bit object, x86-64"},
      {Elf(2, "\1").substr(0, 80), "ELF 64-bit executable, x86-64"}};
  for (const auto& [content, what] : kSamples) {
    EXPECT_EQ(DescribeContent(AsBytes(content), content.size()), what);
  }
}

RC_GTEST_PROP(ContentDescription, AnythingCanBeDescribed, ()) {
  std::string elf = Elf(3, "\1\3");
  for (const auto& [at, byte] : *rc::gen::container<std::vector<std::pair<size_t, char>>>(
           rc::gen::pair(rc::gen::inRange<size_t>(4, 64), rc::gen::arbitrary<char>()))) {
    elf[at] = byte;
  }
  // Of its own size, so that reading beyond it is found.
  const std::vector<uint8_t> bytes(elf.begin(), elf.begin() + *rc::gen::inRange(0, 177));
  RC_ASSERT(!DescribeContent(bytes, 1 << 20).empty());
}

}  // namespace
}  // namespace fathom::tui
