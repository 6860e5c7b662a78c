#include "gate/rules.h"

#include <limits>

#include "analyze/image_fixture.h"

namespace fathom::gate {
namespace {

using analyze::AnalysisOf;
using analyze::TemporaryFile;
using testing::FileEntry;

Result<RuleSet> Read(const std::string& yaml, Numbers numbers = Numbers::kExact) {
  const TemporaryFile file(yaml);
  return ReadRules(file.path(), numbers);
}

Verdict VerdictOf(const std::vector<RuleResult>& results, std::string_view rule) {
  for (const RuleResult& result : results) {
    if (result.rule == rule) {
      return result.verdict;
    }
  }
  ADD_FAILURE() << rule;
  return Verdict::kSkip;
}

// Base: 100 bytes. User: 100 bytes that replace 50 of the base and 50 that are rewritten on top.
analyze::Analysis Wasteful() {
  return AnalysisOf({{FileEntry("a", std::string(50, 'a')), FileEntry("b", std::string(50, 'b'))},
                     {FileEntry("a", std::string(50, 'c')), FileEntry("d", std::string(50, 'd'))},
                     {FileEntry("d", std::string(50, 'e'))}});
}

TEST(RulesTest, DefaultsAreThoseOfDive) {
  const Result<RuleSet> rules = MakeRules(Numbers::kClassic, "test", {});
  ASSERT_TRUE(rules);
  EXPECT_EQ(rules->lowest_efficiency, 0.9);
  EXPECT_EQ(rules->highest_user_wasted_percent, 0.1);
  EXPECT_FALSE(rules->highest_wasted_bytes);
}

TEST(RulesTest, WordsSwitchARuleOff) {
  for (const char* word : {"disabled", "Disabled", "off", "OFF", "false", "", "  off "}) {
    const Result<RuleSet> rules = MakeRules(Numbers::kExact, "test", {word, word, word});
    ASSERT_TRUE(rules) << word;
    EXPECT_FALSE(rules->lowest_efficiency) << word;
    EXPECT_FALSE(rules->highest_wasted_bytes) << word;
    EXPECT_FALSE(rules->highest_user_wasted_percent) << word;
  }
}

TEST(RulesTest, ValuesOutsideTheGrammarAreErrorsThatNameTheRule) {
  for (const char* word : {"1.1", "-0.1", "90%", "0.9x", "nan", "inf", "true", "0,9"}) {
    const Result<RuleSet> rules =
        MakeRules(Numbers::kExact, "the file", {.lowest_efficiency = word});
    ASSERT_FALSE(rules) << word;
    EXPECT_EQ(rules.error().code, Code::kInvalidArgument);
    EXPECT_TRUE(rules.error().message.starts_with("the file: lowestEfficiency is '"));
  }
  EXPECT_FALSE(MakeRules(Numbers::kExact, "", {.highest_wasted_bytes = "20 elephants"}));
  EXPECT_FALSE(MakeRules(Numbers::kExact, "", {.highest_user_wasted_percent = "2"}));
}

TEST(RulesTest, AFileSetsWhatItNames) {
  const Result<RuleSet> rules =
      Read("rules:\n  lowestEfficiency: 0.5\n  highestWastedBytes: 20MB\n");
  ASSERT_TRUE(rules) << rules.error().message;
  EXPECT_EQ(rules->lowest_efficiency, 0.5);
  EXPECT_EQ(rules->highest_wasted_bytes, 20'000'000u);
  EXPECT_EQ(rules->highest_user_wasted_percent, 0.1);
}

TEST(RulesTest, AnUnknownRuleIsAnErrorOnlyOnExactNumbers) {
  EXPECT_FALSE(Read("rules:\n  lowestEficiency: 0.5\n"));
  EXPECT_TRUE(Read("rules:\n  lowestEficiency: 0.5\n", Numbers::kClassic));
}

TEST(RulesTest, FilesThatAreNoRulesAreErrors) {
  EXPECT_TRUE(Read(""));
  EXPECT_TRUE(Read("rules:\n"));
  for (const char* text :
       {"rules: [", "rules: 3\n", "- a\n", "rules:\n  lowestEfficiency: [1]\n"}) {
    const Result<RuleSet> rules = Read(text);
    ASSERT_FALSE(rules) << text;
    EXPECT_EQ(rules.error().code, Code::kInvalidArgument);
  }
  EXPECT_EQ(ReadRules("/nonexistent/rules", Numbers::kExact).error().code, Code::kNotFound);
}

TEST(RulesTest, ExactAndClassicNumbersAreJudgedApart) {
  const analyze::Analysis analysis = Wasteful();
  // Exact: 250 stored, 150 visible. Classic: of a and d both copies, 200, count as wasted.
  const RuleTexts texts{"0.6", "100", "0.34"};
  const auto exact = Evaluate(*MakeRules(Numbers::kExact, "", texts), analysis);
  EXPECT_EQ(VerdictOf(exact, "lowestEfficiency"), Verdict::kPass);
  EXPECT_EQ(VerdictOf(exact, "highestWastedBytes"), Verdict::kPass);
  EXPECT_EQ(VerdictOf(exact, "highestUserWastedPercent"), Verdict::kPass);
  const auto classic = Evaluate(*MakeRules(Numbers::kClassic, "", texts), analysis);
  EXPECT_EQ(VerdictOf(classic, "lowestEfficiency"), Verdict::kPass);
  EXPECT_EQ(VerdictOf(classic, "highestWastedBytes"), Verdict::kFail);
  EXPECT_EQ(VerdictOf(classic, "highestUserWastedPercent"), Verdict::kFail);
}

TEST(RulesTest, AThresholdThatIsMetPasses) {
  const analyze::Analysis analysis = Wasteful();
  const auto met = Evaluate(*MakeRules(Numbers::kExact, "", {"0.6", "100B", "off"}), analysis);
  EXPECT_EQ(VerdictOf(met, "lowestEfficiency"), Verdict::kPass);
  EXPECT_EQ(VerdictOf(met, "highestWastedBytes"), Verdict::kPass);
  EXPECT_EQ(VerdictOf(met, "highestUserWastedPercent"), Verdict::kSkip);
  const auto crossed = Evaluate(*MakeRules(Numbers::kExact, "", {"0.61", "99B", "0.33"}), analysis);
  for (const RuleResult& result : crossed) {
    EXPECT_EQ(result.verdict, Verdict::kFail) << result.rule;
    EXPECT_TRUE(result.message.contains("threshold=")) << result.message;
  }
}

TEST(RulesTest, AnImageWithoutUserLayersCanBeJudged) {
  const analyze::Analysis analysis = AnalysisOf({{FileEntry("a", "1")}});
  for (const Numbers numbers : {Numbers::kExact, Numbers::kClassic}) {
    const auto results = Evaluate(*MakeRules(numbers, "", {}), analysis);
    ASSERT_EQ(results.size(), 3u);
    for (const RuleResult& result : results) {
      EXPECT_NE(result.verdict, Verdict::kFail) << result.rule;
    }
  }
}

}  // namespace
}  // namespace fathom::gate
