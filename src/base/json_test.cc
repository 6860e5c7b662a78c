#include "base/json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace fathom {
namespace {

using nlohmann::json;

Code CodeOf(std::string_view text, const Limits& limits = {}) {
  const auto parsed = ParseJson(text, limits);
  return parsed ? Code::kCancelled : parsed.error().code;
}

std::string Nested(size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

TEST(ParseJson, ReadsADocument) {
  const auto parsed = ParseJson(R"({"a":[1,"\u00e9"],"b":null})", {});
  ASSERT_TRUE(parsed);
  EXPECT_EQ((*parsed)["a"][1], "\xc3\xa9");
}

TEST(ParseJson, SaysAtWhichByteItIsNone) {
  const auto parsed = ParseJson(R"({"a": nope})", {});
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code, Code::kCorrupt);
  EXPECT_NE(parsed.error().message.find("byte 8"), std::string::npos) << parsed.error().message;
}

TEST(ParseJson, RefusesWhatIsNoJson) {
  for (const std::string text : {"", "{", "[1,]", "{'a':1}", "\"\xff\"", "[1] 2", "nul"}) {
    EXPECT_EQ(CodeOf(text), Code::kCorrupt) << text;
  }
  EXPECT_EQ(CodeOf("[" + std::string(100'000, '9') + "]"), Code::kCorrupt);
}

TEST(ParseJson, StopsAtTheDepthThatIsAllowed) {
  EXPECT_EQ(CodeOf(Nested(64)), Code::kCancelled);
  EXPECT_EQ(CodeOf(Nested(65)), Code::kLimit);
  EXPECT_EQ(CodeOf(Nested(200'000)), Code::kLimit);
  EXPECT_EQ(CodeOf(std::string(1'000'000, '{')), Code::kLimit);
}

TEST(ParseJson, DoesNotCountBracketsInStrings) {
  const std::string brackets(1000, '[');
  EXPECT_EQ(CodeOf("{\"a\\\"" + brackets + "\":\"\\\\\",\"b\":\"" + brackets + "\"}"),
            Code::kCancelled);
}

TEST(Members, AreEmptyWhenAbsentOrNull) {
  const json object = json::parse(R"({"null":null})");
  for (const char* name : {"null", "absent"}) {
    EXPECT_EQ(StringMember(object, name).value(), "");
    EXPECT_FALSE(BoolMember(object, name).value());
    EXPECT_FALSE(Uint64Member(object, name).value());
    EXPECT_TRUE(StringsMember(object, name).value().empty());
    EXPECT_EQ(ArrayMember(object, name).value(), nullptr);
    EXPECT_EQ(ObjectMember(object, name).value(), nullptr);
  }
  EXPECT_EQ(FindMember(json::parse("[1]"), "a"), nullptr);
}

TEST(Members, AreReadByType) {
  const json object =
      json::parse(R"({"s":"x","b":true,"n":18446744073709551615,"l":["a","b"],"o":{"p":1}})");
  EXPECT_EQ(StringMember(object, "s").value(), "x");
  EXPECT_TRUE(BoolMember(object, "b").value());
  EXPECT_EQ(Uint64Member(object, "n").value(), 18446744073709551615ull);
  EXPECT_EQ(StringsMember(object, "l").value(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(ObjectMember(object, "o").value()->at("p"), 1);
}

TEST(Members, OfAWrongTypeAreNamed) {
  const json object = json::parse(R"({"s":1,"b":"x","l":["a",2],"o":[]})");
  const auto expect = [](const auto& result, const char* name) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Code::kCorrupt);
    EXPECT_NE(result.error().message.find(name), std::string::npos) << result.error().message;
  };
  expect(StringMember(object, "s"), "'s'");
  expect(BoolMember(object, "b"), "'b'");
  expect(StringsMember(object, "l"), "l[1]");
  expect(ObjectMember(object, "o"), "'o'");
  expect(ArrayMember(object, "s"), "'s'");
}

TEST(Members, ThatCountAreWholeAndNotNegative) {
  for (const char* text : {R"({"n":-1})", R"({"n":1.5})", R"({"n":1e3})", R"({"n":"1"})",
                           R"({"n":1000000000000000000000000000000})", R"({"n":true})"}) {
    const auto number = Uint64Member(json::parse(text), "n");
    ASSERT_FALSE(number) << text;
    EXPECT_EQ(number.error().code, Code::kCorrupt);
  }
}

}  // namespace
}  // namespace fathom
