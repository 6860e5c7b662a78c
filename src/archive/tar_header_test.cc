#include "archive/tar_header.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "tests/support/tar_block.h"

namespace fathom::archive {
namespace {

Result<int64_t> Number(std::string_view text) { return FieldNumber(text.data(), text.size()); }

TEST(TarNumber, OctalEndsInNulSpaceOrTheField) {
  using std::string_view_literals::operator""sv;
  EXPECT_EQ(*Number("0000644\0"sv), 0644);
  EXPECT_EQ(*Number("0000644 "), 0644);
  EXPECT_EQ(*Number("  644 \0"sv), 0644);
  EXPECT_EQ(*Number("77777777"), 077777777);
  EXPECT_EQ(*Number("777777777777"), 0777777777777);
  EXPECT_EQ(*Number("644\0999"sv), 0644);
}

TEST(TarNumber, BlankIsZero) {
  EXPECT_EQ(*Number(std::string(8, '\0')), 0);
  EXPECT_EQ(*Number(std::string(8, ' ')), 0);
  EXPECT_EQ(*Number(std::string_view(" \0 \0", 4)), 0);
}

TEST(TarNumber, OtherTextIsNoNumber) {
  for (const std::string_view text :
       {"0000648 ", "-000001 ", "0x12345 ", "abc     ", "12\n     "}) {
    EXPECT_FALSE(Number(text)) << text;
  }
}

TEST(TarNumber, Base256HoldsAllOf64Bits) {
  testing::HeaderBlock block;
  for (const int64_t value :
       {int64_t{1} << 33, -1l, -2'000'000'000l, std::numeric_limits<int64_t>::max(),
        std::numeric_limits<int64_t>::min()}) {
    block.SetNumber(testing::kSize, value);
    const Result<int64_t> number = Number(std::string_view(block.Raw()).substr(124, 12));
    ASSERT_TRUE(number) << value;
    EXPECT_EQ(*number, value);
  }
  EXPECT_EQ(*Number("\x80\x01\x02\x03\x04\x05\x06\x07"), 0x01020304050607);
  EXPECT_EQ(*Number(std::string(8, '\xff')), -1);
}

TEST(TarNumber, Base256BeyondThatIsRefused) {
  const std::string zeros(8, '\0');
  EXPECT_FALSE(Number("\x80\x01" + std::string(10, '\0')));
  EXPECT_FALSE(Number("\x80" + zeros.substr(0, 2) + "\x80" + zeros));
  EXPECT_FALSE(Number("\xff\xfe" + std::string(10, '\xff')));
  EXPECT_FALSE(Number("\xff\xff\xff\x7f" + zeros));
  EXPECT_FALSE(Number("\xbf" + std::string(11, '\xff')));
}

TEST(TarDecimal, TakesTheWholeText) {
  EXPECT_EQ(*DecimalNumber("0"), 0);
  EXPECT_EQ(*DecimalNumber("-12"), -12);
  EXPECT_EQ(*DecimalNumber("9223372036854775807"), std::numeric_limits<int64_t>::max());
  for (const std::string_view text :
       {"", "-", "+1", " 1", "1 ", "1.5", "0x1", "9223372036854775808", "1e3"}) {
    EXPECT_FALSE(DecimalNumber(text)) << text;
  }
  EXPECT_FALSE(DecimalNumber(std::string_view("1\0", 2)));
}

TEST(TarDecimal, FractionsRoundDown) {
  EXPECT_EQ(*DecimalNumber("1.999999999", true), 1);
  EXPECT_EQ(*DecimalNumber("1.", true), 1);
  EXPECT_EQ(*DecimalNumber("0.5", true), 0);
  EXPECT_EQ(*DecimalNumber("-1.5", true), -2);
  EXPECT_EQ(*DecimalNumber("-0.25", true), -1);
  EXPECT_EQ(*DecimalNumber("-3.000", true), -3);
  for (const std::string_view text : {".5", "1.5.5", "1.5x", "1,5", "-.5"}) {
    EXPECT_FALSE(DecimalNumber(text, true)) << text;
  }
}

TEST(TarFieldText, EndsAtTheFirstNulOrTheField) {
  EXPECT_EQ(FieldText("ab\0c", 4), "ab");
  EXPECT_EQ(FieldText("abcd", 4), "abcd");
  EXPECT_EQ(FieldText("\0", 1), "");
}

std::string HighByteHeader() {
  testing::HeaderBlock header;
  header.SetText(testing::kName, "caf\xc3\xa9");
  header.SetOctal(testing::kMode, 0644);
  return header.Seal();
}

TEST(TarChecksum, SumsUnsignedBytes) {
  std::string block = HighByteHeader();
  EXPECT_TRUE(ChecksumFits(AsBytes(block)));
  for (size_t at = 0; at < block.size(); at += at == 124 ? 62 : 31) {  // not in the sum itself
    ++block[at];
    EXPECT_FALSE(ChecksumFits(AsBytes(block))) << at;
    --block[at];
  }
}

TEST(TarChecksum, SumsSignedBytesAsOldTarsDo) {
  std::string block = HighByteHeader();
  const int64_t sum = *Number(std::string_view(block).substr(148, 8));
  block.replace(148, 6, fmt::format("{:06o}", sum - 2 * 256));
  EXPECT_TRUE(ChecksumFits(AsBytes(block)));
  block.replace(148, 6, fmt::format("{:06o}", sum - 256));
  EXPECT_FALSE(ChecksumFits(AsBytes(block)));
}

}  // namespace
}  // namespace fathom::archive
