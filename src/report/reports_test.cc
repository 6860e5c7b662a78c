// Reports of whole images, against what is written here by hand.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "analyze/image_fixture.h"
#include "report/analysis_report.h"
#include "report/check_report.h"
#include "report/history_report.h"
#include "report/tree_report.h"
#include "report/wasted_paths.h"

namespace fathom::report {
namespace {

using analyze::AnalysisOf;
using nlohmann::json;
using testing::FileEntry;
using testing::WhiteoutEntry;

// Two layers: the second replaces /a and removes /dir/b.
testing::ImageSpec SmallImage() {
  testing::ImageSpec spec =
      analyze::SpecOf({{FileEntry("a", "12345"), FileEntry("dir/b", "123")},
                       {FileEntry("a", "12"), WhiteoutEntry("dir/b"), FileEntry("c", "1")}});
  spec.history = {{"/bin/sh -c #(nop) ADD file:1 in / "},
                  {"/bin/sh -c #(nop)  CMD [\"sh\"]", true},
                  {"RUN /bin/sh -c make && rm dir/b # buildkit"}};
  return spec;
}

TEST(AnalysisJsonTest, HasTheNumbersUnderTheirNames) {
  const json document = json::parse(AnalysisJson(AnalysisOf(SmallImage())));
  EXPECT_EQ(document["schema"], "fathom/analysis/v1");
  const json& image = document["image"];
  EXPECT_EQ(image["storedBytes"], 11);
  EXPECT_EQ(image["visibleBytes"], 3);
  EXPECT_EQ(image["wastedBytes"], 8);
  EXPECT_EQ(image["waste"]["rewritten"], 5);
  EXPECT_EQ(image["waste"]["removed"], 3);
  EXPECT_EQ(image["platform"], "linux/amd64");
  EXPECT_EQ(document["classic"]["sizeBytes"], 11);
  ASSERT_EQ(document["layers"].size(), 2u);
  EXPECT_EQ(document["layers"][1]["hiddenByBytes"], 8);
  EXPECT_EQ(document["layers"][0]["wastedHereBytes"], 8);
  ASSERT_EQ(document["history"].size(), 3u);
  EXPECT_EQ(document["history"][1]["layer"], nullptr);
  EXPECT_EQ(document["history"][2]["layer"], 1);
  ASSERT_EQ(document["wastedPaths"].size(), 2u);
  EXPECT_EQ(document["wastedPaths"][0]["path"], "/a");
  EXPECT_EQ(document["wastedPaths"][1]["cause"], "removed");
  EXPECT_EQ(document["wastedPaths"][1]["storedIn"], 0);
  EXPECT_EQ(document["wastedPaths"][1]["hiddenBy"], 1);
}

TEST(AnalysisJsonTest, NamesThatAreNotUtf8KeepTheirBytes) {
  const json document =
      json::parse(AnalysisJson(AnalysisOf({{FileEntry("\xff", "1")}, {WhiteoutEntry("\xff")}})));
  EXPECT_EQ(document["wastedPaths"][0]["path"], "/\\xff");
  EXPECT_EQ(document["wastedPaths"][0]["pathBytes"], "L/8=");
}

TEST(WastedPathsTest, LargestFirstThenByPath) {
  const auto analysis = AnalysisOf(
      {{FileEntry("z", "1"), FileEntry("a", "1"), FileEntry("m", "22"), FileEntry("empty")},
       {WhiteoutEntry("z"), WhiteoutEntry("a"), WhiteoutEntry("m"), WhiteoutEntry("empty")}});
  std::vector<std::string> paths;
  for (const WastedPath& path : WastedPaths(analysis)) {
    paths.push_back(path.path);
  }
  EXPECT_EQ(paths, (std::vector<std::string>{"/m", "/a", "/z"}));
}

TEST(DiveJsonTest, HasTheMembersOfDivesExport) {
  const json document = json::parse(DiveJson(AnalysisOf(SmallImage())));
  EXPECT_EQ(document["image"]["sizeBytes"], 11);
  EXPECT_EQ(document["image"]["inefficientBytes"], 10);
  ASSERT_EQ(document["layer"].size(), 2u);
  EXPECT_EQ(document["layer"][0]["command"], "#(nop) ADD file:1 in / ");
  const json& files = document["layer"][0]["fileList"];
  ASSERT_EQ(files.size(), 3u);
  EXPECT_EQ(files[0]["path"], "a");
  EXPECT_EQ(files[1]["path"], "dir/b") << "children come before their parents";
  EXPECT_EQ(files[2]["path"], "") << "what is only implied is empty";
  EXPECT_EQ(document["image"]["fileReference"][0]["file"], "/a");
  EXPECT_EQ(document["image"]["fileReference"][0]["count"], 2);
}

TEST(AnalysisCsvTest, HasARowForEachLayer) {
  const std::string csv = AnalysisCsv(AnalysisOf(SmallImage()));
  EXPECT_EQ(std::ranges::count(csv, '\n'), 3);
}

TEST(HistoryTest, ListsEmptyEntriesToo) {
  const json document = json::parse(HistoryJson(AnalysisOf(SmallImage())));
  ASSERT_EQ(document["history"].size(), 3u);
  EXPECT_EQ(document["history"][1]["emptyLayer"], true);
  EXPECT_EQ(document["history"][1]["storedBytes"], nullptr);
  EXPECT_EQ(document["history"][2]["storedBytes"], 3);
}

TEST(HistoryTest, WritesInstructionsAsTheyStoodInTheDockerfile) {
  const std::string text = HistoryDockerfile(AnalysisOf(SmallImage()));
  EXPECT_TRUE(
      text.contains("\nFROM scratch\nADD file:1 in /\nCMD [\"sh\"]\n"
                    "RUN make && rm dir/b\n"))
      << text;
}

TEST(CheckReportTest, SaysWhatWasJudged) {
  const auto analysis = AnalysisOf(SmallImage());
  const auto results = gate::Evaluate(*gate::MakeRules(gate::Numbers::kClassic, "", {}), analysis);
  EXPECT_FALSE(Passed(results));
  const Check check{.analysis = analysis, .results = results, .name = {}};
  const json document = json::parse(CheckJson(check));
  EXPECT_EQ(document["passed"], false);
  EXPECT_EQ(document["rules"].size(), 3u);
  const std::string dive = DiveCheck(check);
  EXPECT_TRUE(dive.contains("wastedBytes:       10 bytes (10 B)")) << dive;
  EXPECT_TRUE(dive.contains("FAIL [pass:0 fail:2 skip:1]")) << dive;
  EXPECT_TRUE(CheckTable(check).contains("FAIL: 0 passed, 2 failed, 1 skipped"));
}

// Of 10,000 bytes in the base and 6,010 of the user, three paths are there twice: two of them with
// 4,000 bytes in all, one of which is met again in the later layer; 8,010 bytes in all.
analyze::Analysis Repeated() {
  return AnalysisOf({{FileEntry("base", std::string(10'000, 'b'))},
                     {FileEntry("a/one", std::string(2'000, '1')), FileEntry("z", "12345"),
                      FileEntry("b", std::string(2'000, '1'))},
                     {FileEntry("b", std::string(2'000, '2')), FileEntry("z", "12346")},
                     {FileEntry("a/one", std::string(2'000, '2'))}});
}

TEST(DiveCheckTest, WritesWhatDiveWrites) {
  const auto analysis = Repeated();
  const gate::RuleTexts texts{"0.90", "disabled", "0.5"};
  const auto results =
      gate::Evaluate(*gate::MakeRules(gate::Numbers::kClassic, "", texts), analysis);
  const Check check{.analysis = analysis, .results = results, .name = {}};
  // efficiency: (10000 + 2000 + 2000 + 5) / (10000 + 8010); percent: 8010 / 8010.
  EXPECT_EQ(DiveCheck(check),
            "Analysis:\n"
            "  efficiency:        77.76 %\n"
            "  wastedBytes:       8010 bytes (8.0 kB)\n"
            "  userWastedPercent: 100.00 %\n"
            "\n"
            "Inefficient Files:\n"
            "  Count  Wasted Space  File Path\n"
            "  2      4.0 kB        /a/one\n"
            "  2      4.0 kB        /b\n"
            "  2      10 B          /z\n"
            "\n"
            "Evaluation:\n"
            "  FAIL  highestUserWastedPercent (too many bytes wasted, relative to the user bytes "
            "added (%-user-wasted-bytes=1.00 > threshold=0.5))\n"
            "  SKIP  highestWastedBytes (disabled)\n"
            "  FAIL  lowestEfficiency (image efficiency is too low (efficiency=0.78 < "
            "threshold=0.9))\n"
            "\n"
            "FAIL [pass:0 fail:2 skip:1]\n");
  EXPECT_EQ(DiveCheck013(check),
            "  efficiency: 77.7624 %\n"
            "  wastedBytes: 8010 bytes (8.0 kB)\n"
            "  userWastedPercent: 100.0000 %\n"
            "Inefficient Files:\n"
            "Count  Wasted Space  File Path\n"
            "    2        4.0 kB  /a/one\n"
            "    2        4.0 kB  /b\n"
            "    2          10 B  /z\n"
            "Results:\n"
            "  FAIL: highestUserWastedPercent: too many bytes wasted, relative to the user bytes "
            "added (%-user-wasted-bytes=1 > threshold=0.5)\n"
            "  SKIP: highestWastedBytes: rule disabled\n"
            "  FAIL: lowestEfficiency: image efficiency is too low "
            "(efficiency=0.777623542476402 < threshold=0.9)\n"
            "Result:FAIL [Total:3] [Passed:0] [Failed:2] [Warn:0] [Skipped:1]\n");
}

TEST(DiveCheckTest, SaysWhereNothingIsWasted) {
  const auto analysis = AnalysisOf({{FileEntry("a", "1")}});
  const auto results = gate::Evaluate(*gate::MakeRules(gate::Numbers::kClassic, "", {}), analysis);
  const std::string text = DiveCheck({.analysis = analysis, .results = results, .name = {}});
  EXPECT_TRUE(
      text.starts_with("Analysis:\n  efficiency:        100.00 %\n"
                       "  wastedBytes:       0 bytes \n  userWastedPercent: 0 %\n\n"
                       "Inefficient Files: (None)\n\nEvaluation:\n"
                       "  PASS  highestUserWastedPercent (0.1)\n"))
      << text;
}

TEST(CheckSarifTest, LocationsAreRelativeReferences) {
  const auto analysis = AnalysisOf({{FileEntry("d/a b:%\xc3\xa9\xff", "1")}});
  auto rules = gate::MakeRules(gate::Numbers::kExact, "", {"off", "off", "off"});
  ASSERT_TRUE(rules);
  std::vector<std::string> seen;
  ASSERT_TRUE(gate::PutOption(*rules, "forbiddenPaths=/d", seen));
  const auto results = gate::Evaluate(*rules, analysis);
  const json document =
      json::parse(CheckSarif({.analysis = analysis, .results = results, .name = {}}));
  const json& result = document["runs"][0]["results"][0];
  EXPECT_EQ(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
            "d/a%20b%3A%25%C3%A9%FF");
  EXPECT_EQ(result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"],
            analysis.image.layers[0].diff_id.ToString());
}

TEST(TreeReportTest, ControlCharactersNeverReachTheScreen) {
  const auto analysis = AnalysisOf({{FileEntry("\x1b[2Jname\n", "1")}});
  const auto rows = tree::List(analysis.tree, {1, 0}, tree::Comparison::kExact);
  const std::string table = TreeTable(analysis.tree, rows, TreeMode::kFinal);
  EXPECT_FALSE(table.contains('\x1b'));
  EXPECT_TRUE(table.contains("\\x1b[2Jname")) << table;
}

}  // namespace
}  // namespace fathom::report
