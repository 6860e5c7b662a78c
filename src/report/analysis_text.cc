// The analysis for people: table and Markdown; and as CSV.
#include <fmt/format.h>

#include <algorithm>

#include "base/csv.h"
#include "base/text.h"
#include "base/units.h"
#include "report/analysis_report.h"
#include "report/wasted_paths.h"

namespace fathom::report {
namespace {

using analyze::Analysis;

constexpr size_t kMostPaths = 20;        // wasted paths that a page for people shows
constexpr size_t kMostInstruction = 70;  // bytes of an instruction in a table

std::string Percent(double ratio) { return fmt::format("{:.2f} %", 100 * ratio); }

// One line, safe on a screen, cut where a character begins.
std::string Line(std::string_view text, size_t most) {
  std::string line = Printable(text);
  if (line.size() <= most) {
    return line;
  }
  size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0) == 0x80) {
    --end;
  }
  return line.substr(0, end) + "…";
}

std::string ShortInstruction(const Analysis& analysis, size_t layer, size_t most) {
  const std::string text = Instruction(analysis, layer);
  return Line(text.empty() ? "(no history)" : WithoutShell(text), most);
}

// Inside a Markdown table nothing of an image may end the cell or become markup.
std::string MarkdownCell(std::string_view text) {
  std::string cell;
  for (const char c : text) {
    if (std::string_view("|`*_[]<>\\").contains(c)) {
      cell += '\\';
    }
    cell += c;
  }
  return cell;
}

std::string BaseText(const Analysis& analysis) {
  const analyze::BaseImage& base = analysis.base;
  const std::string name = Line(base.name.empty() ? base.digest.ToString() : base.name, 200);
  const std::string layers = fmt::format("{} layer{}", base.layers, base.layers == 1 ? "" : "s");
  switch (base.origin) {
    case analyze::BaseOrigin::kGiven:
      return layers + ", as given";
    case analyze::BaseOrigin::kImage:
      return fmt::format("{}, those of {}", layers, name);
    case analyze::BaseOrigin::kAnnotation:
      return fmt::format("{}, those of {}, which the annotations name", layers, name);
    case analyze::BaseOrigin::kAssumed:
      break;
  }
  return name.empty() ? "not known: the first layer is taken for it"
                      : fmt::format(
                            "{} by the annotations; its layers are not known: the first "
                            "is taken for it",
                            name);
}

void AddSummary(std::string& out, const Analysis& analysis) {
  const tree::Summary& summary = analysis.summary;
  const image::Image& image = analysis.image;
  const auto line = [&](std::string_view name, std::string_view value) {
    out += fmt::format("  {:<12}{}\n", name, value);
  };
  out += "Image\n";
  line("reference", image.reference.empty() ? "(none)" : Line(image.reference, 200));
  const std::string platform = image.config.platform.ToString();
  line("platform", platform.empty() ? "(not known)" : Line(platform, 100));
  line("config", image.config_digest.empty() ? "(none)" : image.config_digest.ToString());
  line("stored",
       fmt::format("{} ({} bytes) in {} layers, {} entries", HumanBytes(summary.stored_bytes),
                   summary.stored_bytes, image.layers.size(), summary.entries));
  line("visible",
       fmt::format("{} ({} bytes)", HumanBytes(summary.visible_bytes), summary.visible_bytes));
  line("wasted",
       fmt::format("{} ({} bytes)", HumanBytes(summary.wasted_bytes()), summary.wasted_bytes()));
  line("duplicates",
       fmt::format("{} ({} bytes)", HumanBytes(summary.duplicate_bytes), summary.duplicate_bytes));
  if (analysis.layers_listed > 0) {
    line("unverified", fmt::format("{} layers are known only by their own tables of contents",
                                   analysis.layers_listed));
  }
  line("efficiency", Percent(summary.efficiency()));
  line("classic", fmt::format("efficiency {}, wasted {} (as dive counts)",
                              Percent(analysis.classic.efficiency),
                              HumanBytes(analysis.classic.wasted_bytes)));
  line("base", BaseText(analysis));
  out += "\nWaste by cause\n";
  for (const tree::Cause cause : tree::kCauses) {
    line(tree::CauseName(cause), HumanBytes(summary.wasted_by_cause[static_cast<size_t>(cause)]));
  }
  out += "\nVisible bytes by kind of file\n";
  for (const analyze::KindBytes& kind : analysis.kinds) {
    line(layer::FileKindName(kind.kind),
         fmt::format("{:>9}  {} files", HumanBytes(kind.bytes), kind.files));
  }
}

}  // namespace

std::string_view WithoutShell(std::string_view instruction) {
  constexpr std::string_view kShell = "/bin/sh -c ";
  constexpr std::string_view kNop = "#(nop) ";
  for (const std::string_view prefix : {kShell, kNop}) {
    instruction.remove_prefix(instruction.starts_with(prefix) ? prefix.size() : 0);
  }
  const size_t text = instruction.find_first_not_of(' ');
  return text == std::string_view::npos ? instruction : instruction.substr(text);
}

