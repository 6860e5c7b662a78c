#include "report/history_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "base/units.h"
#include "report/json_writer.h"

namespace fathom::report {
namespace {

std::string Trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t");
  const size_t last = text.find_last_not_of(" \t");
  return first == std::string_view::npos ? "" : std::string(text.substr(first, last - first + 1));
}

// "/bin/sh -c #(nop)  CMD [...]" and "RUN /bin/sh -c make # buildkit" as they stood in the file.
std::string DockerfileLine(std::string_view created_by) {
  constexpr std::string_view kShell = "/bin/sh -c ";
  constexpr std::string_view kNop = "#(nop)";
  constexpr std::string_view kBuildkit = "# buildkit";
  constexpr std::array<std::string_view, 17> kInstructions = {
      "ADD",   "ARG",     "CMD", "COPY",  "ENTRYPOINT", "ENV",  "EXPOSE", "FROM",   "HEALTHCHECK",
      "LABEL", "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"};
  std::string line = Trimmed(created_by);
  if (line.ends_with(kBuildkit)) {
    line = Trimmed(std::string_view(line).substr(0, line.size() - kBuildkit.size()));
  }
  if (line.starts_with(kShell)) {
    line = Trimmed(std::string_view(line).substr(kShell.size()));
    if (line.starts_with(kNop)) {
      return Trimmed(std::string_view(line).substr(kNop.size()));
    }
    return "RUN " + line;
  }
  const std::string run_shell = "RUN " + std::string(kShell);
  if (line.starts_with(run_shell)) {
    return "RUN " + Trimmed(std::string_view(line).substr(run_shell.size()));
  }
  const std::string word = line.substr(0, line.find(' '));
  const bool known = std::ranges::find(kInstructions, word) != kInstructions.end();
  return known ? line : line.empty() ? "# (nothing recorded)" : "RUN " + line;
}

}  // namespace

std::string HistoryTable(const analyze::Analysis& analysis) {
  std::string out =
      fmt::format("{:>5}  {:>5}  {:>10}  {:<20}  {}\n", "entry", "layer", "bytes", "created", "by");
  size_t index = 0;
  for (const image::HistoryEntry& entry : analysis.image.config.history) {
    out += fmt::format(
        "{:>5}  {:>5}  {:>10}  {:<20}  {}\n", index++,
        entry.layer ? fmt::to_string(*entry.layer) : "-",
        entry.layer ? HumanBytes(analysis.tree.numbers(*entry.layer).stored_bytes) : "-",
        Printable(entry.created).substr(0, 20), Printable(entry.created_by));
  }
  if (index == 0) {
    out += "the config records no history\n";
  }
  return out;
}

void WriteHistoryMembers(JsonWriter& json, size_t index, const image::HistoryEntry& entry) {
  json.Member("index", index);
  json.Member("createdBy", entry.created_by);
  json.Member("created", entry.created);
  json.Member("author", entry.author);
  json.Member("comment", entry.comment);
  json.Member("emptyLayer", entry.empty_layer);
  json.Member("layer", std::optional<uint64_t>(entry.layer));
}

std::string HistoryJson(const analyze::Analysis& analysis) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject();
  json.Member("schema", "fathom/history/v1");
  json.Key("history");
  json.BeginArray();
  size_t index = 0;
  for (const image::HistoryEntry& entry : analysis.image.config.history) {
    json.BeginObject();
    WriteHistoryMembers(json, index++, entry);
    json.Member("storedBytes", entry.layer
                                   ? std::optional(analysis.tree.numbers(*entry.layer).stored_bytes)
                                   : std::nullopt);
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  out += '\n';
  return out;
}

std::string HistoryDockerfile(const analyze::Analysis& analysis) {
  std::string out =
      "# Reconstructed from the image's history; files that were copied in are named "
      "by digest at most.\nFROM scratch\n";
  for (const image::HistoryEntry& entry : analysis.image.config.history) {
    out += Printable(DockerfileLine(entry.created_by)) + "\n";
  }
  return out;
}

}  // namespace fathom::report
