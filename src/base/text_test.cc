#include "base/text.h"

#include <gtest/gtest.h>

namespace fathom {
namespace {

TEST(IsUtf8, AcceptsWhatTheStandardAllows) {
  for (const char* text : {"", "plain", "caf\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x90\xb3",
                           "\xf4\x8f\xbf\xbf", "\xed\x9f\xbf", "\x7f"}) {
    EXPECT_TRUE(IsUtf8(text)) << text;
  }
}

TEST(IsUtf8, RefusesWhatOnlyLooksLikeIt) {
  const char* const bad[] = {
      "\x80",          // continuation without a lead
      "caf\xe9",       // Latin-1
      "\xc0\xaf",      // overlong slash
      "\xe0\x80\xaf",  // the same in three bytes
      "\xf0\x80\x80\xaf",
      "\xed\xa0\x80",      // surrogate
      "\xf4\x90\x80\x80",  // above U+10FFFF
      "\xf5\x80\x80\x80",
      "\xe2\x82",  // cut short
      "\xe2(\xa1",
  };
  for (const char* text : bad) {
    EXPECT_FALSE(IsUtf8(text)) << text;
  }
}

TEST(Printable, KeepsOrdinaryText) {
  EXPECT_EQ(Printable("usr/bin/[ caf\xc3\xa9 \xf0\x9f\x90\xb3 a\\b"),
            "usr/bin/[ caf\xc3\xa9 \xf0\x9f\x90\xb3 a\\b");
}

TEST(Printable, EscapesWhatMovesTheCursor) {
  EXPECT_EQ(Printable("\x1b[31mred"), "\\x1b[31mred");
  EXPECT_EQ(Printable("two\nlines\tand\r"), "two\\nlines\\tand\\x0d");
  EXPECT_EQ(Printable(std::string_view("a\0b\x7f", 4)), "a\\x00b\\x7f");
  EXPECT_EQ(Printable("\xc2\x9b"
                      "31m"),
            "\\u{9b}31m");
}

TEST(Printable, EscapesWhatTurnsOrHidesText) {
  EXPECT_EQ(Printable("bidi\xe2\x80\xaetxt.exe"), "bidi\\u{202e}txt.exe");
  EXPECT_EQ(Printable("\xe2\x81\xa6"
                      "x"),
            "\\u{2066}x");
  EXPECT_EQ(Printable("a\xe2\x80\x8b"
                      "b"),
            "a\\u{200b}b");
  EXPECT_EQ(Printable("\xe2\x80\xa8"), "\\u{2028}");
  EXPECT_EQ(Printable("\xef\xbb\xbf"), "\\u{feff}");
  EXPECT_EQ(Printable("\xd8\x9c"), "\\u{61c}");
}

TEST(Printable, EscapesBytesThatAreNoText) {
  EXPECT_EQ(Printable("caf\xe9/x"), "caf\\xe9/x");
  EXPECT_EQ(Printable("\xe2\x82"), "\\xe2\\x82");
}

TEST(Printable, DoneTwiceChangesNothing) {
  const std::string once = Printable("a\x1b\xe9\n\xe2\x80\xae");
  EXPECT_EQ(Printable(once), once);
}

TEST(DisplayText, ReplacesOnlyBytesThatAreNoText) {
  EXPECT_EQ(DisplayText("caf\xe9 \x1b\n\xe2\x80\xae"), "caf\\xe9 \x1b\n\xe2\x80\xae");
  EXPECT_TRUE(IsUtf8(DisplayText("\xff\xfe\xc0\x80")));
}

TEST(Base64, IsThatOfTheRfc) {
  EXPECT_EQ(Base64(AsBytes("")), "");
  EXPECT_EQ(Base64(AsBytes("f")), "Zg==");
  EXPECT_EQ(Base64(AsBytes("fo")), "Zm8=");
  EXPECT_EQ(Base64(AsBytes("foo")), "Zm9v");
  EXPECT_EQ(Base64(AsBytes("foobar")), "Zm9vYmFy");
  EXPECT_EQ(Base64(AsBytes("\xfb\xff")), "+/8=");
}

}  // namespace
}  // namespace fathom
