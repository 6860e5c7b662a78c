// All that the explorer knows: what it looks at, and what it shows of it. Changed by update.h,
// drawn by view.h; both are plain functions, so everything can be tried without a terminal.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tui/key_map.h"
#include "tui/line_edit.h"
#include "tui/list_cursor.h"
#include "tui/pager.h"
#include "tui/subject.h"
#include "tui/theme.h"
#include "tui/tree_view.h"

namespace fathom::tui {

enum class Pane : uint8_t { kLayers, kLayerDetails, kImageDetails, kRemarks, kTree };
inline constexpr size_t kPaneCount = 5;

// What the tree shows, seen from the selected layer.
enum class Mode : uint8_t {
  kChanges,    // what the layer changed
  kAggregate,  // what all layers above the first, up to this one, changed
  kRange,      // what the layers from the marked one to this one changed
  kFinal,      // the file system after the last layer
};

// Which columns stand before the names of the tree.
enum class Attributes : uint8_t { kAll, kSizes, kNone };

// What a person has chosen once and for all.
struct Preferences {
  KeyMap keys;
  std::string theme = "auto";
  bool ascii = false;
  bool dive_layout = false;  // the tree as dive shows it
  double split = 0.45;       // the left column's part of the width
  bool fold_all = false;     // at the beginning
  Attributes attributes = Attributes::kAll;
  Mode mode = Mode::kChanges;
  bool hidden[4] =
      {};  // changes that the tree does not show at the beginning, of each tree::Change
};

// A place in the image: a path, and the layer to look at it from.
struct Place {
  tree::NodeId node = tree::kRoot;
  std::optional<size_t> layer;
};

// A line of a list or of details: pieces of text, and where it leads.
struct Span {
  std::string text;
  Role role = Role::kText;
};
struct TextLine {
  std::vector<Span> spans;
  std::optional<Place> place = {};
  std::string copy = {};  // what copying the line gives; "" is its text

  std::string Text() const;
};

// The lines of a pane of details, kept while nothing they are made of changes.
struct DetailLines {
  std::vector<TextLine> lines;
  size_t layer = 0;
  int columns = -1;
  uint64_t revision = 0;
};

// A list over the screen: what a search found, the history of a path, what a layer hid.
struct Overlay {
  std::string title;
  std::vector<TextLine> lines;
  ListCursor cursor;
  bool waiting = false;  // for what is to be listed
};

// What is being typed, and what for.
struct Prompt {
  enum class Purpose : uint8_t { kFilter, kFind, kExtract, kSearchContent };
  Purpose purpose;
  LineEdit edit;
  PathFilter before;      // the filter that was there, to go back to
  tree::NodeId node = 0;  // what is to be extracted
  size_t layer = 0;       // and as it was after which layer
};

// One line for the person, until the next key.
struct Notice {
  std::string text;
  bool failure = false;
};

struct FileShown {
  Place place;
  size_t layer = 0;  // as it was after this one
  Pager pager;
  bool compares = false;         // shows how two contents differ
  uint64_t wanted = UINT64_MAX;  // offset of the window that has been asked for
};

struct State {
  Size screen = {80, 24};
  Preferences preferences;
  Subject subject;

  Pane pane = Pane::kLayers;  // has the keys
  Pane details =
      Pane::kLayerDetails;  // the one below the layers that shows where there is room for one
  bool zoomed = false;
  bool dragging = false;  // the line between the columns

  ListCursor layers;
  Mode mode = Mode::kChanges;
  size_t marked_layer = 1;
  ListCursor lines[kPaneCount];           // of the panes of details
  DetailLines details_lines[kPaneCount];  // likewise

  TreeView tree;
  Attributes attributes = Attributes::kAll;
  bool wrap = false;
  PathFilter::Options filter_options;

  std::optional<Prompt> prompt;
  std::optional<Overlay> overlay;
  std::optional<FileShown> file;
  bool help = false;
  ListCursor help_lines;
  Notice notice;

  uint64_t ticket = 0;       // of the last job that was asked for
  uint64_t waiting_for = 0;  // the ticket whose answer is wanted; 0 for none
  std::string busy;          // what goes on meanwhile; "" for nothing
  bool quits = false;

  size_t layer() const { return layers.at(); }
  // Where keys go, but for what is typed into the prompt.
  Context context() const;
};

}  // namespace fathom::tui
