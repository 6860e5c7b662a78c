#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "base/units.h"
#include "tree/find.h"
#include "tree/lookup.h"
#include "tui/details.h"
#include "tui/update_parts.h"

namespace fathom::tui {
namespace {

using tree::Change;

void ToggleChange(State& state, Change change) {
  TreeSettings settings = state.tree.settings();
  bool& hidden = settings.hidden[static_cast<size_t>(change)];
  hidden = !hidden;
  Say(state, fmt::format("{} paths are {}", tree::ChangeName(change), hidden ? "hidden" : "shown"));
  state.tree.Set(std::move(settings));
}

void NextOrder(State& state) {
  constexpr std::string_view kNames[] = {"name", "size, largest first", "waste, most first",
                                         "time, newest first"};
  TreeSettings settings = state.tree.settings();
  const auto next = (static_cast<size_t>(settings.order) + 1) % std::size(kNames);
  settings.order = static_cast<tree::Order>(next);
  Say(state, fmt::format("sorted by {}", kNames[next]));
  state.tree.Set(std::move(settings));
}

void FoldByDepth(State& state, int step) {
  const uint32_t deepest = state.tree.deepest();
  const uint32_t now = std::min(state.tree.fold_depth(), deepest);
  const uint32_t depth = step < 0 ? now - std::min(now, 1u) : now + 1;
  state.tree.FoldBelow(depth >= deepest ? TreeView::kEveryDepth : depth);
  Say(state, depth >= deepest ? "all directories are open"
                              : fmt::format("open down to depth {}", depth + 1));
}

// Where a symbolic link leads, in the file system that is shown.
void FollowLink(State& state, const tree::Row& row, Effects& effects) {
  const tree::FileTree& tree = *state.tree.tree();
  const size_t layer =
      row.change == Change::kRemoved ? row.version->layer : state.tree.range().last;
  const auto node = tree::LookUp(tree, tree.Path(row.node), layer, tree::LastLink::kFollow);
  if (node) {
    GoTo(state, {*node, std::nullopt}, effects);
  } else {
    Complain(state, node.error().message);
  }
}

// Files can be read as soon as the layers below are known.
bool CanRead(State& state) {
  if (state.tree.selected() == nullptr) {
    return false;
  }
  if (state.subject.tree == nullptr || state.tree.tree() != state.subject.tree->tree.get()) {
    Complain(state, "the layers below are still being read; contents can be had after that");
    return false;
  }
  return true;
}

// The layer after which the row's path was as it is shown.
size_t LayerOf(const State& state, const tree::Row& row) {
  const tree::Range range = state.tree.range();
  if (row.change != Change::kRemoved) {
    return range.last;
  }
  return row.version->layer < range.first ? range.first - 1 : row.version->layer;
}

const tree::Row* SelectedFile(State& state) {
  if (!CanRead(state)) {
    return nullptr;
  }
  const tree::Row& row = *state.tree.selected();
  if (row.version->state == tree::State::kFile && row.version->inode != tree::kNone) {
    return &row;
  }
  const std::string name = Printable(state.tree.tree()->name(row.node));
  Complain(state, row.version->state == tree::State::kDirectory
                      ? fmt::format("{} is a directory", name)
                      : fmt::format("{} has no content of its own", name));
  return nullptr;
}

// The version before that held something else, as a layer; none when there is no such.
std::optional<size_t> LayerBefore(const tree::FileTree& tree, const tree::Version& version) {
  for (const tree::Version* before = tree.Previous(version); before != nullptr;
       before = tree.Previous(*before)) {
    if (before->state == tree::State::kFile && before->inode != tree::kNone) {
      return before->layer;
    }
  }
  return std::nullopt;
}

// What the file's content is compared with, as a layer: where the tree shows the change of several
// layers the content before them, else the one that the layer's took the place of.
std::optional<size_t> LayerToCompare(const State& state, const tree::Row& row) {
  const tree::FileTree& tree = *state.tree.tree();
  const tree::Range range = state.tree.range();
  if (range.first > 0 && range.first < range.last) {
    const tree::Version* before = tree.VersionAt(row.node, range.first - 1);
    const bool has_content = before != nullptr && before->state == tree::State::kFile &&
                             before->inode != tree::kNone && before != row.version;
    return has_content ? std::optional(range.first - 1) : std::nullopt;
  }
  return LayerBefore(tree, *row.version);
}

void Compare(State& state, Effects& effects) {
  const tree::Row* row = SelectedFile(state);
  if (row == nullptr) {
    return;
  }
  const auto old_layer = LayerToCompare(state, *row);
  if (!old_layer) {
    Say(state, "no layer below has another content of it to compare with");
    return;
  }
  const size_t layer = row->version->layer;
  const std::string title =
      fmt::format("{}  after layer {}, against layer {}",
                  Printable(state.tree.tree()->Path(row->node)), layer, *old_layer);
  state.file = FileShown{{row->node, layer}, layer, Pager(title)};
  state.file->compares = true;
  effects.emplace_back(CompareContents{NewTicket(state, "comparing"), state.subject.tree, row->node,
                                       *old_layer, layer});
}

void BeginExtract(State& state, tree::NodeId node, size_t layer) {
  BeginPrompt(state, Prompt::Purpose::kExtract, ".");
  state.prompt->node = node;
  state.prompt->layer = layer;
}

bool PressFolds(State& state, Action action) {
  TreeView& tree = state.tree;
  switch (action) {
    case Action::kLeft:
    case Action::kParent:
      tree.MoveToParent();
      return true;
    case Action::kRight:
      tree.Open();
      return true;
    case Action::kToggleFold:
      tree.ToggleFold();
      return true;
    case Action::kToggleFoldAll:
      tree.FoldBelow(tree.fold_depth() == 0 ? TreeView::kEveryDepth : 0);
      return true;
    case Action::kFoldMore:
      FoldByDepth(state, -1);
      return true;
    case Action::kFoldLess:
      FoldByDepth(state, 1);
      return true;
    default:
      return false;
  }
}

bool PressLooks(State& state, Action action) {
  switch (action) {
    case Action::kToggleAdded:
      ToggleChange(state, Change::kAdded);
      return true;
    case Action::kToggleRemoved:
      ToggleChange(state, Change::kRemoved);
      return true;
    case Action::kToggleModified:
      ToggleChange(state, Change::kModified);
      return true;
    case Action::kToggleUnmodified:
      ToggleChange(state, Change::kUnmodified);
      return true;
    case Action::kToggleAttributes:
      state.attributes = static_cast<Attributes>((static_cast<int>(state.attributes) + 1) % 3);
      return true;
    case Action::kToggleWrap:
      state.wrap = !state.wrap;
      return true;
    case Action::kSort:
      NextOrder(state);
      return true;
    default:
      return false;
  }
}

bool PressFiles(State& state, Action action, Effects& effects) {
  const tree::Row* row = state.tree.selected();
  switch (action) {
    case Action::kOpen:
      if (row == nullptr) {
      } else if (row->version->state == tree::State::kDirectory) {
        state.tree.ToggleFold();
      } else if (row->version->state == tree::State::kSymlink) {
        FollowLink(state, *row, effects);
      } else {
        OpenFile(state, effects);
      }
      return true;
    case Action::kView:
      OpenFile(state, effects);
      return true;
    case Action::kDiff:
      Compare(state, effects);
      return true;
    case Action::kHistory:
      ListHistory(state);
      return true;
    case Action::kExtract:
      if (CanRead(state)) {
        BeginExtract(state, row->node, LayerOf(state, *row));
      }
      return true;
    case Action::kExtractRoot:
      if (CanRead(state)) {
        BeginExtract(state, tree::kRoot, state.tree.range().last);
      }
      return true;
    case Action::kPagerProgram:
      if (const tree::Row* file = SelectedFile(state)) {
        effects.emplace_back(OpenInPager{NewTicket(state, "reading"), state.subject.tree,
                                         file->node, LayerOf(state, *file)});
      }
      return true;
    case Action::kCopyPath:
      if (row != nullptr) {
        effects.emplace_back(CopyText{state.tree.tree()->Path(row->node)});
        Say(state, "the path was copied");
      }
      return true;
    default:
      return false;
  }
}

}  // namespace

bool PressInTree(State& state, Action action, Effects& effects) {
  return PressFolds(state, action) || PressLooks(state, action) ||
         PressFiles(state, action, effects);
}

void OpenFile(State& state, Effects& effects) {
  const tree::Row* row = SelectedFile(state);
  if (row == nullptr) {
    return;
  }
  const size_t layer = LayerOf(state, *row);
  state.file =
      FileShown{{row->node, layer}, layer, Pager(Printable(state.tree.tree()->Path(row->node)))};
  state.file->wanted = 0;
  effects.emplace_back(
      ShowContent{NewTicket(state, "reading"), state.subject.tree, row->node, layer, 0});
}

// What each layer did to the path under the cursor.
void ListHistory(State& state) {
  const tree::Row* row = state.tree.selected();
  if (row == nullptr) {
    return;
  }
  const tree::FileTree& tree = *state.tree.tree();
  Overlay overlay;
  overlay.title = "History of " + Printable(tree.Path(row->node));
  for (const tree::Touch& touch : tree::Touches(tree, row->node)) {
    overlay.lines.push_back(
        {{{fmt::format("layer {:<4} ", touch.layer), Role::kText},
          {fmt::format("{:<11}", tree::ChangeName(touch.change)), RoleOf(touch.change)},
          {fmt::format("{:>10}  ", HumanBytes(touch.bytes)), Role::kText},
          {ShortInstruction(state, touch.layer), Role::kFaint}},
         Place{row->node, touch.layer}});
  }
  state.overlay = std::move(overlay);
}

// What the selected layer hid of what lower ones, or itself, had stored.
void ListHidden(State& state) {
  if (!state.subject.complete()) {
    Say(state, "the layers are still being read");
    return;
  }
  const tree::FileTree& tree = state.subject.analysis->tree;
  Overlay overlay;
  overlay.title = fmt::format("Hidden by layer {}: {}", state.layer(),
                              HumanBytes(tree.numbers(state.layer()).hidden_bytes));
  std::vector<tree::Waste> hidden;
  std::ranges::copy_if(tree.waste(), std::back_inserter(hidden),
                       [&](const tree::Waste& waste) { return waste.hidden_by == state.layer(); });
  const auto bytes = [&](const tree::Waste& waste) {
    return tree.size(tree.inodes()[waste.inode]);
  };
  std::ranges::stable_sort(hidden, std::greater<>(), bytes);
  hidden.resize(std::min(hidden.size(), ImageFacts::kMostLost));
  for (const tree::Waste& waste : hidden) {
    overlay.lines.push_back(
        {{{fmt::format("{:>10}  ", HumanBytes(bytes(waste))), Role::kWaste},
          {fmt::format("{:<10} ", tree::CauseName(waste.cause)), Role::kHeading},
          {fmt::format("of layer {:<4} ", tree.inodes()[waste.inode].layer), Role::kFaint},
          {tree.Path(waste.node), Role::kText}},
         Place{waste.node, waste.hidden_by},
         tree.Path(waste.node)});
  }
  state.overlay = std::move(overlay);
}

}  // namespace fathom::tui
