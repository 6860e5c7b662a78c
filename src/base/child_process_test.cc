#include "base/child_process.h"

#include <gtest/gtest.h>

#include <chrono>

namespace fathom {
namespace {

Result<std::string> OutputText(const std::vector<std::string>& arguments) {
  TRY_ASSIGN(const auto output, OutputOf(arguments));
  return ReadAll(*output, 64 << 20);
}

TEST(ChildProcessTest, GivesWhatAProgramWrites) {
  EXPECT_EQ(*OutputText({"printf", "%s|", "a b", "$HOME", "*"}), "a b|$HOME|*|");
  EXPECT_EQ(OutputText({"head", "-c", "5000000", "/dev/zero"})->size(), 5'000'000u);
}

TEST(ChildProcessTest, ReadsNothingFromOurInput) { EXPECT_EQ(*OutputText({"cat"}), ""); }

TEST(ChildProcessTest, AProgramInFrontTellsItsExitCode) {
  EXPECT_EQ(*RunInFront({"true"}), 0);
  EXPECT_EQ(*RunInFront({"sh", "-c", "exit 7"}), 7);
  EXPECT_EQ(*RunInFront({"sh", "-c", "kill -9 $$"}), 137);
  EXPECT_EQ(RunInFront({"no-such-program-anywhere"}).error().code, Code::kNotFound);
}

TEST(ChildProcessTest, AProgramInFrontWritesToOurErrors) {
  ::testing::internal::CaptureStderr();
  ::testing::internal::CaptureStdout();
  EXPECT_EQ(*RunInFront({"sh", "-c", "echo result; echo error >&2"}), 0);
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "result\nerror\n");
}

TEST(ChildProcessTest, AFailureTellsExitCodeAndErrors) {
  const auto failed = OutputText({"sh", "-c", "echo out; echo 'it is broken' >&2; exit 7"});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Code::kIo);
  EXPECT_EQ(failed.error().message, "'sh' ended with exit code 7: it is broken");
  const auto killed = OutputText({"sh", "-c", "kill -9 $$"});
  ASSERT_FALSE(killed);
  EXPECT_EQ(killed.error().message, "'sh' ended with signal 9");
}

TEST(ChildProcessTest, ErrorsAreBoundedAndBlockNobody) {
  const auto failed =
      OutputText({"sh", "-c", "head -c 3000000 /dev/zero | tr '\\0' e >&2; exit 1"});
  ASSERT_FALSE(failed);
  EXPECT_LT(failed.error().message.size(), 5000u);
  EXPECT_GT(failed.error().message.size(), 4000u);
}

TEST(ChildProcessTest, AProgramThatIsAbsentIsNotFound) {
  EXPECT_EQ(OutputText({"fathom-no-such-program"}).error().code, Code::kNotFound);
}

TEST(ChildProcessTest, EndsAProgramThatNobodyNeedsAnyMore) {
  const auto begin = std::chrono::steady_clock::now();
  {
    const auto output = OutputOf({"sh", "-c", "exec sleep 60"});
  }
  {
    const auto output = OutputOf({"yes"});
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
}

}  // namespace
}  // namespace fathom
