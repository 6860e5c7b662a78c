// Whatever is pressed, clicked, pasted and resized: the explorer stays within its bounds. The
// number of events is 20,000 for each image, or what FATHOM_RANDOM_KEYS says; scripts/nightly has a
// million.
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "tui/stage_fixture.h"

namespace fathom::tui {
namespace {

using testing::DirEntry;
using testing::FileEntry;
using testing::HardLinkEntry;
using testing::SymlinkEntry;

testing::ImageEntries Plain() {
  testing::ImageEntries layers = {
      {DirEntry("etc/"), FileEntry("etc/passwd", "root\nme\n"),
       FileEntry("usr/bin/tool", std::string("\x7f"
                                             "ELF\2\1\1",
                                             7)),
       SymlinkEntry("bin", "usr/bin"), HardLinkEntry("usr/bin/same", "usr/bin/tool")},
      {FileEntry("etc/passwd", "root\nyou\n"), FileEntry("usr/bin/.wh.tool")}};
  for (int i = 0; i < 60; ++i) {
    layers[1].push_back(FileEntry(fmt::format("srv/{}/{}", i % 7, i), std::string(i * 100, 'x')));
  }
  return layers;
}

testing::ImageEntries Hostile() {
  testing::ImageEntries layers = {
      {FileEntry("a\x1b[2J\x1b]0;x\a", "x"), FileEntry("right\u202eleft", "y"),
       FileEntry("new\nline/\xff\xfe", std::string(5000, '\0')),
       FileEntry(std::string(200, 'w') + "/" + std::string(250, 'x'),
                 "\x1b[31mred\x1b]52;c;eA==\a"),
       FileEntry("\xe6\x97\xa5\xe6\x9c\xac/\xe8\xaa\x9e", "\xe6\x97\xa5\n"),
       FileEntry("e\xcc\x81\xcc\x82\xcc\x83\xcc\x84", ""), SymlinkEntry("loop", "loop"),
       SymlinkEntry("away", "../../../x\x1b[H")}};
  std::string deep = "d";
  for (int i = 0; i < 300; ++i) {
    deep += "/d";
  }
  layers[0].push_back(FileEntry(deep, "deep"));
  layers.push_back({FileEntry("new\nline/.wh..wh..opq"), FileEntry("new\nline/z", "z")});
  return layers;
}

testing::ImageEntries Empty() { return {{}, {DirEntry("only/")}, {}}; }

class RandomEvents {
 public:
  explicit RandomEvents(unsigned seed) : random_(seed) {
    const KeyMap keys;
    for (const ActionInfo& info : ActionInfos()) {
      for (const Key& key : keys.KeysOf(info)) {
        if (info.action != Action::kQuit) {
          keys_.push_back(key);
        }
      }
    }
  }

  Event Next(Size screen) {
    const int kind = Below(100);
    if (kind < 80) {
      return keys_[static_cast<size_t>(Below(static_cast<int>(keys_.size())))];
    }
    if (kind < 90) {
      return MakeKey(static_cast<char32_t>(0x20 + Below(0x5f)));
    }
    if (kind < 96) {
      return Mouse{static_cast<Mouse::Kind>(Below(5)),
                   1,
                   {Below(screen.columns + 2), Below(screen.rows + 2)}};
    }
    if (kind < 98) {
      return Paste{"etc\n/\x1b[2J."};
    }
    return Below(4) == 0 ? Resized{{Below(8), Below(6)}}
                         : Resized{{20 + Below(180), 6 + Below(60)}};
  }

 private:
  int Below(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }

  std::mt19937 random_;
  std::vector<Key> keys_;
};

void CheckScreen(const State& state) {
  const Canvas canvas = Draw(state);
  ASSERT_EQ(canvas.size(),
            (Size{std::max(state.screen.columns, 0), std::max(state.screen.rows, 0)}));
  for (int y = 0; y < canvas.size().rows; ++y) {
    int columns = 0;
    for (int x = 0; x < canvas.size().columns; ++x) {
      const Cell& cell = canvas.at(x, y);
      columns += cell.width;
      for (const char32_t code : cell.text) {
        ASSERT_TRUE(code == 0 || code >= 0x20) << "a control character";
        ASSERT_FALSE(code >= 0x7f && code < 0xa0) << "a control character";
        ASSERT_FALSE(code >= 0x202a && code <= 0x202e) << "turns the direction of text";
      }
    }
    ASSERT_EQ(columns, canvas.size().columns);
  }
  if (canvas.has_cursor()) {
    ASSERT_LT(canvas.cursor().x, std::max(canvas.size().columns, 1));
    ASSERT_LT(canvas.cursor().y, std::max(canvas.size().rows, 1));
  }
}

void CheckState(const State& state) {
  ASSERT_TRUE(state.tree.size() == 0 || state.tree.cursor() < state.tree.size());
  ASSERT_LE(state.tree.top(), state.tree.cursor());
  ASSERT_TRUE(state.subject.layers.empty() || state.layer() < state.subject.layers.size());
  ASSERT_GE(state.preferences.split, 0.1);
  ASSERT_LE(state.preferences.split, 0.9);
  ASSERT_FALSE(state.quits);
}

long Events() {
  const char* text = std::getenv("FATHOM_RANDOM_KEYS");
  return text == nullptr ? 20'000 : std::strtol(text, nullptr, 10);
}

void PressAtRandom(const testing::ImageEntries& layers, unsigned seed,
                   Preferences preferences = {}) {
  Stage stage(testing::DockerArchive(analyze::SpecOf(layers), testing::DockerDialect::kDocker25),
              std::move(preferences));
  RandomEvents random(seed);
  const long events = Events();
  for (long i = 0; i < events; ++i) {
    SCOPED_TRACE(fmt::format("event {} of seed {}", i, seed));
    stage.Take(random.Next(stage.state.screen));
    stage.state.quits = false;  // q is typed, too
    CheckState(stage.state);
    CheckScreen(stage.state);
    if (::testing::Test::HasFatalFailure()) {
      return;
    }
  }
}

TEST(RandomKeys, OnAPlainImage) { PressAtRandom(Plain(), 1); }

TEST(RandomKeys, OnHostileNames) { PressAtRandom(Hostile(), 2); }

TEST(RandomKeys, OnHardlyAnything) {
  Preferences preferences;
  preferences.dive_layout = true;
  PressAtRandom(Empty(), 3, std::move(preferences));
}

}  // namespace
}  // namespace fathom::tui
