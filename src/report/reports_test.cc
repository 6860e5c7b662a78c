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

TEST(TreeReportTest, ControlCharactersNeverReachTheScreen) {
  const auto analysis = AnalysisOf({{FileEntry("\x1b[2Jname\n", "1")}});
  const auto rows = tree::List(analysis.tree, {1, 0}, tree::Comparison::kExact);
  const std::string table = TreeTable(analysis.tree, rows, TreeMode::kFinal);
  EXPECT_FALSE(table.contains('\x1b'));
  EXPECT_TRUE(table.contains("\\x1b[2Jname")) << table;
}

}  // namespace
}  // namespace fathom::report
