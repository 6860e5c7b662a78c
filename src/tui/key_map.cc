#include "tui/key_map.h"

#include <algorithm>
#include <array>

#include "base/nearest.h"

namespace fathom::tui {
namespace {

using enum Action;
using enum Context;

constexpr auto kInfos = std::to_array<ActionInfo>({
    {kQuit, kEverywhere, "quit", "q, ctrl+c", "quit", "leave"},
    {kHelp, kEverywhere, "help", "?, f1", "help", "this help"},
    {kNextPane, kEverywhere, "toggle-view", "tab", "pane", "between layers and tree"},
    {kPreviousPane, kEverywhere, "previous-view", "shift+tab", "", "to the pane before"},
    {kBack, kEverywhere, "close-filter-files", "esc", "", "close what is open; drop the filter"},
    {kSuspend, kEverywhere, "suspend", "ctrl+z", "", "put into the background"},

    {kUp, kEverywhere, "up", "up, k", "", "up"},
    {kDown, kEverywhere, "down", "down, j", "", "down"},
    {kLeft, kEverywhere, "left", "left, h", "",
     "in the tree to the directory above; else to the pane before"},
    {kRight, kEverywhere, "right", "right, l", "",
     "in the tree into the directory; else to the next pane"},
    {kPageUp, kEverywhere, "page-up", "pgup, u", "", "a page up"},
    {kPageDown, kEverywhere, "page-down", "pgdn, d", "", "a page down"},
    {kTop, kEverywhere, "top", "home, g", "", "to the first"},
    {kBottom, kEverywhere, "bottom", "end, G", "", "to the last"},
    {kOpen, kEverywhere, "open", "enter", "open",
     "open a file, fold a directory, go to what a list shows"},
    {kPreviousLayer, kEverywhere, "previous-layer", "[", "", "the layer before, from any pane"},
    {kNextLayer, kEverywhere, "next-layer", "]", "", "the next layer, from any pane"},

    {kShowChanges, kEverywhere, "show-changes", "1", "", "tree: what the layer changed"},
    {kShowAggregate, kEverywhere, "show-aggregate", "2", "",
     "tree: what all layers up to it changed"},
    {kShowRange, kEverywhere, "show-range", "3", "",
     "tree: what the layers from the mark to it changed"},
    {kShowFinal, kEverywhere, "show-final", "4", "", "tree: the final file system"},
    {kShowChanges, kLayers, "compare-layer", "ctrl+l, c", "layer changes",
     "what the layer changed"},
    {kShowAggregate, kLayers, "compare-all", "ctrl+a, a", "aggregated",
     "what all layers up to it changed"},
    {kMarkLayer, kLayers, "mark-layer", "v, space", "mark", "a range begins here"},
    {kListHidden, kLayers, "list-hidden", "W", "hid", "list what this layer hid of those below"},

    {kFilter, kEverywhere, "filter-files", "ctrl+f, ctrl+slash, /", "filter",
     "show paths that match only"},
    {kNextMatch, kEverywhere, "next-match", "n", "", "to the next match"},
    {kPreviousMatch, kEverywhere, "previous-match", "N", "", "to the match before"},
    {kFind, kEverywhere, "find", "s, ctrl+g", "find",
     "search all layers: what added, changed, removed it"},

    {kToggleFold, kTree, "toggle-collapse-dir", "space", "fold", "fold or unfold the directory"},
    {kToggleFoldAll, kTree, "toggle-collapse-all-dir", "ctrl+space, -", "",
     "fold or unfold all directories"},
    {kFoldMore, kTree, "collapse-more", "<", "", "fold one level more"},
    {kFoldLess, kTree, "collapse-less", ">", "", "unfold one level more"},
    {kParent, kTree, "parent", "p, backspace", "", "to the directory above"},
    {kToggleAdded, kTree, "toggle-added-files", "ctrl+a, A", "added", "show what was added or not"},
    {kToggleRemoved, kTree, "toggle-removed-files", "ctrl+r, R", "removed",
     "show what was removed or not"},
    {kToggleModified, kTree, "toggle-modified-files", "M", "modified",
     "show what was modified or not"},
    {kToggleUnmodified, kTree, "toggle-unmodified-files", "ctrl+u, U", "unmodified",
     "show what was not changed or not"},
    {kToggleAttributes, kTree, "toggle-filetree-attributes", "ctrl+b, b", "",
     "permissions, owner, size, waste: all, some, none"},
    {kToggleWrap, kTree, "toggle-wrap-tree", "ctrl+p, w", "", "names too long: cut or wrapped"},
    {kSort, kTree, "toggle-sort-order", "ctrl+o, o", "sort", "by name, size, waste, time"},
    {kView, kTree, "view-file", "v", "", "show the content of the file"},
    {kDiff, kTree, "diff-file", "D", "",
     "how the content differs from the layer before that had it"},
    {kHistory, kTree, "history", "H", "history", "what each layer did to the path"},
    {kExtract, kTree, "extract-file", "ctrl+e, e", "extract",
     "write the file or directory to a place"},
    {kExtractRoot, kTree, "extract-root", "E", "", "write the whole file system to a place"},
    {kPagerProgram, kTree, "open-pager", "P", "", "open the file in $PAGER"},
    {kCopyPath, kTree, "copy-path", "y", "", "copy the path to the clipboard"},

    {kCopyPath, kDetails, "copy-line", "y", "", "copy the line to the clipboard"},
    {kCopyPath, kList, "copy-found", "y", "", "copy the path to the clipboard"},

    {kToggleHex, kPager, "toggle-hex", "x", "hex", "text or bytes"},
    {kToggleWrap, kPager, "toggle-wrap", "w, ctrl+p", "wrap", "long lines: cut or wrapped"},
    {kToggleNumbers, kPager, "toggle-numbers", "#", "numbers", "line numbers"},
    {kPagerProgram, kPager, "pager-program", "P", "$PAGER", "open in $PAGER"},
    {kExtract, kPager, "extract-shown", "e, ctrl+e", "extract", "write the file to a place"},

    {kSplitLeft, kEverywhere, "split-left", "{, alt+left", "", "a narrower left column"},
    {kSplitRight, kEverywhere, "split-right", "}, alt+right", "", "a wider left column"},
    {kZoom, kEverywhere, "zoom", "z", "", "the pane that has the keys alone"},
    {kTheme, kEverywhere, "next-theme", "T", "", "other colours"},
});

Result<std::vector<Key>> ParseKeys(std::string_view text) {
  std::vector<Key> keys;
  while (true) {
    const size_t begin = text.find_first_not_of(' ');
    if (begin == std::string_view::npos) {
      return keys;
    }
    text.remove_prefix(begin);
    // A comma may be a key itself.
    const size_t comma = std::min(text.find(',', 1), text.size());
    const std::string_view name = text.substr(0, comma);
    TRY_ASSIGN(const Key key, ParseKey(name.substr(0, name.find_last_not_of(' ') + 1)));
    keys.push_back(key);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
}

}  // namespace

std::span<const ActionInfo> ActionInfos() { return kInfos; }

KeyMap::KeyMap() : keys_(kInfos.size()) {
  for (size_t i = 0; i < kInfos.size(); ++i) {
    if (auto keys = ParseKeys(kInfos[i].keys)) {
      Put(i, *std::move(keys));
    }
  }
}

void KeyMap::Put(size_t info, std::vector<Key> keys) {
  const Context context = kInfos[info].context;
  for (const Key& old : keys_[info]) {
    actions_.erase({context, old});
  }
  for (const Key& key : keys) {
    for (size_t other = 0; other < keys_.size(); ++other) {
      if (kInfos[other].context == context) {
        std::erase(keys_[other], key);
      }
    }
    actions_[{context, key}] = kInfos[info].action;
  }
  keys_[info] = std::move(keys);
}

Status KeyMap::Bind(std::string_view name, std::string_view keys) {
  const auto found = std::ranges::find(kInfos, name, &ActionInfo::name);
  if (found == kInfos.end()) {
    std::vector<std::string_view> names;
    names.reserve(kInfos.size());
    for (const ActionInfo& info : kInfos) {
      names.push_back(info.name);
    }
    return Fail(Code::kInvalidArgument, "'{}' is nothing that a key does{}", name,
                DidYouMean(name, names));
  }
  TRY_ASSIGN(std::vector<Key> parsed, ParseKeys(keys));
  Put(static_cast<size_t>(found - kInfos.begin()), std::move(parsed));
  return {};
}

std::optional<Action> KeyMap::Find(Context context, const Key& key) const {
  for (const Context place : {context, kEverywhere}) {
    if (const auto found = actions_.find({place, key}); found != actions_.end()) {
      return found->second;
    }
  }
  return std::nullopt;
}

std::vector<Key> KeyMap::KeysOf(const ActionInfo& info) const {
  return keys_[static_cast<size_t>(&info - kInfos.data())];
}

std::string KeyMap::KeyFor(Context context, Action action) const {
  for (const Context place : {context, kEverywhere}) {
    for (size_t i = 0; i < kInfos.size(); ++i) {
      if (kInfos[i].context != place || kInfos[i].action != action) {
        continue;
      }
      // A key for everywhere may mean something else here.
      const auto key = std::ranges::find_if(
          keys_[i], [&](const Key& one) { return Find(context, one) == action; });
      if (key != keys_[i].end()) {
        return KeyName(*key);
      }
    }
  }
  return "";
}

}  // namespace fathom::tui
