#include "base/limits.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace fathom {
namespace {

TEST(Limits, EveryOneIsAnOption) {
  // A limit that LimitFields() leaves out is not scaled.
  static_assert(sizeof(Limits) % sizeof(uint64_t) == 0);
  EXPECT_EQ(LimitFields().size(), sizeof(Limits) / sizeof(uint64_t));
  std::set<std::string> options;
  for (const LimitField& field : LimitFields()) {
    EXPECT_TRUE(std::string(field.option).starts_with("--max-"));
    EXPECT_TRUE(options.insert(field.option).second) << field.option;
  }
}

TEST(Limits, ScaleMultipliesAll) {
  const Limits plain;
  const Limits twice = Scale(plain, 2);
  const Limits half = Scale(plain, 0.5);
  for (const LimitField& field : LimitFields()) {
    EXPECT_EQ(twice.*field.member, 2 * (plain.*field.member)) << field.option;
    EXPECT_EQ(half.*field.member, (plain.*field.member) / 2) << field.option;
  }
}

TEST(Limits, ScaleStaysWithinWhatANumberHolds) {
  for (const LimitField& field : LimitFields()) {
    EXPECT_EQ(Scale({}, 1e-30).*field.member, 1u);
    EXPECT_EQ(Scale({}, 1e30).*field.member, 1ull << 63);
  }
}

TEST(Limits, ErrorNamesTheNumberAndTheOption) {
  Limits limits;
  limits.path_bytes = 77;
  const Error error = OverLimit(&Limits::path_bytes, limits, "a path of 78 bytes").error();
  EXPECT_EQ(error.code, Code::kLimit);
  for (const char* part : {"a path of 78 bytes", "77", "--max-path-bytes", "--limits-scale"}) {
    EXPECT_NE(error.message.find(part), std::string::npos) << error.message;
  }
}

TEST(Limits, RatioCountsAboveItsFloor) {
  Limits limits;
  limits.ratio = 100;
  EXPECT_TRUE(CheckRatio(kRatioFloor, 1, limits));
  EXPECT_TRUE(CheckRatio(kRatioFloor, 0, limits));
  EXPECT_TRUE(CheckRatio(100 * kRatioFloor, kRatioFloor, limits));
  for (const auto& [unpacked, stored] :
       {std::pair(kRatioFloor + 1, uint64_t{0}), std::pair(kRatioFloor + 1, uint64_t{1}),
        std::pair(101 * kRatioFloor, kRatioFloor), std::pair(~uint64_t{0}, kRatioFloor)}) {
    const Status status = CheckRatio(unpacked, stored, limits);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, Code::kLimit);
    EXPECT_NE(status.error().message.find("--max-ratio"), std::string::npos);
  }
}

}  // namespace
}  // namespace fathom
