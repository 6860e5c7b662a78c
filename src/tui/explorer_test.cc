// The explorer as keys and events change it, without a terminal.
#include <gtest/gtest.h>

#include "tui/stage_fixture.h"

namespace fathom::tui {
namespace {

using testing::DirEntry;
using testing::FileEntry;
using testing::SymlinkEntry;

testing::ImageEntries App() {
  return {{DirEntry("etc/"), FileEntry("etc/app.conf", "colour = blue\n"),
           FileEntry("etc/old.conf", std::string(3000, 'x')), SymlinkEntry("conf", "etc/app.conf"),
           FileEntry("usr/bin/su", "x", 04755)},
          {FileEntry("etc/app.conf", "colour = red\n"), FileEntry("etc/.wh.old.conf")},
          {FileEntry("srv/data.bin", std::string(2000, '\0'))}};
}

std::string Archive(const testing::ImageEntries& layers) {
  return testing::DockerArchive(analyze::SpecOf(layers), testing::DockerDialect::kDocker25);
}

TEST(Explorer, BeginsWithLayersAndTheFirstTree) {
  const Stage stage(Archive(App()));
  EXPECT_TRUE(stage.Shows("● Layers"));
  EXPECT_TRUE(stage.Shows("RUN step 2"));
  EXPECT_TRUE(stage.Shows("Tree: changes of layer 0"));
  EXPECT_TRUE(stage.Shows("3 layers"));
  EXPECT_TRUE(stage.Shows("Image details"));
}

TEST(Explorer, MovesThroughLayersFromAnyPane) {
  Stage stage(Archive(App()));
  stage.Press("down");
  EXPECT_EQ(stage.state.layer(), 1u);
  stage.Press("tab ] ] ]");
  EXPECT_EQ(stage.state.layer(), 2u);
  EXPECT_EQ(stage.state.pane, Pane::kTree);
  stage.Press("[ 2");
  EXPECT_TRUE(stage.Shows("changes up to layer 1"));
  stage.Press("4");
  EXPECT_TRUE(stage.Shows("final file system"));
  stage.Press("shift+tab left left left");
  EXPECT_EQ(stage.state.pane, Pane::kImageDetails) << "around the left column";
}

TEST(Explorer, ARangeBeginsAtTheMark) {
  Stage stage(Archive(App()));
  stage.Press("down v down");
  EXPECT_TRUE(stage.Shows("changes of layers 1 to 2"));
  stage.Press("up up");
  EXPECT_TRUE(stage.Shows("changes of layers 0 to 1"));
  stage.Press("1");
  EXPECT_TRUE(stage.Shows("changes of layer 0"));
}

TEST(Explorer, FiltersWhileTyping) {
  Stage stage(Archive(App()));
  stage.Press("ctrl+f");
  stage.Type("conf$");
  EXPECT_TRUE(stage.Shows("3 matches"));
  EXPECT_FALSE(stage.Shows("usr"));
  stage.Type("(");
  EXPECT_TRUE(stage.Shows("no regex")) << stage.Screen();
  stage.Press("backspace alt+c");
  EXPECT_TRUE(stage.Shows("any case"));
  stage.Press("ctrl+u");
  stage.Type("CONF");
  EXPECT_TRUE(stage.Shows("3 matches"));
  stage.Press("enter");
  EXPECT_EQ(stage.state.pane, Pane::kTree);
  stage.Press("n");
  EXPECT_EQ(stage.Selected(), "/etc/app.conf");
  stage.Press("N");
  EXPECT_EQ(stage.Selected(), "/conf");
  stage.Press("esc");
  EXPECT_TRUE(stage.state.tree.settings().filter.empty());
  stage.Press("/");
  stage.Type("zzz");
  stage.Press("esc");
  EXPECT_TRUE(stage.state.tree.settings().filter.empty()) << "what was typed was dropped";
}

TEST(Explorer, FindsInAllLayersAndGoesThere) {
  Stage stage(Archive(App()));
  stage.Press("s");
  stage.Type("old");
  stage.Press("enter");
  EXPECT_TRUE(stage.Shows("Paths that match 'old': 1"));
  EXPECT_TRUE(stage.Shows("+0 -1"));
  stage.Press("enter");
  EXPECT_EQ(stage.Selected(), "/etc/old.conf");
  EXPECT_EQ(stage.state.layer(), 1u);
  stage.Press("H");
  EXPECT_TRUE(stage.Shows("History of /etc/old.conf"));
  stage.Press("enter");
  EXPECT_EQ(stage.state.layer(), 0u);
}

TEST(Explorer, GoingToAPlaceDropsWhatHidesIt) {
  Stage stage(Archive(App()));
  stage.Press("tab R");
  stage.Press("s");
  stage.Type("old");
  stage.Press("enter enter");
  EXPECT_EQ(stage.Selected(), "/etc/old.conf");
  EXPECT_TRUE(stage.Shows("the filter was dropped"));
}

TEST(Explorer, FromAWastedPathToItsPlace) {
  Stage stage(Archive(App()), {}, {160, 60});
  stage.Press("right right G");
  EXPECT_EQ(stage.state.pane, Pane::kImageDetails);
  EXPECT_TRUE(stage.Shows("Wasted paths: 2"));
  stage.Press("up enter");
  EXPECT_EQ(stage.Selected(), "/etc/old.conf");
  EXPECT_EQ(stage.state.layer(), 1u);
  EXPECT_EQ(stage.state.pane, Pane::kTree);
}

TEST(Explorer, FromALayerToWhatItHid) {
  Stage stage(Archive(App()));
  stage.Press("down W");
  EXPECT_TRUE(stage.Shows("Hidden by layer 1: 3.0 kB"));
  EXPECT_TRUE(stage.Shows("removed"));
  EXPECT_TRUE(stage.Shows("rewritten"));
  stage.Press("enter");
  EXPECT_EQ(stage.Selected(), "/etc/old.conf");
}

TEST(Explorer, ShowsFindings) {
  Stage stage(Archive(App()), {}, {160, 60});
  stage.Press("left");
  EXPECT_EQ(stage.state.pane, Pane::kRemarks);
  EXPECT_TRUE(stage.Shows("setuid or setgid"));
  stage.Press("down enter");
  EXPECT_EQ(stage.Selected(), "/usr/bin/su");
}

TEST(Explorer, OpensFilesDirectoriesAndLinks) {
  Stage stage(Archive(App()));
  stage.Press("4 tab");
  EXPECT_EQ(stage.Selected(), "/conf");
  stage.Press("enter");
  EXPECT_EQ(stage.Selected(), "/etc/app.conf") << "a link is followed";
  stage.Press("enter");
  EXPECT_TRUE(stage.Shows("colour = red"));
  stage.Press("esc p enter");
  EXPECT_EQ(stage.Selected(), "/etc");
  EXPECT_TRUE(stage.state.tree.IsFolded(stage.state.tree.cursor()));
  stage.Press("v");
  EXPECT_TRUE(stage.Shows("etc is a directory"));
}

TEST(Explorer, ComparesAnyTwoLayers) {
  testing::ImageEntries layers;
  for (const char* text : {"zero\n", "one\n", "two\n", "three\n"}) {
    layers.push_back({FileEntry("file", text)});
  }
  Stage stage(Archive(layers));
  stage.Press("down down v down tab");
  EXPECT_TRUE(stage.Shows("changes of layers 2 to 3"));
  stage.Press("D");
  EXPECT_TRUE(stage.Shows("- one"));
  EXPECT_TRUE(stage.Shows("+ three"));
  stage.Press("esc 2 D");
  EXPECT_TRUE(stage.Shows("- zero"));
}

TEST(Explorer, ComparesWithTheContentBefore) {
  Stage stage(Archive(App()));
  stage.Press("down tab down down D");
  EXPECT_TRUE(stage.Shows("- colour = blue")) << stage.Screen();
  EXPECT_TRUE(stage.Shows("+ colour = red"));
  stage.Press("esc [ D");
  EXPECT_TRUE(stage.Shows("no layer below has another content"));
}

TEST(Explorer, ExtractsAndCopies) {
  Stage stage(Archive(App()));
  stage.Press("tab down down y");
  EXPECT_EQ(stage.copied, "/etc/app.conf");
  stage.Press("e ctrl+u");
  stage.Type("out");
  stage.Press("enter");
  EXPECT_TRUE(stage.Shows("extracted 1 file"));
  EXPECT_TRUE(std::filesystem::exists(stage.folder / "out/etc/app.conf"));
  stage.Press("e ctrl+u");
  stage.Type("out");
  stage.Press("enter");
  EXPECT_TRUE(stage.state.notice.failure) << "it is there already";
  stage.Press("P");
  EXPECT_EQ(stage.pager_content, "colour = blue\n");
}

TEST(Explorer, ARemovedFileStillHasItsContent) {
  Stage stage(Archive(App()));
  stage.Press("down tab down down down");
  EXPECT_EQ(stage.Selected(), "/etc/old.conf");
  stage.Press("v");
  EXPECT_TRUE(stage.Shows("xxxxxxxx"));
}

TEST(Explorer, KeysThatDoNothingSaySo) {
  Stage stage(Archive(App()));
  stage.Press("f12");
  EXPECT_TRUE(stage.Shows("F12 does nothing here"));
  stage.Press("?");
  EXPECT_TRUE(stage.Shows("toggle-view"));
  stage.Press("esc T");
  EXPECT_FALSE(stage.theme.empty());
  stage.Press("ctrl+z");
  EXPECT_EQ(stage.suspensions, 1);
  stage.Press("q");
  EXPECT_TRUE(stage.state.quits);
}

TEST(Explorer, FollowsTheMouse) {
  Stage stage(Archive(App()));
  const Layout layout = Arrange(stage.state);
  const Rect& layers = layout.of(Pane::kLayers).body;
  stage.Click(layers.x + 3, layers.y + 3);
  EXPECT_EQ(stage.state.layer(), 2u);
  const Rect& tree = layout.of(Pane::kTree).body;
  stage.Click(tree.x + 3, tree.y + 2);
  EXPECT_EQ(stage.state.pane, Pane::kTree);
  EXPECT_EQ(stage.Selected(), "/etc");
  stage.Click(tree.x + 3, tree.y + 2);
  EXPECT_TRUE(stage.state.tree.IsFolded(1));
  stage.Take(Mouse{Mouse::Kind::kWheelDown, 1, {layers.x + 1, layers.y + 1}});
  stage.Take(Mouse{Mouse::Kind::kWheelUp, 1, {layers.x + 1, layers.y + 1}});
  EXPECT_EQ(stage.state.layer(), 1u);
  stage.Take(Mouse{Mouse::Kind::kPress, 1, {layout.split, 5}});
  stage.Take(Mouse{Mouse::Kind::kDrag, 1, {60, 5}});
  stage.Take(Mouse{Mouse::Kind::kRelease, 1, {60, 5}});
  EXPECT_EQ(Arrange(stage.state).split, 60);
}

// Before everything is read.

image::Image ThreeLayers() {
  image::Image image;
  for (const char* step : {"ADD base", "RUN step", "COPY app"}) {
    image::Layer layer;
    layer.size = 1000;
    layer.history = image.layers.size();
    image.layers.push_back(layer);
    image::HistoryEntry entry;
    entry.created_by = step;
    image.config.history.push_back(entry);
  }
  return image;
}

TEST(Explorer, ShowsLayersBeforeTheyAreRead) {
  Stage stage;
  EXPECT_TRUE(stage.Shows("opening"));
  stage.Take(BytesRead{{}, 5000});
  EXPECT_TRUE(stage.Shows("5.0 kB"));
  stage.Take(ImageKnown{std::make_shared<const image::Image>(ThreeLayers())});
  EXPECT_TRUE(stage.Shows("COPY app"));
  EXPECT_TRUE(stage.Shows("still being read"));
  stage.Take(BytesRead{{450, 0, 0}, 450});
  EXPECT_TRUE(stage.Shows("45 %"));
  EXPECT_TRUE(stage.Shows("0 of 3 layers"));
  stage.Press("down s");
  stage.Type("x");
  stage.Press("enter");
  EXPECT_TRUE(stage.Shows("no layer has been read yet"));
}

std::shared_ptr<const SortedTree> TreeOf(const testing::ImageEntries& layers) {
  auto analysis = analyze::AnalysisOf(layers);
  return std::make_shared<const SortedTree>(
      std::make_shared<const tree::FileTree>(std::move(analysis.tree)));
}

TEST(Explorer, WhatIsReadCanBeUsedMeanwhile) {
  Stage stage;
  stage.holds_jobs = true;
  stage.Take(ImageKnown{std::make_shared<const image::Image>(ThreeLayers())});
  const auto layers = App();
  stage.Take(LayerRead{0, false});
  stage.Take(TreeGrown{TreeOf({layers[0]}), 1});
  EXPECT_TRUE(stage.Shows("old.conf"));
  stage.Press("tab down");
  EXPECT_EQ(stage.Selected(), "/etc");
  stage.Press("]");
  EXPECT_TRUE(stage.Shows("still being read"));
  stage.Take(TreeGrown{TreeOf({layers[0], layers[1]}), 2});
  EXPECT_TRUE(stage.Shows("changes of layer 1"));
  stage.Press("]");
  stage.Take(LoneTreeMade{99, TreeOf({layers[2]}), 2});
  EXPECT_FALSE(stage.Shows("data.bin")) << "nobody asked";
  stage.Take(LayerRead{2, true});
  ASSERT_FALSE(stage.held.empty());
  const auto& wanted = std::get<MakeLoneTree>(stage.held.back());
  EXPECT_EQ(wanted.layer, 2u);
  stage.Take(LoneTreeMade{wanted.ticket, TreeOf({layers[2]}), 2});
  EXPECT_TRUE(stage.Shows("data.bin"));
  EXPECT_TRUE(stage.Shows("by itself"));
  stage.Press("v");
  EXPECT_TRUE(stage.Shows("the layers below are still being read"));
}

TEST(Explorer, AFailureIsShown) {
  Stage stage;
  stage.Take(ImageKnown{std::make_shared<const image::Image>(ThreeLayers())});
  stage.Take(ReadingFailed{"layer 1: it is broken"});
  EXPECT_TRUE(stage.Shows("could not be read"));
  EXPECT_TRUE(stage.Shows("layer 1: it is broken"));
  EXPECT_FALSE(stage.state.quits);
  Stage nothing;
  nothing.Take(ReadingFailed{"there is no such image"});
  EXPECT_TRUE(nothing.state.quits) << "the shell shows why";
}

TEST(Explorer, FitsIntoAnySize) {
  Stage stage(Archive(App()));
  for (const Size size : {Size{0, 0}, {1, 1}, {10, 3}, {40, 8}, {80, 24}, {200, 60}, {400, 120}}) {
    stage.Take(Resized{size});
    EXPECT_EQ(Draw(stage.state).size(), size);
  }
  stage.Take(Resized{{80, 24}});
  EXPECT_TRUE(stage.Shows("Tree: changes"));
  EXPECT_TRUE(stage.Shows("instruction"));
  stage.Press("z");
  EXPECT_FALSE(stage.Shows("Tree: changes"));
  stage.Press("z }");
  EXPECT_TRUE(stage.Shows("Tree: changes"));
}

}  // namespace
}  // namespace fathom::tui
