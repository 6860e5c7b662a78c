// dive's own view-model tests, on the tree in dive's layout: on an image of the same shape, and on
// dive's where FATHOM_DIVE_GOLDEN names the folder that has it.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "analyze/image_fixture.h"
#include "tui/view.h"

namespace fathom::tui {
namespace {

using testing::DirEntry;
using testing::FileEntry;
using testing::HardLinkEntry;
using testing::SymlinkEntry;
using testing::TarEntry;

TarEntry Owned(TarEntry entry, uint32_t id) {
  entry.uid = id;
  entry.gid = id;
  return entry;
}

// As dive's test image is built: a small base, then files copied, moved, removed and made again.
testing::ImageEntries Layers() {
  const std::string some(6405, 's');
  std::vector<TarEntry> base = {DirEntry("bin/"),
                                FileEntry("bin/[", std::string(1'075'464, 'b'), 0755)};
  for (const char* name :
       {"[[",   "acpid",   "arch",  "arp",  "ash",   "awk",   "base64", "basename",
        "beep", "cal",     "cat",   "chat", "chmod", "chown", "clear",  "cmp",
        "comm", "cp",      "cpio",  "cut",  "date",  "dc",    "dd",     "df",
        "diff", "dirname", "dmesg", "du",   "echo",  "ed",    "env"}) {
    base.push_back(HardLinkEntry(std::string("bin/") + name, "bin/["));
  }
  for (TarEntry& entry : std::vector<TarEntry>{
           DirEntry("dev/"), DirEntry("etc/"), FileEntry("etc/group", std::string(307, 'g'), 0664),
           FileEntry("etc/localtime", std::string(127, 'l')), DirEntry("etc/network/"),
           DirEntry("etc/network/if-down.d/"), DirEntry("etc/network/if-up.d/"),
           FileEntry("etc/passwd", std::string(340, 'p')),
           FileEntry("etc/shadow", std::string(243, 's'), 0600), Owned(DirEntry("home/"), 65534),
           DirEntry("root/", 0700), DirEntry("tmp/", 01777), DirEntry("usr/"),
           Owned(DirEntry("usr/sbin/"), 1), DirEntry("var/"), DirEntry("var/spool/"),
           Owned(DirEntry("var/spool/mail/"), 8), DirEntry("var/www/")}) {
    base.push_back(std::move(entry));
  }
  return {base,
          {FileEntry("somefile.txt", some, 0664)},
          {DirEntry("root/", 0700), DirEntry("root/example/"), DirEntry("root/example/really/"),
           DirEntry("root/example/really/nested/")},
          {FileEntry("root/example/somefile1.txt", some)},
          {FileEntry("root/example/somefile1.txt", some, 0444)},
          {FileEntry("root/example/somefile2.txt", some)},
          {FileEntry("root/example/somefile3.txt", some)},
          {FileEntry("root/example/.wh.somefile3.txt"), FileEntry("root/saved.txt", some)},
          {FileEntry("root/.saved.txt", some)},
          {FileEntry("root/.wh.example")},
          {DirEntry("root/.data/"), FileEntry("root/.data/tag.sh", std::string(917, 't'), 0775)},
          {DirEntry("tmp/", 01777), FileEntry("tmp/saved.again1.txt", some)},
          {FileEntry("root/.data/saved.again2.txt", some)},
          {FileEntry("root/saved.txt", some, 0755)}};
}

class Screen {
 public:
  explicit Screen(std::shared_ptr<const SortedTree> tree) : tree_(std::move(tree)) {
    Set([](TreeSettings& settings) {
      settings.comparison = tree::Comparison::kClassic;
      settings.as_dive = true;
    });
    Show(0, 0);
    view.SetHeight(1000);
  }

  void Show(size_t first, size_t last) { view.Show(tree_, {first, last}); }

  template <typename Change>
  void Set(Change change) {
    TreeSettings settings = view.settings();
    change(settings);
    view.Set(std::move(settings));
  }
  void Hide(std::initializer_list<tree::Change> changes) {
    Set([&](TreeSettings& settings) {
      for (const tree::Change change : changes) {
        settings.hidden[static_cast<size_t>(change)] = true;
      }
    });
  }
  void Filter(const char* text) {
    Set([&](TreeSettings& settings) { settings.filter = PathFilter(text, {}); });
  }

  // As dive's tests write a screen: each row, then one more line.
  std::string Text() const {
    std::string text;
    for (const TextLine& line : TreeLines(view, view.height(), attributes, true)) {
      text += line.Text() + "\n";
    }
    return text + "\n";
  }

