// What keys mean: the table of all actions, from which the help screen is made, and the keys that a
// person has chosen for them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "tui/input_event.h"

namespace fathom::tui {

// Where a key was pressed. A key means what it means there, else what it means everywhere.
enum class Context : uint8_t { kEverywhere, kLayers, kTree, kDetails, kList, kPager };

enum class Action : uint8_t {
  kQuit,
  kSuspend,
  kHelp,
  kNextPane,
  kPreviousPane,
  kBack,
  kUp,
  kDown,
  kLeft,
  kRight,
  kPageUp,
  kPageDown,
  kTop,
  kBottom,
  kOpen,
  kPreviousLayer,
  kNextLayer,
  kShowChanges,
  kShowAggregate,
  kShowRange,
  kShowFinal,
  kMarkLayer,
  kListHidden,
  kFilter,
  kFind,
  kNextMatch,
  kPreviousMatch,
  kToggleFold,
  kToggleFoldAll,
  kFoldMore,
  kFoldLess,
  kParent,
  kToggleAdded,
  kToggleRemoved,
  kToggleModified,
  kToggleUnmodified,
  kToggleAttributes,
  kToggleWrap,
  kSort,
  kView,
  kDiff,
  kHistory,
  kExtract,
  kExtractRoot,
  kPagerProgram,
  kCopyPath,
  kToggleHex,
  kToggleNumbers,
  kSplitLeft,
  kSplitRight,
  kZoom,
  kTheme,
};

struct ActionInfo {
  Action action;
  Context context;
  std::string_view name;  // in settings: dive's, where dive has it
  std::string_view keys;  // by default, with commas between
  std::string_view hint;  // one word for the status line; "" when it is not shown there
  std::string_view help;  // a few words for the help screen
};

// In the order of the help screen. An action may be there for several contexts, with other keys;
// its name is then the same or not.
std::span<const ActionInfo> ActionInfos();

// A value. Immutable but for Bind().
class KeyMap {
 public:
  KeyMap();  // the defaults

  // Gives the action of this name other keys, "ctrl+a, x"; "" leaves it without any. A key that
  // another action had in the same place goes over to this one. Errors: kInvalidArgument with the
  // nearest name, or what is no key.
  Status Bind(std::string_view name, std::string_view keys);

  std::optional<Action> Find(Context context, const Key& key) const;
  // The keys of a row of ActionInfos(), the preferred one first.
  std::vector<Key> KeysOf(const ActionInfo& info) const;
  // The first key that does this in the context, to be shown; "" when there is none.
  std::string KeyFor(Context context, Action action) const;

 private:
  void Put(size_t info, std::vector<Key> keys);

  std::vector<std::vector<Key>> keys_;  // of each row of ActionInfos()
  std::map<std::pair<Context, Key>, Action> actions_;
};

}  // namespace fathom::tui
