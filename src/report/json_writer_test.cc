#include "report/json_writer.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace fathom::report {
namespace {

template <typename Write>
std::string Written(Write write, bool escape_html = false) {
  std::string out;
  JsonWriter json(out, escape_html);
  write(json);
  return out;
}

std::string Text(std::string_view text, bool escape_html = false) {
  return Written([&](JsonWriter& json) { json.Text(text); }, escape_html);
}
std::string Number(double number) {
  return Written([&](JsonWriter& json) { json.Number(number); });
}

TEST(JsonWriterTest, NestsAndIndents) {
  const std::string out = Written([](JsonWriter& json) {
    json.BeginObject();
    json.Member("text", "a");
    json.Member("number", 3u);
    json.Key("list");
    json.BeginArray();
    json.Number(uint64_t{1});
    json.BeginObject();
    json.EndObject();
    json.EndArray();
    json.Key("empty");
    json.BeginArray();
    json.EndArray();
    json.Member("yes", true);
    json.Member("nothing", std::optional<uint64_t>());
    json.EndObject();
  });
  EXPECT_EQ(out,
            "{\n  \"text\": \"a\",\n  \"number\": 3,\n  \"list\": [\n    1,\n    {}\n  ],\n"
            "  \"empty\": [],\n  \"yes\": true,\n  \"nothing\": null\n}");
}

TEST(JsonWriterTest, EscapesWhatJsonAsksFor) {
  EXPECT_EQ(Text("plain"), "\"plain\"");
  EXPECT_EQ(Text(""), "\"\"");
  EXPECT_EQ(Text("a\"b\\c"), R"("a\"b\\c")");
  EXPECT_EQ(Text("\n\r\t\x1b\x7f"), R"("\n\r\t\u001b\u007f")");
  EXPECT_EQ(Text("\xc3\xa9"), "\"\xc3\xa9\"");
}

TEST(JsonWriterTest, NothingActsOnAScreen) {
  EXPECT_EQ(Text("a\xe2\x80\xae"
                 "b\xc2\x9b"
                 "c"),
            R"("a\u202eb\u009bc")");
  EXPECT_EQ(Text("\xf3\xa0\x80\x81"), R"("\udb40\udc01")");
  EXPECT_EQ(nlohmann::json::parse(Text("\xf3\xa0\x80\x81")).get<std::string>(), "\xf3\xa0\x80\x81");
  EXPECT_EQ(Text("\\\xe2\x80\xa8"), R"("\\\u2028")");
}

TEST(JsonWriterTest, EscapesHtmlOnlyWhenAsked) {
  EXPECT_EQ(Text("a<b>&c"), "\"a<b>&c\"");
  EXPECT_EQ(Text("a<b>&c", true), R"("a\u003cb\u003e\u0026c")");
}

TEST(JsonWriterTest, WritesNumbersInTheirShortestForm) {
  EXPECT_EQ(Number(0), "0");
  EXPECT_EQ(Number(1), "1");
  EXPECT_EQ(Number(0.1), "0.1");
  EXPECT_EQ(Number(2.0 / 3), "0.6666666666666666");
  EXPECT_EQ(Number(std::nan("")), "null");
  EXPECT_EQ(Number(-HUGE_VAL), "null");
  EXPECT_EQ(Written([](JsonWriter& json) { json.Number(UINT64_MAX); }), "18446744073709551615");
}

// Whatever bytes a name has, the document is JSON, and reads back as what people would be shown.
RC_GTEST_PROP(JsonWriter, AnyBytesMakeJson, (const std::string& bytes, bool escape_html)) {
  const auto parsed = nlohmann::json::parse(Text(bytes, escape_html));
  RC_ASSERT(parsed.get<std::string>() == DisplayText(bytes));
}

}  // namespace
}  // namespace fathom::report
