#include "report/find_report.h"

#include <fmt/format.h>

#include "base/csv.h"
#include "base/text.h"
#include "base/units.h"
#include "report/json_writer.h"
#include "report/paint.h"

namespace fathom::report {
namespace {

using tree::Match;
using tree::Touch;

std::string_view TypeName(char letter) {
  switch (letter) {
    case 'f':
      return "file";
    case 'd':
      return "directory";
    case 'l':
      return "symlink";
    case 'c':
      return "char";
    case 'b':
      return "block";
    case 'p':
      return "fifo";
    default:
      return "other";
  }
}

// "0 added, 3 modified": layers and what they did.
std::string TouchesText(const Match& match) {
  std::string text;
  for (const Touch& touch : match.touches) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", touch.layer,
                        tree::ChangeName(touch.change));
  }
  return text;
}

std::string SizeText(const tree::FileTree& tree, const Match& match) {
  return match.shown->inode == tree::kNone ? "-" : HumanBytes(ContentBytes(tree, *match.shown));
}

std::string PathText(const tree::FileTree& tree, const Match& match) {
  std::string text = Printable(tree.Path(match.node));
  if (match.shown->state == tree::State::kSymlink) {
    text += " → " + Printable(tree.LinkTarget(*match.shown));
  }
  return text;
}

}  // namespace

std::string FindTable(const tree::FileTree& tree, const std::vector<Match>& matches, bool color) {
  size_t width = 0;
  for (const Match& match : matches) {
    width = std::max(width, TouchesText(match).size());
  }
  width = std::min<size_t>(std::max<size_t>(width, 6), 40);
  std::string out =
      matches.empty() ? "" : fmt::format("{:>10}  {:<{}}  {}\n", "size", "layers", width, "path");
  for (const Match& match : matches) {
    const char letter = TypeLetter(tree, *match.shown);
    const std::string line =
        fmt::format("{} {:>8}  {:<{}}  {}{}", letter, SizeText(tree, match), TouchesText(match),
                    width, PathText(tree, match), match.visible ? "" : "  (gone)");
    out += Painted(line, match.visible ? Paint::kNone : Paint::kRed, color) + "\n";
  }
  return out;
}

std::string FindJson(const tree::FileTree& tree, const std::vector<Match>& matches) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject();
  json.Member("schema", "fathom/find/v1");
  json.Key("matches");
  json.BeginArray();
  for (const Match& match : matches) {
    const layer::Entry* entry = tree.Metadata(*match.shown);
    const std::string path = tree.Path(match.node);
    json.BeginObject();
    json.Member("path", path);
    if (!IsUtf8(path)) {
      json.Member("pathBytes", Base64(AsBytes(path)));
    }
    json.Member("type", TypeName(TypeLetter(tree, *match.shown)));
    json.Member("mode", entry == nullptr ? uint64_t{0755} : uint64_t{entry->mode});
    json.Member("uid", entry == nullptr ? 0 : entry->uid);
    json.Member("gid", entry == nullptr ? 0 : entry->gid);
    json.Member("size", ContentBytes(tree, *match.shown));
    if (match.shown->state == tree::State::kSymlink) {
      json.Member("linkTarget", tree.LinkTarget(*match.shown));
    }
    json.Member("visible", match.visible);
    json.Key("versions");
    json.BeginArray();
    for (const Touch& touch : match.touches) {
      json.BeginObject();
      json.Member("layer", touch.layer);
      json.Member("change", tree::ChangeName(touch.change));
      json.Member("size", touch.bytes);
      json.EndObject();
    }
    json.EndArray();
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  out += '\n';
  return out;
}

std::string FindCsv(const tree::FileTree& tree, const std::vector<Match>& matches) {
  std::string out = "path,type,visible,layer,change,size\n";
  for (const Match& match : matches) {
    const std::string path = CsvField(tree.Path(match.node));
    for (const Touch& touch : match.touches) {
      out += fmt::format("{},{},{},{},{},{}\n", path, TypeName(TypeLetter(tree, *match.shown)),
                         match.visible, touch.layer, tree::ChangeName(touch.change), touch.bytes);
    }
  }
  return out;
}

std::string FindNul(const tree::FileTree& tree, const std::vector<Match>& matches) {
  std::string out;
  for (const Match& match : matches) {
    out += tree.Path(match.node);
    out += '\0';
  }
  return out;
}

}  // namespace fathom::report