  TreeView view;
  Attributes attributes = Attributes::kAll;

 private:
  std::shared_ptr<const SortedTree> tree_;
};

void FoldBin(Screen& screen) { screen.view.ToggleFold(); }

struct Scenario {
  const char* name;
  void (*act)(Screen& screen);
};

const Scenario kScenarios[] = {
    {"TestFileTreeGoCase", [](Screen&) {}},
    {"TestFileTreeNoAttributes", [](Screen& s) { s.attributes = Attributes::kNone; }},
    {"TestFileTreeRestrictedHeight",
     [](Screen& s) {
       s.attributes = Attributes::kNone;
       s.view.SetHeight(21);
     }},
    {"TestFileTreeDirCollapse",
     [](Screen& s) {
       FoldBin(s);
       s.view.MoveBy(2);
       s.view.ToggleFold();
     }},
    {"TestFileTreeDirCollapseAll", [](Screen& s) { s.view.FoldBelow(0); }},
    {"TestFileTreeSelectLayer",
     [](Screen& s) {
       FoldBin(s);
       s.Show(1, 1);
     }},
    {"TestFileShowAggregateChanges",
     [](Screen& s) {
       FoldBin(s);
       s.Show(1, 13);
     }},
    {"TestFileTreePageDown",
     [](Screen& s) {
       s.view.SetHeight(10);
       for (int page = 0; page < 3; ++page) {
         s.view.PageBy(1);
       }
     }},
    {"TestFileTreePageUp",
     [](Screen& s) {
       s.view.SetHeight(10);
       for (int page = 0; page < 3; ++page) {
         s.view.PageBy(1);
       }
       s.view.PageBy(-1);
       s.view.PageBy(-1);
     }},
    {"TestFileTreeDirCursorRight",
     [](Screen& s) {
       FoldBin(s);
       s.view.MoveBy(2);
       s.view.ToggleFold();
       s.view.Open();
       EXPECT_EQ(s.view.cursor(), 3u);  // the first of its children
     }},
    {"TestFileTreeFilterTree", [](Screen& s) { s.Filter("network"); }},
    {"TestFileTreeHideAddedRemovedModified",
     [](Screen& s) {
       FoldBin(s);
       s.Show(1, 7);
       s.Hide({tree::Change::kAdded, tree::Change::kRemoved, tree::Change::kModified});
     }},
    {"TestFileTreeHideUnmodified",
     [](Screen& s) {
       s.Show(1, 7);
       s.Hide({tree::Change::kUnmodified});
     }},
    {"TestFileTreeHideTypeWithFilter",
     [](Screen& s) {
       s.Show(1, 7);
       s.Hide({tree::Change::kUnmodified});
       s.Filter("network");
     }},
};

std::string ReadText(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::shared_ptr<const SortedTree> TreeOf(analyze::Analysis analysis) {
  return std::make_shared<const SortedTree>(
      std::make_shared<const tree::FileTree>(std::move(analysis.tree)));
}

// The texts in tests/data/viewmodel were read through row by row against the layers above and the
// rules that dive's own screens follow.
TEST(DiveLayout, IsThatOfDiveOnAnImageOfTheSameShape) {
  const auto tree = TreeOf(analyze::AnalysisOf(Layers()));
  for (const Scenario& scenario : kScenarios) {
    SCOPED_TRACE(scenario.name);
    Screen screen(tree);
    scenario.act(screen);
    EXPECT_EQ(screen.Text(),
              ReadText(std::string(FATHOM_TEST_DATA "/viewmodel/") + scenario.name + ".txt"));
  }
}

TEST(DiveLayout, IsThatOfDiveOnItsOwnImage) {
  const char* folder = std::getenv("FATHOM_DIVE_GOLDEN");
  if (folder == nullptr) {
    GTEST_SKIP() << "FATHOM_DIVE_GOLDEN does not name the folder of dive's images";
  }
  const std::string golden = folder;
  auto analysis = analyze::AnalyzeArchive(ReadText(golden + "/test-docker-image.tar"));
  ASSERT_TRUE(analysis) << analysis.error().message;
  const auto tree = TreeOf(*std::move(analysis));
  for (const Scenario& scenario : kScenarios) {
    SCOPED_TRACE(scenario.name);
    Screen screen(tree);
    scenario.act(screen);
    EXPECT_EQ(screen.Text(), ReadText(golden + "/expected/viewmodel/" + scenario.name + ".txt"));
  }
}

}  // namespace
}  // namespace fathom::tui
