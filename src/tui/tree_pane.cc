// The file tree: attributes, branches and names of the rows that fit on the screen.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "base/units.h"
#include "report/tree_text.h"
#include "tree/find.h"
#include "tui/details.h"
#include "tui/text_width.h"
#include "tui/view.h"
#include "tui/view_parts.h"

namespace fathom::tui {
namespace {

using tree::Row;

// The branches that lead to a row: "│   ├── ". A folded directory has a mark for its branch.
std::string Branches(const TreeView& view, size_t index) {
  const bool last = view.IsLast(index);
  const bool folded = view.IsFolded(index);
  std::string text = last ? (folded ? "└─⊕ " : "└── ") : (folded ? "├─⊕ " : "├── ");
  // Deep paths of hostile images are cut off at the screen's side anyway.
  constexpr uint32_t kMostLevels = 200;
  const uint32_t depth = view.row(index).depth;
  std::string levels;
  size_t at = index;
  for (uint32_t level = depth; level > 0; --level) {
    at = view.ParentOf(at);
    if (level <= kMostLevels) {
      levels.insert(0, view.IsLast(at) ? "    " : "│   ");
    }
  }
  return levels + text;
}

std::string Owner(const layer::Entry* entry, const char* unknown) {
  return entry == nullptr ? unknown : fmt::format("{}:{}", entry->uid, entry->gid);
}

Role NameRole(const tree::FileTree& tree, const Row& row) {
  if (row.change != tree::Change::kUnmodified) {
    return RoleOf(row.change);
  }
  switch (tree::TypeLetter(tree, *row.version)) {
    case 'd':
      return Role::kDirectory;
    case 'l':
      return Role::kLink;
    case 'f':
      return Role::kText;
    default:
      return Role::kSpecial;
  }
}

std::string SignOf(tree::Change change) {
  constexpr std::string_view kSigns = " ~+-";  // of each tree::Change; not by colour alone
  return std::string(1, kSigns[static_cast<size_t>(change)]);
}

TextLine DiveLine(const TreeView& view, size_t index, Attributes attributes) {
  const Row& row = view.row(index);
  const tree::FileTree& tree = *view.tree();
  const layer::Entry* own = tree.OwnEntry(*row.version);
  TextLine line;
  if (attributes != Attributes::kNone) {
    const char type = row.version->state == tree::State::kDirectory ? 'd' : '-';
    line.spans.push_back({fmt::format("{} {:>11} {:>10}  ", report::Permissions(own, type),
                                      Owner(own, "0:0"), HumanBytes(view.BytesOf(index))),
                          RoleOf(row.change)});
  }
  line.spans.push_back({Branches(view, index), Role::kText});
  line.spans.push_back({report::NameAndTarget(tree, row.node, *row.version), RoleOf(row.change)});
  return line;
}

TextLine Line(const TreeView& view, size_t index, Attributes attributes) {
  const Row& row = view.row(index);
  const tree::FileTree& tree = *view.tree();
  const layer::Entry* entry = tree.Metadata(*row.version);
  const bool changed = row.change != tree::Change::kUnmodified;
  const Role faint = changed ? RoleOf(row.change) : Role::kFaint;
  TextLine line;
  line.spans.push_back({SignOf(row.change), RoleOf(row.change)});
  if (attributes == Attributes::kAll) {
    const char letter = tree::TypeLetter(tree, *row.version);
    line.spans.push_back(
        {fmt::format("{} {:>11} ", report::Permissions(entry, letter == 'f' ? '-' : letter),
                     Owner(entry, "-")),
         faint});
  }
  if (attributes != Attributes::kNone) {
    line.spans.push_back({fmt::format("{:>8} ", HumanBytes(row.bytes)), faint});
    line.spans.push_back(
        {fmt::format("{:>8} ", row.wasted_bytes == 0 ? "" : HumanBytes(row.wasted_bytes)),
         Role::kWaste});
  }
  line.spans.push_back({Branches(view, index), Role::kFaint});
  const Role role = view.Matches(index) ? Role::kMatch : NameRole(tree, row);
  line.spans.push_back({report::NameAndTarget(tree, row.node, *row.version), role});
  return line;
}

TextLine Heading(Attributes attributes, bool dive) {
  if (dive) {
    return {
        {{attributes == Attributes::kNone ? "Filetree"
                                          : fmt::format("{:<10} {:>11} {:>10}  {}", "Permission",
                                                        "UID:GID", "Size", "Filetree"),
          Role::kHeading}}};
  }
  std::string text = " ";
  if (attributes == Attributes::kAll) {
    text += fmt::format("{:<10} {:>11} ", "mode", "uid:gid");
  }
  if (attributes != Attributes::kNone) {
    text += fmt::format("{:>8} {:>8} ", "size", "waste");
  }
  return {{{text + "path", Role::kHeading}}};
}

std::string Note(const State& state) {
  const TreeSettings& settings = state.tree.settings();
  std::string note;
  for (const tree::Change change : {tree::Change::kAdded, tree::Change::kRemoved,
                                    tree::Change::kModified, tree::Change::kUnmodified}) {
    if (settings.hidden[static_cast<size_t>(change)]) {
      note += fmt::format("no {}, ", tree::ChangeName(change));
    }
  }
  constexpr std::string_view kOrders[] = {"", "by size, ", "by waste, ", "by time, "};
  note += kOrders[static_cast<size_t>(settings.order)];
  if (!settings.filter.empty()) {
    note += fmt::format("{} match, ", state.tree.matches());
  }
  if (state.tree.size() > 0) {
    note += fmt::format("{} of {}", state.tree.cursor() + 1, state.tree.size());
  }
  return note;
}

// Why there is no tree to show.
std::string Absence(const State& state) {
  const Subject& subject = state.subject;
  if (!subject.failure.empty()) {
    return subject.failure;
  }
  if (subject.image != nullptr && subject.layers.empty()) {
    return "the image has no layers";
  }
  if (state.tree.tree() != nullptr) {
    return state.tree.settings().filter.empty() ? "nothing to show" : "nothing matches the filter";
  }
  return subject.image == nullptr ? "opening the image…" : "this layer is still being read…";
}

// A row as it lies on the screen: what stands before the name, and the name in one line or several.
struct LaidRow {
  TextLine before;
  std::vector<std::string> name;
  Role role;
};

LaidRow LayRow(TextLine line, int columns, bool wrap) {
  constexpr size_t kMostLines = 6;  // a name may be longer than the screen
  constexpr int kLeastRoom = 8;
  LaidRow row;
  row.role = line.spans.back().role;
  std::string name = std::move(line.spans.back().text);
  line.spans.pop_back();
  const int room = columns - Columns(line.Text());
  row.before = std::move(line);
  if (!wrap || room < kLeastRoom) {
    row.name = {std::move(name)};
    return row;
  }
  row.name = Wrap(name, room);
  if (row.name.size() > kMostLines) {
    row.name.resize(kMostLines);
    row.name.back() = ClipEnd(row.name.back() + "…", room);
  }
  return row;
}

// The rows from the one at the top on, as many as fit; where names are wrapped, so many of the
// first ones are left out that the cursor's fits, too. `first` becomes the index of the first one.
std::vector<LaidRow> LayRows(const State& state, std::vector<TextLine> lines, const Rect& body,
                             size_t& first) {
  std::vector<LaidRow> rows;
  rows.reserve(lines.size());
  for (TextLine& line : lines) {
    rows.push_back(LayRow(std::move(line), body.columns, state.wrap));
  }
  size_t used = 0;
  size_t begin = 0;
  const size_t cursor = state.tree.cursor() - first;
  for (size_t i = 0; i <= cursor && i < rows.size(); ++i) {
    used += rows[i].name.size();
  }
  while (begin < cursor && used > static_cast<size_t>(std::max(body.rows, 1))) {
    used -= rows[begin++].name.size();
  }
  rows.erase(rows.begin(), rows.begin() + static_cast<ptrdiff_t>(begin));
  first += begin;
  return rows;
}

}  // namespace

std::vector<TextLine> TreeLines(const TreeView& view, size_t height, Attributes attributes,
                                bool dive) {
  std::vector<TextLine> lines;
  const size_t end = std::min(view.size(), view.top() + height);
  for (size_t index = view.top(); index < end; ++index) {
    lines.push_back(dive ? DiveLine(view, index, attributes) : Line(view, index, attributes));
  }
  return lines;
}

void DrawTree(const State& state, const PaneRect& rect, Canvas& canvas) {
  const bool active = state.pane == Pane::kTree;
  const bool dive = state.preferences.dive_layout;
  const bool lone = state.subject.lone_tree != nullptr &&
                    state.tree.tree() == state.subject.lone_tree->tree.get();
  const std::string title =
      lone ? fmt::format("Tree: layer {} by itself, as lower ones are not read", state.layer())
           : "Tree: " + ModeText(state);
  DrawPaneTitle(canvas, rect.all, title, Note(state), active);
  const Attributes attributes = FittingAttributes(state.attributes, rect.body.columns);
  PutLine(canvas, {rect.body.x, rect.body.y}, Heading(attributes, dive), rect.body);
  const Rect body = {rect.body.x, rect.body.y + 1, rect.body.columns, rect.body.rows - 1};
  if (state.tree.size() == 0) {
    int y = body.y + 1;
    const Role role = state.subject.failure.empty() ? Role::kFaint : Role::kError;
    const std::string absence = Absence(state);
    for (std::string_view text = absence; !text.empty();) {
      const size_t end = std::min(text.find('\n'), text.size());
      for (const std::string& part : Wrap(Printable(text.substr(0, end)), body.columns - 4)) {
        canvas.Put({body.x + 2, y++}, part, role, body);
      }
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    return;
  }
  int y = body.y;
  size_t index = state.tree.top();
  auto lines = TreeLines(state.tree, state.tree.height(), attributes, dive);
  for (const LaidRow& row : LayRows(state, std::move(lines), body, index)) {
    const int begin = PutLine(canvas, {body.x, y}, row.before, body);
    for (const std::string& part : row.name) {
      canvas.Put({begin, y}, part, row.role, body);
      if (active && index == state.tree.cursor() && y < body.y + body.rows) {
        canvas.Select({body.x, y}, body.columns);
      }
      ++y;
    }
    ++index;
  }
}

}  // namespace fathom::tui
