#include "report/tree_report.h"

#include <fmt/format.h>

#include "base/text.h"
#include "base/units.h"
#include "report/json_writer.h"
#include "report/paint.h"
#include "report/tree_text.h"

namespace fathom::report {
namespace {

using layer::EntryType;
using tree::Row;

char Letter(tree::Change change) { return "UMAR"[static_cast<size_t>(change)]; }

std::string_view TypeName(const tree::FileTree& tree, const tree::Version& version) {
  if (version.state == tree::State::kDirectory) {
    return "directory";
  }
  if (version.state == tree::State::kFile) {
    return "file";
  }
  if (version.state == tree::State::kSymlink) {
    return "symlink";
  }
  switch (tree.OwnEntry(version)->type) {
    case EntryType::kCharDevice:
      return "char";
    case EntryType::kBlockDevice:
      return "block";
    case EntryType::kFifo:
      return "fifo";
    default:
      return "other";
  }
}

Paint PaintOf(tree::Change change) {
  switch (change) {
    case tree::Change::kAdded:
      return Paint::kGreen;
    case tree::Change::kModified:
      return Paint::kYellow;
    case tree::Change::kRemoved:
      return Paint::kRed;
    case tree::Change::kUnmodified:
      break;
  }
  return Paint::kNone;
}

// The branches that lead to a row: "│   ├── ".
std::string Branches(const std::vector<Row>& rows, const Row& row) {
  std::string text = row.last_child ? "└── " : "├── ";
  for (uint32_t parent = row.parent; parent != tree::kNone; parent = rows[parent].parent) {
    text.insert(0, rows[parent].last_child ? "    " : "│   ");
  }
  return text;
}

}  // namespace

std::string TreeDive(const tree::FileTree& tree, const std::vector<Row>& rows) {
  std::string out;
  for (const Row& row : rows) {
    const layer::Entry* own = tree.OwnEntry(*row.version);
    const char type = row.version->state == tree::State::kDirectory ? 'd' : '-';
    out += fmt::format("{} {} {:>11} {:>10}  {}{}\n", Letter(row.change), Permissions(own, type),
                       own == nullptr ? "0:0" : fmt::format("{}:{}", own->uid, own->gid),
                       HumanBytes(row.bytes), Branches(rows, row),
                       NameAndTarget(tree, row.node, *row.version));
  }
  return out;
}

std::string TreeTable(const tree::FileTree& tree, const std::vector<Row>& rows, TreeMode mode,
                      bool color) {
  std::string out =
      fmt::format("{}{:<10} {:>11} {:>10} {:>10}  {}\n", mode == TreeMode::kFinal ? "" : "  ",
                  "mode", "uid:gid", "size", "wasted", "path");
  for (const Row& row : rows) {
    const layer::Entry* entry = tree.Metadata(*row.version);
    const std::string_view type = TypeName(tree, *row.version);
    const char letter = type == "file" ? '-' : type == "symlink" ? 'l' : type[0];
    std::string line;
    if (mode != TreeMode::kFinal) {
      line = fmt::format("{} ", row.change == tree::Change::kUnmodified ? ' ' : Letter(row.change));
    }
    line += fmt::format("{} {:>11} {:>10} {:>10}  {}{}", Permissions(entry, letter),
                        entry == nullptr ? "-" : fmt::format("{}:{}", entry->uid, entry->gid),
                        HumanBytes(row.bytes),
                        row.wasted_bytes == 0 ? "" : HumanBytes(row.wasted_bytes),
                        Branches(rows, row), NameAndTarget(tree, row.node, *row.version));
    out += Painted(line, PaintOf(row.change), color && mode != TreeMode::kFinal) + "\n";
  }
  return out;
}

std::string TreeJson(const tree::FileTree& tree, const std::vector<Row>& rows, TreeMode mode,
                     size_t layer) {
  constexpr std::string_view kModes[] = {"final", "changes", "aggregate"};
  std::string out;
  JsonWriter json(out);
  json.BeginObject();
  json.Member("schema", "fathom/tree/v1");
  json.Member("layer", layer);
  json.Member("mode", kModes[static_cast<size_t>(mode)]);
  json.Key("nodes");
  json.BeginArray();
  for (const Row& row : rows) {
    const tree::Version& version = *row.version;
    const layer::Entry* entry = tree.Metadata(version);
    const std::string path = tree.Path(row.node);
    json.BeginObject();
    json.Member("path", path);
    if (!IsUtf8(path)) {
      json.Member("pathBytes", Base64(AsBytes(path)));
    }
    json.Member("type", TypeName(tree, version));
    // A directory that no layer has an entry for exists all the same, with what engines give it.
    json.Member("implied", entry == nullptr);
    json.Member("mode", entry == nullptr ? uint64_t{0755} : uint64_t{entry->mode});
    json.Member("uid", entry == nullptr ? 0 : entry->uid);
    json.Member("gid", entry == nullptr ? 0 : entry->gid);
    json.Member("size", version.inode == tree::kNone || entry == nullptr ? row.bytes : entry->size);
    json.Member("wastedBytes", row.wasted_bytes);
    if (version.state == tree::State::kSymlink) {
      json.Member("linkTarget", tree.LinkTarget(version));
    }
    if (mode != TreeMode::kFinal) {
      json.Member("change", tree::ChangeName(row.change));
    }
    json.Member("layer", version.layer);
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  out += '\n';
  return out;
}

}  // namespace fathom::report
