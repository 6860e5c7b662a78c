#include "gate/evaluate.h"

#include "analyze/image_fixture.h"
#include "gate/rules_file.h"
#include "gate/secret_paths.h"

namespace fathom::gate {
namespace {

using analyze::AnalysisOf;
using testing::FileEntry;
using testing::HardLinkEntry;
using testing::OpaqueEntry;
using testing::SymlinkEntry;
using testing::WhiteoutEntry;

RuleSet RulesOf(const std::string& yaml) {
  auto file = ParseRules("rules:\n" + yaml, "test", Numbers::kExact);
  EXPECT_TRUE(file) << file.error().message;
  return std::move(*file->rules);
}

RuleResult Only(const std::string& yaml, const analyze::Analysis& analysis,
                const EvaluateOptions& options = {}) {
  const auto results = Evaluate(RulesOf(yaml), analysis, options);
  EXPECT_EQ(results.size(), 1u);
  return results.at(0);
}

// "path in N by M cause" of each finding.
std::vector<std::string> TextsOf(const RuleResult& result) {
  std::vector<std::string> texts;
  for (const Finding& finding : result.findings.shown) {
    std::string text = finding.path;
    if (finding.stored_in) {
      text += fmt::format(" in {}", *finding.stored_in);
    }
    if (finding.hidden_by) {
      text += fmt::format(" by {} {}", *finding.hidden_by, CauseName(*finding.cause));
    }
    texts.push_back(text);
  }
  return texts;
}
using Texts = std::vector<std::string>;

// Base of 30 bytes in layer 0; the user's layers 1 and 2 store 12, hide 20 of the base and 5 of
// their own.
analyze::Analysis Layered() {
  analyze::Analysis analysis = AnalysisOf(
      {{FileEntry("base/keep", std::string(10, 'k')), FileEntry("base/gone", std::string(20, 'g'))},
       {FileEntry("user/a", "12345"), WhiteoutEntry("base/gone")},
       {FileEntry("user/a", "1234567"), SymlinkEntry("user/link", "a")}});
  return analysis;
}

TEST(EvaluateTest, MeasuresTheWholeImage) {
  const Measures m = Measure(RulesOf("  highestLayerCount: 9\n"), Layered(), Scope::kImage);
  EXPECT_EQ(m.stored_bytes, 42u);
  EXPECT_EQ(m.wasted_bytes, 25u);
  EXPECT_EQ(m.hidden_base_bytes, 20u);
  EXPECT_EQ(m.layer_count, 3u);
  EXPECT_EQ(m.file_count, 3u) << "keep, a and link";
  EXPECT_DOUBLE_EQ(m.efficiency(), 17.0 / 42);
  EXPECT_DOUBLE_EQ(m.user_wasted_percent(), 5.0 / 12);
}

TEST(EvaluateTest, MeasuresTheUsersLayers) {
  const Measures m = Measure(RulesOf("  highestLayerCount: 9\n"), Layered(), Scope::kUserLayers);
  EXPECT_EQ(m.stored_bytes, 12u);
  EXPECT_EQ(m.wasted_bytes, 5u);
  EXPECT_EQ(m.hidden_base_bytes, 20u);
  EXPECT_EQ(m.layer_count, 2u);
  EXPECT_EQ(m.file_count, 2u);
  EXPECT_DOUBLE_EQ(m.efficiency(), 7.0 / 12);
}

TEST(EvaluateTest, IgnoredWasteIsCountedOnNeitherSide) {
  const Measures m = Measure(RulesOf("  ignoredPaths: [/base/gone]\n"), Layered(), Scope::kImage);
  EXPECT_EQ(m.wasted_bytes, 5u);
  EXPECT_EQ(m.stored_bytes, 42u);
  EXPECT_DOUBLE_EQ(m.efficiency(), 17.0 / 22);
  const Measures user = Measure(RulesOf("  ignoredPaths: [user]\n"), Layered(), Scope::kUserLayers);
  EXPECT_EQ(user.wasted_bytes, 0u);
  EXPECT_DOUBLE_EQ(user.user_wasted_percent(), 0);
}

TEST(EvaluateTest, WasteIsExplainedByItsPaths) {
  const auto analysis = Layered();
  EXPECT_EQ(TextsOf(Only("  highestWastedBytes: 0\n", analysis)),
            (Texts{"/base/gone in 0 by 1 removed", "/user/a in 1 by 2 rewritten"}));
  EXPECT_EQ(TextsOf(Only("  highestWastedBytes: 0\n", analysis, {.scope = Scope::kUserLayers})),
            (Texts{"/user/a in 1 by 2 rewritten"}));
  const RuleResult capped = Only("  highestWastedBytes: 0\n", analysis, {.most_findings = 1});
  EXPECT_EQ(TextsOf(capped), (Texts{"/base/gone in 0 by 1 removed"}));
  EXPECT_EQ(capped.findings.omitted, 1u);
}

TEST(EvaluateTest, LayersExplainSizes) {
  const auto analysis = Layered();
  EXPECT_EQ(TextsOf(Only("  highestImageBytes: 1\n", analysis)),
            (Texts{" in 0", " in 2", " in 1"}));
  const RuleResult layer = Only("  highestLayerBytes: 7\n", analysis);
  EXPECT_EQ(layer.verdict, Verdict::kFail);
  EXPECT_EQ(layer.value, "30");
  EXPECT_EQ(TextsOf(layer), (Texts{" in 0"}));
}

TEST(EvaluateTest, ForbiddenPathsAreMindedInTheirPresence) {
  const auto analysis = AnalysisOf(
      {{FileEntry("d/rewritten", "1"), FileEntry("d/removed", "22"), FileEntry("e/hidden", "333"),
        FileEntry("d/kept", "4444"), SymlinkEntry("d/link", "x")},
       {FileEntry("d/rewritten", "2"), WhiteoutEntry("d/removed"), OpaqueEntry("e"),
        WhiteoutEntry("d/link")}});
  const auto texts = [&](const std::string& presence) {
    return TextsOf(
        Only("  forbiddenPaths: [{path: '/[de]/**', presence: " + presence + "}]\n", analysis));
  };
  EXPECT_EQ(texts("visible"), (Texts{"/d/kept in 0", "/d/rewritten in 1"}));
  EXPECT_EQ(texts("removed"), (Texts{"/d/removed in 0 by 1 removed", "/d/link in 0 by 1 removed"}));
  EXPECT_EQ(texts("hidden"), (Texts{"/e/hidden in 0 by 1 hidden"}));
  EXPECT_EQ(texts("[hidden, rewritten]"),
            (Texts{"/e/hidden in 0 by 1 hidden", "/d/rewritten in 0 by 1 rewritten"}));
  EXPECT_EQ(texts("wasted").size(), 4u);
  EXPECT_EQ(texts("any").size(), 6u);
  EXPECT_EQ(texts("identical"), Texts{});
}

TEST(EvaluateTest, APathThatSeveralGlobsForbidIsFoundOnce) {
  const auto analysis = AnalysisOf({{FileEntry("d/a.log", "1")}});
  const RuleResult result = Only("  forbiddenPaths: ['*.log', /d]\n", analysis);
  EXPECT_EQ(result.findings.shown.size(), 1u);
  EXPECT_EQ(result.value, "1");
  EXPECT_EQ(Only("  forbiddenPaths: [/d/a]\n", analysis).verdict, Verdict::kPass);
}

TEST(EvaluateTest, SecretsOfAnyLayerAreFound) {
  const auto analysis =
      AnalysisOf({{FileEntry("root/.ssh/id_rsa", "key"), FileEntry("root/.ssh/id_rsa.pub", "pub"),
                   FileEntry("app/.env.example", "x"), FileEntry("empty/.netrc"),
                   FileEntry("home/u/.aws/credentials", "keys")},
                  {WhiteoutEntry("root")}});
  const RuleResult found = Only("  forbiddenSecretPaths: true\n", analysis);
  EXPECT_EQ(TextsOf(found),
            (Texts{"/home/u/.aws/credentials in 0", "/root/.ssh/id_rsa in 0 by 1 removed"}));
  EXPECT_EQ(found.findings.shown[1].why, "is usually a private SSH key");
  EXPECT_EQ(Evaluate(RulesOf("  forbiddenSecretPaths: true\n  allowedSecretPaths: [root, home]\n"),
                     analysis)[0]
                .verdict,
            Verdict::kPass);
  EXPECT_EQ(Only("  forbiddenSecretPaths: true\n", analysis, {.scope = Scope::kUserLayers}).verdict,
            Verdict::kPass)
      << "the only secrets are in the base";
}

TEST(EvaluateTest, EverySecretGlobIsWellFormed) {
  std::vector<std::string> globs;
  for (const SecretPath& secret : SecretPaths()) {
    globs.emplace_back(secret.glob);
  }
  globs.insert(globs.end(), HarmlessPaths().begin(), HarmlessPaths().end());
  EXPECT_TRUE(CheckGlobs("", globs));
}

TEST(EvaluateTest, SetuidFilesOutsideTheListAreFound) {
  const auto analysis =
      AnalysisOf({{FileEntry("bin/su", "s", 04755), HardLinkEntry("bin/su2", "bin/su"),
                   FileEntry("bin/wall", "w", 02755), FileEntry("bin/ls", "l", 0755),
                   testing::DirEntry("srv", 02755), FileEntry("bin/old", "o", 04755)},
                  {WhiteoutEntry("bin/old")}});
  EXPECT_EQ(TextsOf(Only("  allowedSetuidPaths: []\n", analysis)),
            (Texts{"/bin/su in 0", "/bin/su2 in 0", "/bin/wall in 0"}));
  EXPECT_EQ(TextsOf(Only("  allowedSetuidPaths: ['/bin/su*']\n", analysis)),
            (Texts{"/bin/wall in 0"}));
}

// What dive's own test of its rules judges, on an image of numbers of that size: 1,000,000 bytes in
// the base, 60,000 of the user, of which 32,000 are the two copies of one path.
TEST(EvaluateTest, JudgesAsDivesOwnTests) {
  const auto analysis = AnalysisOf(
      {{FileEntry("base", std::string(1'000'000, 'b'))},
       {FileEntry("twice", std::string(16'000, '1')), FileEntry("once", std::string(28'000, 'o'))},
       {FileEntry("twice", std::string(16'000, '2'))}});
  ASSERT_EQ(analysis.classic.wasted_bytes, 32'000u);
  ASSERT_DOUBLE_EQ(analysis.classic.wasted_user_percent(), 32.0 / 60);
  ASSERT_DOUBLE_EQ(analysis.classic.efficiency, 1044.0 / 1060);
  constexpr auto kPass = Verdict::kPass;
  constexpr auto kFail = Verdict::kFail;
  constexpr auto kSkip = Verdict::kSkip;
  struct Row {
    RuleTexts rules;
    std::vector<Verdict> verdicts;  // percent, bytes, efficiency
  };
  for (const Row& row : {Row{{"0.99", "1B", "0.01"}, {kFail, kFail, kFail}},
                         Row{{"0.9", "50kB", "0.6"}, {kPass, kPass, kPass}},
                         Row{{"disabled", "disabled", "disabled"}, {kSkip, kSkip, kSkip}},
                         Row{{"0.9", "1B", "0.6"}, {kPass, kFail, kPass}}}) {
    std::vector<Verdict> verdicts;
    for (const RuleResult& result :
         Evaluate(*MakeRules(Numbers::kClassic, "", row.rules), analysis)) {
      verdicts.push_back(result.verdict);
    }
    EXPECT_EQ(verdicts, row.verdicts);
  }
}

}  // namespace
}  // namespace fathom::gate
