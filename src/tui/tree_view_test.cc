#include "tui/tree_view.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "analyze/image_fixture.h"

namespace fathom::tui {
namespace {

using testing::DirEntry;
using testing::FileEntry;

std::shared_ptr<const SortedTree> TreeOf(const testing::ImageEntries& layers) {
  auto analysis = analyze::AnalysisOf(layers);
  return std::make_shared<const SortedTree>(
      std::make_shared<const tree::FileTree>(std::move(analysis.tree)));
}

testing::ImageEntries Two() {
  return {{FileEntry("a/one", "1"), FileEntry("a/two", "22"), FileEntry("b/c/deep", "333"),
           FileEntry("z", "4444")},
          {FileEntry("a/.wh.one"), FileEntry("a/two", "two"), FileEntry("b/new", "55555")}};
}

std::vector<std::string> Names(const TreeView& view) {
  std::vector<std::string> names;
  for (size_t i = 0; i < view.size(); ++i) {
    names.emplace_back(view.tree()->name(view.row(i).node));
  }
  return names;
}
using Texts = std::vector<std::string>;

std::string Selected(const TreeView& view) {
  return view.selected() == nullptr ? "" : view.tree()->Path(view.selected()->node);
}

template <typename Change>
void Set(TreeView& view, Change change) {
  TreeSettings settings = view.settings();
  change(settings);
  view.Set(std::move(settings));
}

class ATree : public ::testing::Test {
 protected:
  void SetUp() override {
    tree = TreeOf(Two());
    view.SetHeight(20);
    view.Show(tree, {1, 1});
  }
  std::shared_ptr<const SortedTree> tree;
  TreeView view;
};

TEST_F(ATree, ShowsTheChangesOfALayer) {
  EXPECT_EQ(Names(view), (Texts{"a", "one", "two", "b", "c", "deep", "new", "z"}));
  EXPECT_EQ(view.row(1).change, tree::Change::kRemoved);
  EXPECT_EQ(view.row(2).change, tree::Change::kModified);
  EXPECT_EQ(view.row(6).change, tree::Change::kAdded);
  EXPECT_TRUE(view.IsLast(7));
  EXPECT_FALSE(view.IsLast(3));
  EXPECT_EQ(view.ParentOf(5), 4u);
  EXPECT_EQ(view.ParentOf(0), tree::kNone);
}

TEST_F(ATree, FoldsAndOpens) {
  view.ToggleFold();
  EXPECT_EQ(Names(view), (Texts{"a", "b", "c", "deep", "new", "z"}));
  EXPECT_TRUE(view.IsFolded(0));
  view.Open();
  EXPECT_EQ(Selected(view), "/a/one");
  EXPECT_TRUE(view.MoveToParent());
  EXPECT_FALSE(view.MoveToParent());
  view.FoldBelow(0);
  EXPECT_EQ(Names(view), (Texts{"a", "b", "z"}));
  view.FoldBelow(1);
  EXPECT_EQ(Names(view), (Texts{"a", "one", "two", "b", "c", "new", "z"}));
  view.FoldBelow(TreeView::kEveryDepth);
  EXPECT_EQ(view.size(), 8u);
}

TEST_F(ATree, FoldedDirectoriesAndCursorStayWhenTheLayerChanges) {
  view.ToggleFold();
  view.MoveBy(2);
  EXPECT_EQ(Selected(view), "/b/c");
  view.Show(tree, {0, 0});
  EXPECT_EQ(Names(view), (Texts{"a", "b", "c", "deep", "z"}));
  EXPECT_EQ(Selected(view), "/b/c");
}

TEST_F(ATree, TheCursorGoesToTheDirectoryOfWhatIsGone) {
  view.MoveTo(6);
  EXPECT_EQ(Selected(view), "/b/new");
  view.Show(tree, {0, 0});
  EXPECT_EQ(Selected(view), "/b");
}

TEST_F(ATree, HidesChangesButNotTheWayToOthers) {
  Set(view, [](TreeSettings& s) {
    s.hidden[static_cast<size_t>(tree::Change::kUnmodified)] = true;
    s.hidden[static_cast<size_t>(tree::Change::kModified)] = true;
  });
  EXPECT_EQ(Names(view), (Texts{"a", "one", "b", "new"}));
  EXPECT_TRUE(view.IsLast(1));
  EXPECT_TRUE(view.IsLast(2));
}

TEST_F(ATree, FiltersByTheWholePath) {
  Set(view, [](TreeSettings& s) { s.filter = PathFilter("^/a/", {}); });
  EXPECT_EQ(Names(view), (Texts{"a", "one", "two"}));
  EXPECT_EQ(view.matches(), 2u);
  EXPECT_FALSE(view.Matches(0));
  EXPECT_TRUE(view.Matches(1));
  EXPECT_TRUE(view.MoveToMatch(true));
  EXPECT_EQ(Selected(view), "/a/one");
  EXPECT_TRUE(view.MoveToMatch(true));
  EXPECT_TRUE(view.MoveToMatch(true));
  EXPECT_EQ(Selected(view), "/a/one");
  EXPECT_TRUE(view.MoveToMatch(false));
  EXPECT_EQ(Selected(view), "/a/two");
}

TEST_F(ATree, OrderStaysWhenTheLayerChanges) {
  Set(view, [](TreeSettings& s) { s.order = tree::Order::kSize; });
  EXPECT_EQ(Names(view), (Texts{"b", "new", "c", "deep", "z", "a", "two", "one"}));
  EXPECT_EQ(Selected(view), "/b") << "the cursor was at the top";
  view.Show(tree, {0, 0});
  EXPECT_EQ(Names(view), (Texts{"z", "a", "two", "one", "b", "c", "deep"}));
  view.MoveTo(2);
  Set(view, [](TreeSettings& s) { s.order = tree::Order::kName; });
  EXPECT_EQ(Selected(view), "/a/two");
}

TEST_F(ATree, FindsANodeBehindFoldedDirectories) {
  const tree::NodeId deep = view.row(5).node;
  view.FoldBelow(0);
  EXPECT_TRUE(view.MoveToNode(deep));
  EXPECT_EQ(Selected(view), "/b/c/deep");
  Set(view, [](TreeSettings& s) { s.filter = PathFilter("one", {}); });
  EXPECT_FALSE(view.MoveToNode(deep));
}

TEST_F(ATree, ScrollsSoThatTheCursorShows) {
  view.SetHeight(3);
  view.MoveBy(5);
  EXPECT_EQ(view.top(), 3u);
  view.MoveBy(100);
  EXPECT_EQ(view.cursor(), 7u);
  EXPECT_EQ(view.top(), 5u);
  view.ScrollBy(-100);
  EXPECT_EQ(view.top(), 0u);
  EXPECT_EQ(view.cursor(), 2u);
  view.MoveBy(-100);
  view.SetHeight(100);
  EXPECT_EQ(view.top(), 0u);
}

TEST(TreeView, IsEmptyWithoutATree) {
  TreeView view;
  view.MoveBy(1);
  view.PageBy(-1);
  view.ToggleFold();
  view.Open();
  EXPECT_FALSE(view.MoveToParent());
  EXPECT_FALSE(view.MoveToMatch(true));
  EXPECT_EQ(view.selected(), nullptr);
}

// The rows that show, found the slow way: path by path.
Texts Expected(const TreeView& view, const tree::FileTree& tree,
               const std::vector<tree::Row>& rows) {
  Texts paths;
  const TreeSettings& settings = view.settings();
  const auto shows = [&](const tree::Row& row) {
    return !settings.hidden[static_cast<size_t>(row.change)] &&
           (settings.filter.empty() || settings.filter.Matches(tree.Path(row.node)));
  };
  for (const tree::Row& row : rows) {
    const std::string path = tree.Path(row.node);
    const bool wanted = std::ranges::any_of(rows, [&](const tree::Row& other) {
      const std::string below = tree.Path(other.node);
      return shows(other) && (below == path || below.starts_with(path + "/"));
    });
    if (wanted) {
      paths.push_back(path);
    }
  }
  return paths;
}

RC_GTEST_PROP(TreeView, ShowsWhatMatchesAndTheWayToIt, ()) {
  const auto layers = *testing::RandomImage(8);
  const auto tree = TreeOf(layers);
  RC_PRE(tree->tree->layer_count() > 0);
  const size_t last = *rc::gen::inRange<size_t>(0, tree->tree->layer_count());
  const size_t first = *rc::gen::inRange<size_t>(0, last + 1);
  TreeView view;
  view.Show(tree, {first, last});
  Set(view, [](TreeSettings& s) {
    for (bool& hidden : s.hidden) {
      hidden = *rc::gen::arbitrary<bool>();
    }
    s.filter = PathFilter(*rc::gen::element<std::string>("", "a", "b", "/", "c$"), {});
  });
  Texts paths;
  for (size_t i = 0; i < view.size(); ++i) {
    paths.push_back(tree->tree->Path(view.row(i).node));
  }
  const auto rows = tree::List(*tree->tree, {first, last}, tree::Comparison::kExact);
  RC_ASSERT(paths == Expected(view, *tree->tree, rows));
}

}  // namespace
}  // namespace fathom::tui
