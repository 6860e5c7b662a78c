#include "engine/api_version.h"

#include <gtest/gtest.h>

namespace fathom::engine {
namespace {

std::string Chosen(ApiVersion oldest, ApiVersion newest, std::string_view demanded = "") {
  const auto version = ChooseApiVersion({oldest, newest}, demanded);
  return version ? version->ToString() : "";
}

TEST(ApiVersionTest, ReadsVersions) {
  EXPECT_EQ(ApiVersion::Parse("1.41")->ToString(), "1.41");
  EXPECT_LT(*ApiVersion::Parse("1.9"), *ApiVersion::Parse("1.10"));
  for (const char* text : {"", "1", "1.", ".4", "1.4.1", "1.x", "v1.4", "-1.4", "1.99999999999"}) {
    EXPECT_FALSE(ApiVersion::Parse(text)) << text;
  }
}

TEST(ApiVersionTest, AgreesWithEnginesOfEveryAge) {
  EXPECT_EQ(Chosen({1, 12}, {1, 41}), "1.41");  // 20.10
  EXPECT_EQ(Chosen({1, 24}, {1, 48}), "1.48");  // 28
  EXPECT_EQ(Chosen({1, 44}, {1, 52}), "1.52");  // 29
  EXPECT_EQ(Chosen({1, 44}, {1, 60}), kNewestApi.ToString());
  EXPECT_EQ(Chosen({1, 55}, {1, 60}), "1.55");
  EXPECT_EQ(Chosen({0, 0}, {1, 23}), "");
}

TEST(ApiVersionTest, HonoursWhatIsDemandedWithinWhatTheEngineSpeaks) {
  EXPECT_EQ(Chosen({1, 24}, {1, 41}, "1.30"), "1.30");
  EXPECT_EQ(Chosen({1, 24}, {1, 41}, "v1.30"), "1.30");
  for (const char* demanded : {"1.42", "1.23", "latest"}) {
    EXPECT_EQ(ChooseApiVersion({{1, 24}, {1, 41}}, demanded).error().code, Code::kInvalidArgument);
  }
}

}  // namespace
}  // namespace fathom::engine
