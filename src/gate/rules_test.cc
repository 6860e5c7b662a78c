#include <limits>

#include "analyze/image_fixture.h"
#include "gate/evaluate.h"
#include "gate/rules_file.h"

namespace fathom::gate {
namespace {

using analyze::AnalysisOf;
using analyze::TemporaryFile;
using testing::FileEntry;

Result<RulesFile> Read(const std::string& yaml, Numbers numbers = Numbers::kExact) {
  const TemporaryFile file(yaml);
  return ReadRules(file.path(), numbers);
}

// The ratio of a rule that is on.
std::optional<double> RatioOf(const RuleSet& rules, RuleKind kind) {
  const Rule* const rule = rules.Find(kind);
  return rule != nullptr && rule->on ? std::optional(rule->ratio) : std::nullopt;
}

std::optional<uint64_t> NumberOf(const RuleSet& rules, RuleKind kind) {
  const Rule* const rule = rules.Find(kind);
  return rule != nullptr && rule->on ? std::optional(rule->number) : std::nullopt;
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
  EXPECT_EQ(RatioOf(*rules, RuleKind::kLowestEfficiency), 0.9);
  EXPECT_EQ(RatioOf(*rules, RuleKind::kHighestUserWastedPercent), 0.1);
  EXPECT_FALSE(NumberOf(*rules, RuleKind::kHighestWastedBytes));
}

TEST(RulesTest, WordsSwitchARuleOff) {
  for (const char* word : {"disabled", "Disabled", "off", "OFF", "false", "", "  off "}) {
    const Result<RuleSet> rules = MakeRules(Numbers::kExact, "test", {word, word, word});
    ASSERT_TRUE(rules) << word;
    EXPECT_FALSE(RatioOf(*rules, RuleKind::kLowestEfficiency)) << word;
    EXPECT_FALSE(NumberOf(*rules, RuleKind::kHighestWastedBytes)) << word;
    EXPECT_FALSE(RatioOf(*rules, RuleKind::kHighestUserWastedPercent)) << word;
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
  const Result<RulesFile> file =
      Read("rules:\n  lowestEfficiency: 0.5\n  highestWastedBytes: 20MB\n");
  ASSERT_TRUE(file) << file.error().message;
  const RuleSet* const rules = &*file->rules;
  EXPECT_EQ(RatioOf(*rules, RuleKind::kLowestEfficiency), 0.5);
  EXPECT_EQ(NumberOf(*rules, RuleKind::kHighestWastedBytes), 20'000'000u);
  EXPECT_FALSE(rules->Find(RuleKind::kHighestUserWastedPercent)) << "left out, so not applied";
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
    const Result<RulesFile> rules = Read(text);
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

std::string ErrorOf(const std::string& yaml, Numbers numbers = Numbers::kExact) {
  const auto file = ParseRules(yaml, "the file", numbers);
  EXPECT_FALSE(file) << yaml;
  return file ? "" : file.error().message;
}

TEST(RulesFileTest, RulesHoldOnlyWhereTheyAreWritten) {
  EXPECT_FALSE(Read("")->rules);
  EXPECT_FALSE(Read("platform: linux/amd64\n")->rules);
  const auto none = Read("rules:\n");
  ASSERT_TRUE(none->rules);
  EXPECT_TRUE(none->rules->rules.empty());
  EXPECT_EQ(none->warnings.size(), 1u);
  EXPECT_EQ(Read("", Numbers::kClassic)->rules->rules.size(), 3u) << "dive's defaults";
}

TEST(RulesFileTest, EveryKeyHasTwoSpellings) {
  for (const RuleInfo& info : RuleInfos()) {
    std::string kebab;
    for (const char c : info.name) {
      kebab +=
          c >= 'A' && c <= 'Z' ? std::string("-") + static_cast<char>(c + 32) : std::string(1, c);
    }
    EXPECT_EQ(FindRule(info.name), &info);
    EXPECT_EQ(FindRule(kebab), &info) << kebab;
    const auto file = Read("rules:\n  " + kebab + ": disabled\n");
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_FALSE(file->rules->Find(info.kind)->on);
    EXPECT_EQ(
        ErrorOf("rules:\n  " + kebab + ": off\n  " + std::string(info.name) + ": off\n"),
        fmt::format("the file: line 3: {} is there twice, once as '{}'", info.name, info.name));
  }
}

TEST(RulesFileTest, MistakesAreNamedWithTheirLine) {
  EXPECT_EQ(ErrorOf("rules:\n  lowestEficiency: 1\n"),
            "the file: line 2: unknown rule 'lowestEficiency' (did you mean 'lowestEfficiency'?)");
  EXPECT_EQ(ErrorOf("rules:\n  lowestEfficiency: 1\n  lowestEfficiency: 0\n"),
            "the file: line 3: 'lowestEfficiency' is there twice");
  EXPECT_EQ(ErrorOf("rules:\n  forbiddenPaths: /a\n"),
            "the file: line 2: forbiddenPaths takes a list of globs, not a word");
  EXPECT_EQ(ErrorOf("rules:\n  forbiddenPaths: [{path: a, presence: gone}]\n"),
            "the file: line 2: 'gone' is no presence; it is any, visible, wasted, or a cause of "
            "waste");
  EXPECT_EQ(ErrorOf("rules:\n  forbiddenPaths: [{presence: any}]\n"),
            "the file: line 2: a forbidden path without 'path'");
  EXPECT_EQ(ErrorOf("rules:\n  allowedSetuidPaths: [{path: a}]\n"),
            "the file: line 2: an item of allowedSetuidPaths takes a glob, not a mapping");
  EXPECT_EQ(ErrorOf("rules:\n  ignoredPaths: ['[']\n"),
            "the file: ignoredPaths: glob '[': '[' is not closed");
  for (const auto numbers : {Numbers::kExact, Numbers::kClassic}) {
    EXPECT_EQ(ErrorOf("a: &x 1\n", numbers), "the file: line 1: anchors are not supported");
    EXPECT_EQ(ErrorOf("a: !!str 1\n", numbers), "the file: line 1: tags are not supported");
    EXPECT_EQ(ErrorOf("a: 1\n---\nb: 2\n", numbers),
              "the file: line 2: more than one YAML document is not supported");
    EXPECT_TRUE(ErrorOf("a: " + std::string(100, '[') + std::string(100, ']'), numbers)
                    .contains("nested deeper"));
  }
}

TEST(RulesFileTest, AStrayCommaEnds) {
  EXPECT_FALSE(ErrorOf(",word\n key: value: 9\n").empty());
  EXPECT_TRUE(Read("---\nrules:\n  lowestEfficiency: 1\n...\n# the end\n"));
}

TEST(RulesFileTest, DivesFilesAreReadAsDiveReadsThem) {
  const auto file = Read(
      "other: 1\nrules:\n  lowestEficiency: 1\n  highestImageBytes: 1\n"
      "  highestWastedBytes: 5B\n",
      Numbers::kClassic);
  ASSERT_TRUE(file);
  EXPECT_EQ(file->warnings.size(), 2u);
  EXPECT_TRUE(file->warnings[0].contains("did you mean 'lowestEfficiency'"));
  EXPECT_EQ(file->rules->rules.size(), 3u);
  EXPECT_EQ(NumberOf(*file->rules, RuleKind::kHighestWastedBytes), 5u);
  EXPECT_EQ(RatioOf(*file->rules, RuleKind::kLowestEfficiency), 0.9);
}

TEST(RulesFileTest, OtherMembersAreNoBusinessOfTheRules) {
  EXPECT_FALSE(Read("base: 2\nplatform: [x]\n")->rules);
}

TEST(RuleOptionTest, OptionsGoOverTheFile) {
  auto file = Read("rules:\n  forbiddenPaths: [/x]\n  lowestEfficiency: 1\n");
  ASSERT_TRUE(file);
  RuleSet& rules = *file->rules;
  std::vector<std::string> seen;
  for (const char* option : {"forbiddenPaths=/a", "forbidden-paths=/b", "lowestEfficiency=0.5",
                             "highestImageBytes=1kB", "ignoredPaths=/i", "ignoredPaths=/j"}) {
    EXPECT_TRUE(PutOption(rules, option, seen)) << option;
  }
  const Rule* const forbidden = rules.Find(RuleKind::kForbiddenPaths);
  ASSERT_EQ(forbidden->paths.size(), 2u);
  EXPECT_EQ(forbidden->paths[0].glob, "/a");
  EXPECT_EQ(forbidden->text, "/a, /b");
  EXPECT_EQ(RatioOf(rules, RuleKind::kLowestEfficiency), 0.5);
  EXPECT_EQ(NumberOf(rules, RuleKind::kHighestImageBytes), 1000u);
  EXPECT_EQ(rules.ignored_paths, (std::vector<std::string>{"/i", "/j"}));
  for (const char* option : {"lowestEfficiency=0.6", "nothing=1", "lowestEfficiency", "=",
                             "highestImageBytes=many", "forbiddenPaths=[",
                             "ignoredPaths="
                             "["}) {
    EXPECT_FALSE(PutOption(rules, option, seen)) << option;
  }
}

}  // namespace
}  // namespace fathom::gate
