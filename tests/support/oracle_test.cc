// The oracle against answers worked out by hand, and the random images against what they promise.
#include "tests/support/oracle.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <numeric>

#include "tests/support/blob.h"
#include "tests/support/random_image.h"

namespace fathom::testing {
namespace {

OracleNumbers Apply(const ImageEntries& image) { return RunOracle(LayerTars(image)); }

std::vector<OracleWaste> Waste(const ImageEntries& image) { return Apply(image).wasted_paths; }

std::vector<std::string> FinalPaths(const ImageEntries& image) {
  std::vector<std::string> paths;
  for (const auto& [path, file] : Apply(image).final_files) {
    paths.push_back(path);
  }
  return paths;
}

using Wastes = std::vector<OracleWaste>;
using Paths = std::vector<std::string>;

TEST(Oracle, AnEmptyImageIsFullyEfficient) {
  const OracleNumbers numbers = RunOracle({});
  EXPECT_EQ(numbers.efficiency, 1);
  EXPECT_EQ(numbers.stored, 0U);
}

TEST(Oracle, CountsStoredVisibleAndWasted) {
  const OracleNumbers n = Apply({{FileEntry("a", "12345"), FileEntry("b", "123")},
                                 {FileEntry("a", "12"), FileEntry("c", "123")}});
  EXPECT_EQ(n.stored, 13U);
  EXPECT_EQ(n.visible, 8U);
  EXPECT_EQ(n.wasted, 5U);
  EXPECT_EQ(n.duplicate, 3U);
  EXPECT_DOUBLE_EQ(n.efficiency, 8.0 / 13.0);
  EXPECT_EQ(n.wasted_paths, (Wastes{{"/a", 5, "rewritten", 0, 1}}));
  const OracleNumbers::Layer first{.stored = 8, .entries = 2, .wasted_here = 5, .added = 2};
  const OracleNumbers::Layer second{
      .stored = 5, .entries = 2, .hidden_by = 5, .added = 1, .modified = 1};
  EXPECT_EQ(n.layers, (std::vector{first, second}));
}

TEST(Oracle, TellsTheCausesApart) {
  TarEntry half_second = FileEntry("same", "x");
  half_second.mtime_nanos = 500000000;
  const OracleNumbers n = Apply(
      {{FileEntry("same", "x"), FileEntry("mode", "xx"), FileEntry("other", "xxx"),
        FileEntry("gone", "xxxx"), FileEntry("typed", "xxxxx"), FileEntry("opaque/f", "xxxxxx")},
       {half_second, FileEntry("mode", "xx", 0600), FileEntry("other", "yyy"),
        WhiteoutEntry("gone"), SymlinkEntry("typed", "mode"), OpaqueEntry("opaque")}});
  const std::map<std::string, uint64_t> causes{
      {"identical", 1}, {"metadata", 2}, {"rewritten", 3}, {"removed", 4}, {"hidden", 11}};
  EXPECT_EQ(n.waste_by_cause, causes);
  EXPECT_EQ(n.layers[1].modified, 3U);  // mode, other, typed
  EXPECT_EQ(n.layers[1].removed, 2U);   // gone, opaque/f
}

TEST(Oracle, WhiteoutsSpeakOfLowerLayersOnly) {
  const ImageEntries image = {
      {FileEntry("d/old", "1")},
      {FileEntry("d/new", "22"), OpaqueEntry("d"), FileEntry("e", "333"), WhiteoutEntry("e")}};
  EXPECT_EQ(FinalPaths(image), (Paths{"/d", "/d/new", "/e"}));
  EXPECT_EQ(Waste(image), (Wastes{{"/d/old", 1, "hidden", 0, 1}}));
}

TEST(Oracle, AHardLinkGroupIsWastedWithItsLastLink) {
  const ImageEntries image = {{FileEntry("a", "1234"), HardLinkEntry("b", "a")},
                              {WhiteoutEntry("a")},
                              {FileEntry("b", "1")}};
  EXPECT_EQ(Waste(image), (Wastes{{"/b", 4, "rewritten", 0, 2}}));
  EXPECT_EQ(Waste({image[0], image[1]}), Wastes{});
}

TEST(Oracle, ADirectoryGoesDepthFirstByName) {
  const ImageEntries image = {{FileEntry("d/a/x", "1234"), HardLinkEntry("d/a.", "d/a/x")},
                              {WhiteoutEntry("d")}};
  EXPECT_EQ(Waste(image), (Wastes{{"/d/a.", 4, "removed", 0, 1}}));
}

TEST(Oracle, AHardLinkToNothingCostsNothing) {
  const OracleNumbers n = Apply({{HardLinkEntry("b", "a"), FileEntry("a", "12"), DirEntry("d"),
                                  HardLinkEntry("e", "d"), HardLinkEntry("a", "./a")}});
  EXPECT_EQ(n.visible, 2U);
  EXPECT_EQ(n.final_files.at("/b").content_sha256, "");
  EXPECT_EQ(n.final_files.at("/e").type, '0');
  EXPECT_EQ(n.final_files.at("/a").content_sha256, Sha256Hex("12"));
}

TEST(Oracle, AHardLinkToASymlinkIsThatSymlink) {
  const OracleNumbers n =
      Apply({{FileEntry("d/f", "1"), SymlinkEntry("s", "d"), HardLinkEntry("t", "s")},
             {FileEntry("t/f", "22")}});
  EXPECT_EQ(n.final_files.at("/t").link, "d");
  EXPECT_EQ(n.wasted_paths, (Wastes{{"/d/f", 1, "rewritten", 0, 1}}));
}

TEST(Oracle, ParentLinksAreFollowedInsideTheRoot) {
  const ImageEntries image = {{DirEntry("usr/lib"), SymlinkEntry("lib", "../../usr/lib"),
                               SymlinkEntry("abs", "/usr"), SymlinkEntry("gone", "not/there")},
                              {FileEntry("lib/a", "1"), FileEntry("abs/lib/b", "1"),
                               FileEntry("gone/c", "1"), HardLinkEntry("d", "abs/lib/a")}};
  EXPECT_EQ(FinalPaths(image),
            (Paths{"/abs", "/d", "/gone", "/lib", "/not", "/not/there", "/not/there/c", "/usr",
                   "/usr/lib", "/usr/lib/a", "/usr/lib/b"}));
  EXPECT_TRUE(Apply(image).final_files.at("/not/there").implied);
}

TEST(Oracle, LinksWithoutEndHoldNothing) {
  const OracleNumbers n = Apply({{SymlinkEntry("a", "b"), SymlinkEntry("b", "a")},
                                 {FileEntry("a/f", "123"), WhiteoutEntry("b/f")}});
  EXPECT_EQ(n.stored, 0U);
  EXPECT_EQ(n.final_files.size(), 2U);
}

TEST(Oracle, A255thHopIsTheLast) {
  std::vector<TarEntry> chain{DirEntry("end")};
  for (int i = 1; i <= 256; ++i) {
    chain.push_back(
        SymlinkEntry("l" + std::to_string(i), i == 1 ? "end" : "l" + std::to_string(i - 1)));
  }
  EXPECT_EQ(Apply({chain, {FileEntry("l255/f", "1")}}).stored, 1U);
  EXPECT_EQ(Apply({chain, {FileEntry("l256/f", "1")}}).stored, 0U);
}

TEST(Oracle, AWhiteoutBelowALinkThatBecomesADirectorySpeaksOfNothing) {
  const std::vector<TarEntry> below{FileEntry("real/f", "1"), SymlinkEntry("s", "real")};
  EXPECT_EQ(Waste({below, {WhiteoutEntry("s/f")}}), (Wastes{{"/real/f", 1, "removed", 0, 1}}));
  EXPECT_EQ(Waste({below, {WhiteoutEntry("s/f"), DirEntry("./x/../s/")}}), Wastes{});
  EXPECT_EQ(Waste({below, {OpaqueEntry("s"), DirEntry("s")}}), Wastes{});
}

TEST(Oracle, WhatIsInTheWayIsHidden) {
  const ImageEntries image = {{FileEntry("a", "1"), FileEntry("d/x", "22"), FileEntry("e", "333")},
                              {FileEntry("a/b", "1"), FileEntry("d", "1"), DirEntry("e")}};
  EXPECT_EQ(
      Waste(image),
      (Wastes{{"/a", 1, "hidden", 0, 1}, {"/d/x", 2, "hidden", 0, 1}, {"/e", 3, "hidden", 0, 1}}));
  EXPECT_EQ(FinalPaths(image), (Paths{"/a", "/a/b", "/d", "/e"}));
}

TEST(Oracle, ADirectoryEntryKeepsChildrenAndBringsMetadata) {
  const OracleNumbers n = Apply({{FileEntry("d/f", "1")}, {DirEntry("d", 0700)}});
  EXPECT_EQ(n.final_files.at("/d").mode, 0700U);
  EXPECT_FALSE(n.final_files.at("/d").implied);
  EXPECT_TRUE(n.state_after_layer[0].at("/d").implied);
  EXPECT_EQ(n.wasted, 0U);
  EXPECT_EQ(n.layers[1].modified, 0U);
}

TEST(Oracle, MarksAreNeverAddedAndNullDevicesRemove) {
  const ImageEntries image = {
      {FileEntry("a", "1"), FileEntry("b", "22"), DirEntry("d")},
      {DeviceEntry("d/../a", '3', 0, 0), FileEntry(".wh..wh.aufs", "333"),
       FileEntry(".wh.dir/f", "4"), WhiteoutEntry("absent/x"), DeviceEntry("null", '3', 1, 3)}};
  EXPECT_EQ(Waste(image), (Wastes{{"/a", 1, "removed", 0, 1}}));
  EXPECT_EQ(FinalPaths(image), (Paths{"/b", "/d", "/null"}));
  EXPECT_EQ(Apply(image).stored, 3U);
}

// Layers of fixed random images, enough to see every kind of event.
std::vector<ImageEntries> FixedImages(int count) {
  const rc::Gen<ImageEntries> generator = RandomImage();
  rc::Random random(20240229);
  std::vector<ImageEntries> images;
  for (int i = 0; i < count; ++i) {
    images.push_back(generator(random.split(), rc::kNominalSize).value());
  }
  return images;
}

TEST(RandomImages, MakeEveryKindOfEventOften) {
  constexpr int kImages = 300;
  std::map<std::string, int> seen;
  for (const ImageEntries& image : FixedImages(kImages)) {
    const OracleNumbers n = Apply(image);
    std::map<std::string, bool> here;
    for (const OracleWaste& waste : n.wasted_paths) {
      here[waste.cause] = true;
      here["within a layer"] |= waste.stored_in == waste.hidden_by;
    }
    for (const OracleNumbers::Layer& layer : n.layers) {
      here["modified"] |= layer.modified > 0;
      here["removed path"] |= layer.removed > 0;
    }
    here["duplicate"] = n.duplicate > 0;
    for (const auto& [path, file] : n.final_files) {
      here["implied"] |= file.implied;
      here["link to nothing"] |= file.type == '0' && file.content_sha256.empty();
    }
    for (const auto& [what, yes] : here) {
      seen[what] += yes ? 1 : 0;
    }
  }
  for (const char* what :
       {"rewritten", "metadata", "identical", "removed", "hidden", "within a layer", "modified",
        "removed path", "duplicate", "implied", "link to nothing"}) {
    EXPECT_GT(seen[what], kImages / 20) << what;
  }
}

RC_GTEST_PROP(RandomImages, KeepTheBooks, ()) {
  const ImageEntries image = *RandomImage();
  const OracleNumbers n = Apply(image);
  const auto sum = [&](uint64_t OracleNumbers::Layer::* member) {
    return std::accumulate(n.layers.begin(), n.layers.end(), uint64_t{0},
                           [&](uint64_t all, const auto& layer) { return all + layer.*member; });
  };
  RC_ASSERT(n.layers.size() == image.size());
  RC_ASSERT(n.stored == n.visible + n.wasted);
  RC_ASSERT(sum(&OracleNumbers::Layer::stored) == n.stored);
  RC_ASSERT(sum(&OracleNumbers::Layer::wasted_here) == n.wasted);
  RC_ASSERT(sum(&OracleNumbers::Layer::hidden_by) == n.wasted);
  RC_ASSERT(n.efficiency >= 0);
  RC_ASSERT(n.efficiency <= 1);
  RC_ASSERT(n.duplicate <= n.visible);
}

// A claim that is false shrinks to the smallest image that shows it.
TEST(RandomImages, ShrinkToOneEntry) {
  const rc::Gen<ImageEntries> generator = RandomImage();
  const auto has_whiteout = [](const ImageEntries& image) {
    return Show(image).find(".wh.") != std::string::npos;
  };
  rc::Shrinkable<ImageEntries> worst = generator(rc::Random(1), rc::kNominalSize);
  for (uint64_t seed = 2; !has_whiteout(worst.value()); ++seed) {
    worst = generator(rc::Random(seed), rc::kNominalSize);
  }
  for (bool smaller = true; smaller;) {
    auto candidates = worst.shrinks();
    smaller = false;
    for (auto next = candidates.next(); next && !smaller; next = candidates.next()) {
      if (has_whiteout(next->value())) {
        worst = *next;
        smaller = true;
      }
    }
  }
  EXPECT_EQ(Show(worst.value()), "layer 0\n  0 \".wh.a\" mode 0644\n");
}

}  // namespace
}  // namespace fathom::testing
