// dive's JSON export, for programs that read it. Its schema and its oddities are those of dive
// 0.13.
#include <algorithm>

#include "report/analysis_report.h"
#include "report/json_writer.h"

namespace fathom::report {
namespace {

using layer::EntryType;

// Go's os.FileMode bits above the permissions.
uint64_t GoFileMode(const layer::Entry& entry) {
  uint64_t mode = entry.mode & 0777;
  mode |= (entry.mode & 04000) != 0 ? 1ull << 23 : 0;
  mode |= (entry.mode & 02000) != 0 ? 1ull << 22 : 0;
  mode |= (entry.mode & 01000) != 0 ? 1ull << 20 : 0;
  switch (entry.type) {
    case EntryType::kDirectory:
      return mode | 1ull << 31;
    case EntryType::kSymlink:
      return mode | 1ull << 27;
    case EntryType::kCharDevice:
      return mode | 1ull << 26 | 1ull << 21;
    case EntryType::kBlockDevice:
      return mode | 1ull << 26;
    case EntryType::kFifo:
      return mode | 1ull << 25;
    default:
      return mode;
  }
}

uint64_t TypeFlag(EntryType type) {
  constexpr std::string_view kFlags = "0123456";
  constexpr EntryType kTypes[] = {
      EntryType::kFile,        EntryType::kHardLink,  EntryType::kSymlink, EntryType::kCharDevice,
      EntryType::kBlockDevice, EntryType::kDirectory, EntryType::kFifo};
  const auto found = std::ranges::find(kTypes, type);
  return found == std::end(kTypes)
             ? '0'
             : static_cast<uint64_t>(kFlags[static_cast<size_t>(found - kTypes)]);
}

void WriteFile(JsonWriter& json, const layer::LayerIndex& layer, const layer::Entry* entry) {
  json.BeginObject();
  json.Member("path", entry == nullptr ? "" : layer.Path(entry->path).substr(1));
  json.Member("typeFlag", entry == nullptr ? 0 : TypeFlag(entry->type));
  json.Member("linkName", entry == nullptr ? "" : layer.link(*entry));
  json.Member("size", entry == nullptr ? 0 : entry->size);
  json.Member("fileMode", entry == nullptr ? 0 : GoFileMode(*entry));
  json.Member("uid", entry == nullptr ? 0 : entry->uid);
  json.Member("gid", entry == nullptr ? 0 : entry->gid);
  json.Member("isDir", entry != nullptr && entry->type == EntryType::kDirectory);
  json.EndObject();
}

// The layer's own paths, children before parents, names in order; what is only implied is empty.
void WriteFileList(JsonWriter& json, const layer::LayerIndex& layer) {
  const PathTable& paths = layer.paths();
  std::vector<const layer::Entry*> payload(paths.size());
  std::vector<std::vector<PathId>> children(paths.size());
  for (const layer::Entry& entry : layer.entries()) {
    payload[entry.path] = &entry;
  }
  for (PathId id = 1; id < paths.size(); ++id) {
    if (!layer.strings()[paths.name(id)].starts_with(".wh..wh.")) {
      children[paths.parent(id)].push_back(id);
    }
  }
  struct Pending {
    PathId path;
    bool expanded;
  };
  std::vector<Pending> pending{{kRootPath, false}};
  while (!pending.empty()) {
    Pending& top = pending.back();
    const PathId path = top.path;
    if (top.expanded) {
      pending.pop_back();
      if (path != kRootPath) {
        WriteFile(json, layer, payload[path]);
      }
      continue;
    }
    top.expanded = true;
    std::ranges::sort(children[path], std::greater<>(),
                      [&](PathId id) { return layer.strings()[paths.name(id)]; });
    for (const PathId child : children[path]) {
      pending.push_back({child, false});
    }
  }
}

std::string Command(const analyze::Analysis& analysis, size_t layer) {
  constexpr std::string_view kShell = "/bin/sh -c ";
  if (!analysis.image.layers[layer].history) {
    return "(missing)";
  }
  std::string command = Instruction(analysis, layer);
  return command.starts_with(kShell) ? command.substr(kShell.size()) : command;
}

}  // namespace

std::string DiveLayerId(const image::Layer& layer) {
  return layer.name.substr(0, layer.name.find('/'));
}

std::string DiveJson(const analyze::Analysis& analysis) {
  std::string out;
  JsonWriter json(out, true);
  json.BeginObject();
  json.Key("layer");
  json.BeginArray();
  for (size_t i = 0; i < analysis.image.layers.size(); ++i) {
    const image::Layer& layer = analysis.image.layers[i];
    json.BeginObject();
    json.Member("index", i);
    json.Member("id", DiveLayerId(layer));
    json.Member("digestId", layer.history ? layer.diff_id.ToString() : "");
    json.Member("sizeBytes", analysis.classic.layer_bytes[i]);
    json.Member("command", Command(analysis, i));
    json.Key("fileList");
    json.BeginArray();
    WriteFileList(json, analysis.tree.layer(i));
    json.EndArray();
    json.EndObject();
  }
  json.EndArray();
  json.Key("image");
  json.BeginObject();
  json.Member("sizeBytes", analysis.classic.size_bytes);
  json.Member("inefficientBytes", analysis.classic.wasted_bytes);
  json.Member("efficiencyScore", analysis.classic.efficiency);
  json.Key("fileReference");
  json.BeginArray();
  for (const auto& inefficiency : analysis.classic.inefficiencies) {
    json.BeginObject();
    json.Member("count", inefficiency.count);
    json.Member("sizeBytes", inefficiency.bytes);
    json.Member("file", inefficiency.path);
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  json.EndObject();
  return out;
}

}  // namespace fathom::report