std::string AnalysisTable(const Analysis& analysis) {
  std::string out;
  AddSummary(out, analysis);
  out += "\nLayers\n";
  out += fmt::format("  {:>5}  {:>9}  {:>9}  {:>9}  {:>7} {:>7} {:>7}  {}\n", "layer", "stored",
                     "wasted", "hides", "added", "changed", "removed", "instruction");
  for (size_t i = 0; i < analysis.image.layers.size(); ++i) {
    const tree::LayerNumbers& numbers = analysis.tree.numbers(i);
    out += fmt::format("  {:>5}  {:>9}  {:>9}  {:>9}  {:>7} {:>7} {:>7}  {}\n", i,
                       HumanBytes(numbers.stored_bytes), HumanBytes(numbers.wasted_here_bytes),
                       HumanBytes(numbers.hidden_bytes), numbers.added, numbers.modified,
                       numbers.removed, ShortInstruction(analysis, i, kMostInstruction));
  }
  const std::vector<WastedPath> paths = WastedPaths(analysis);
  out += fmt::format("\nWasted paths ({})\n", paths.size());
  if (paths.empty()) {
    return out + "  none\n";
  }
  out += fmt::format("  {:>9}  {:<9}  {:>6}  {:>6}  {}\n", "bytes", "cause", "stored", "hidden",
                     "path");
  for (size_t i = 0; i < std::min(paths.size(), kMostPaths); ++i) {
    out += fmt::format("  {:>9}  {:<9}  {:>6}  {:>6}  {}\n", HumanBytes(paths[i].bytes),
                       tree::CauseName(paths[i].cause), paths[i].stored_in, paths[i].hidden_by,
                       Printable(paths[i].path));
  }
  if (paths.size() > kMostPaths) {
    out += fmt::format("  … and {} more (-o json has them all)\n", paths.size() - kMostPaths);
  }
  return out;
}

std::string AnalysisMarkdown(const Analysis& analysis) {
  const tree::Summary& summary = analysis.summary;
  std::string out = fmt::format(
      "## {}\n\n| | |\n| --- | ---: |\n| stored | {} |\n| visible | {} |\n| wasted | {} |\n"
      "| efficiency | {} |\n| layers | {} |\n\n"
      "| layer | stored | wasted | added | changed | removed | instruction |\n"
      "| ---: | ---: | ---: | ---: | ---: | ---: | --- |\n",
      MarkdownCell(analysis.image.reference.empty() ? "Image"
                                                    : Line(analysis.image.reference, 200)),
      HumanBytes(summary.stored_bytes), HumanBytes(summary.visible_bytes),
      HumanBytes(summary.wasted_bytes()), Percent(summary.efficiency()),
      analysis.image.layers.size());
  for (size_t i = 0; i < analysis.image.layers.size(); ++i) {
    const tree::LayerNumbers& numbers = analysis.tree.numbers(i);
    out +=
        fmt::format("| {} | {} | {} | {} | {} | {} | {} |\n", i, HumanBytes(numbers.stored_bytes),
                    HumanBytes(numbers.wasted_here_bytes), numbers.added, numbers.modified,
                    numbers.removed, MarkdownCell(ShortInstruction(analysis, i, kMostInstruction)));
  }
  const std::vector<WastedPath> paths = WastedPaths(analysis);
  if (!paths.empty()) {
    out +=
        "\n| wasted | cause | stored in | hidden by | path |\n"
        "| ---: | --- | ---: | ---: | --- |\n";
  }
  for (size_t i = 0; i < std::min(paths.size(), kMostPaths); ++i) {
    out += fmt::format("| {} | {} | {} | {} | {} |\n", HumanBytes(paths[i].bytes),
                       tree::CauseName(paths[i].cause), paths[i].stored_in, paths[i].hidden_by,
                       MarkdownCell(Printable(paths[i].path)));
  }
  return out;
}

std::string AnalysisCsv(const Analysis& analysis) {
  std::string out =
      "layer,diffId,digest,compressedBytes,storedBytes,entries,wastedHereBytes,hiddenByBytes,"
      "added,modified,removed,instruction\n";
  for (size_t i = 0; i < analysis.image.layers.size(); ++i) {
    const image::Layer& layer = analysis.image.layers[i];
    const tree::LayerNumbers& numbers = analysis.tree.numbers(i);
    out += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{}\n", i, layer.diff_id.ToString(),
                       layer.digest.ToString(), layer.size ? fmt::to_string(*layer.size) : "",
                       numbers.stored_bytes, numbers.entries, numbers.wasted_here_bytes,
                       numbers.hidden_bytes, numbers.added, numbers.modified, numbers.removed,
                       CsvField(Instruction(analysis, i)));
  }
  return out;
}

}  // namespace fathom::report
