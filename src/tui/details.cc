#include "tui/details.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "base/units.h"
#include "report/analysis_report.h"
#include "tui/text_width.h"

namespace fathom::tui {
namespace {

using Lines = std::vector<TextLine>;

constexpr int kLabelColumns = 13;

// Lines of one pane, as wide as it is.
class Writer {
 public:
  Writer(Lines& lines, int columns) : lines_(lines), columns_(columns) {}

  void Blank() { lines_.emplace_back(); }
  void Heading(std::string text) { lines_.push_back({{{std::move(text), Role::kHeading}}}); }
  void Add(TextLine line) { lines_.push_back(std::move(line)); }

  // "Label: value", wrapped behind the label; nothing when there is no value.
  void Fact(std::string_view label, const std::string& value, Role role = Role::kText) {
    if (value.empty()) {
      return;
    }
    const int room = columns_ - kLabelColumns - 1;
    std::string shown = fmt::format("{:<{}}", std::string(label) + ":", kLabelColumns);
    for (std::string& part : Wrap(Printable(value), std::max(room, 8))) {
      TextLine line;
      line.spans = {{std::move(shown), Role::kHeading}, {std::move(part), role}};
      line.copy = value;
      lines_.push_back(std::move(line));
      shown.assign(kLabelColumns, ' ');
    }
  }

  int columns() const { return columns_; }

 private:
  Lines& lines_;
  int columns_;
};

std::string Percent(double ratio) { return fmt::format("{:.1f} %", 100 * ratio); }

std::string OptionalBytes(const std::optional<uint64_t>& bytes) {
  return bytes ? HumanBytes(*bytes) : "";
}

void WriteNumbers(Writer& out, const tree::LayerNumbers& numbers) {
  out.Fact("Stored",
           fmt::format("{} in {} entries", HumanBytes(numbers.stored_bytes), numbers.entries));
  out.Fact("Wasted",
           fmt::format("{} of it is not visible in the end", HumanBytes(numbers.wasted_here_bytes)),
           numbers.wasted_here_bytes > 0 ? Role::kWaste : Role::kText);
  out.Fact("Hides", fmt::format("{} of this and lower layers", HumanBytes(numbers.hidden_bytes)),
           numbers.hidden_bytes > 0 ? Role::kWaste : Role::kText);
  out.Fact("Changes", fmt::format("{} added, {} modified, {} removed", numbers.added,
                                  numbers.modified, numbers.removed));
}

void WriteLayer(const State& state, Writer& out) {
  const Subject& subject = state.subject;
  const size_t layer = state.layer();
  if (subject.image == nullptr || layer >= subject.image->layers.size()) {
    return;
  }
  const image::Layer& facts = subject.image->layers[layer];
  const LayerLoad& load = subject.layers[layer];
  out.Fact("Layer", fmt::format("{} of {}{}", layer, subject.layers.size(),
                                load.cached ? ", from the cache"
                                : load.read ? ""
                                            : ", not read yet"));
  const auto& history = subject.image->config.history;
  if (facts.history && *facts.history < history.size()) {
    const image::HistoryEntry& entry = history[*facts.history];
    out.Fact("Instruction", entry.created_by);
    out.Fact("Comment", entry.comment);
    out.Fact("Author", entry.author);
    out.Fact("Created", entry.created);
  }
  out.Fact("Compressed", OptionalBytes(facts.size));
  if (subject.tree_layers > layer) {
    WriteNumbers(out, subject.tree->tree->numbers(layer));
  }
  out.Fact("Media type", facts.media_type);
  out.Fact("Diff ID", facts.diff_id.empty() ? "" : facts.diff_id.ToString());
  out.Fact("Digest", facts.digest.empty() ? "" : facts.digest.ToString());
  out.Fact("Blob", facts.name);
}

void WriteWaste(const State& state, Writer& out) {
  const analyze::Analysis& analysis = *state.subject.analysis;
  out.Blank();
  out.Heading("Waste by cause");
  for (const tree::Cause cause : tree::kCauses) {
    const uint64_t bytes = analysis.summary.wasted_by_cause[static_cast<size_t>(cause)];
    out.Add({{{fmt::format("{:>10}  ", HumanBytes(bytes)), bytes > 0 ? Role::kWaste : Role::kFaint},
              {std::string(tree::CauseName(cause)), Role::kText}}});
  }
  const ImageFacts& facts = state.subject.facts;
  if (facts.lost.empty()) {
    return;
  }
  out.Blank();
  out.Heading(fmt::format("Wasted paths: {}{}", facts.lost_count,
                          facts.lost_count > facts.lost.size()
                              ? fmt::format(", the largest {}", facts.lost.size())
                              : ""));
  for (const LostContent& lost : facts.lost) {
    std::string path = analysis.tree.Path(lost.node);
    const std::string layers = fmt::format("{}→{}", lost.stored_in, lost.hidden_by);
    const int room = out.columns() - 12 - 10 - 1 - 8;
    out.Add({{{fmt::format("{:>10}  ", HumanBytes(lost.bytes)), Role::kWaste},
              {fmt::format("{:<10}", tree::CauseName(lost.cause)), Role::kFaint},
              {fmt::format("{:<8}", layers), Role::kHeading},
              {ClipFront(Printable(path), std::max(room, 12)), Role::kText}},
             Place{lost.node, lost.hidden_by},
             path});
  }
}

void WriteImage(const State& state, Writer& out) {
  const Subject& subject = state.subject;
  out.Fact("Image", subject.name);
  out.Fact("Error", subject.failure, Role::kError);
  if (subject.image == nullptr) {
    return;
  }
  const image::Image& image = *subject.image;
  out.Fact("Reference", image.reference);
  out.Fact("Platform", image.config.platform.ToString());
  out.Fact("Created", image.config.created);
  out.Fact("Author", image.config.author);
  out.Fact("Digest", image.digest.empty() ? "" : image.digest.ToString());
  out.Fact("Config", image.config_digest.empty() ? "" : image.config_digest.ToString());
  out.Fact("Compressed", OptionalBytes(analyze::CompressedBytes(image)));
  if (subject.complete()) {
    const tree::Summary& summary = subject.analysis->summary;
    out.Fact("Stored", HumanBytes(summary.stored_bytes));
    out.Fact("Visible", HumanBytes(summary.visible_bytes));
    out.Fact("Wasted", HumanBytes(summary.wasted_bytes()),
             summary.wasted_bytes() > 0 ? Role::kWaste : Role::kText);
    out.Fact("Efficiency", Percent(summary.efficiency()));
    out.Fact("Duplicates", HumanBytes(summary.duplicate_bytes));
    const tree::ClassicNumbers& classic = subject.analysis->classic;
    out.Fact("As dive", fmt::format("efficiency {:.1f} %, wasted {}", 100 * classic.efficiency,
                                    HumanBytes(classic.wasted_bytes)));
  }
  for (const auto& [label, value] : DescribeConfig(image.config_json)) {
    out.Fact(label, value);
  }
  if (subject.complete()) {
    WriteWaste(state, out);
  }
}

void WriteRemarks(const State& state, Writer& out) {
  if (!state.subject.complete()) {
    out.Add({{{"once every layer is read", Role::kFaint}}});
    return;
  }
  std::string title;
  for (const Remark& remark : state.subject.facts.remarks) {
    if (remark.title != title) {
      title = remark.title;
      out.Heading(title);
    }
    TextLine line;
    line.spans = {
        {fmt::format("  {:<10}", remark.layer ? fmt::format("layer {}", *remark.layer) : ""),
         Role::kFaint},
        {ClipFront(Printable(remark.path), std::max(out.columns() - 13, 12)), Role::kText},
        {(remark.path.empty() || remark.why.empty() ? "" : "  ") + Printable(remark.why),
         Role::kFaint}};
    line.copy = remark.path;
    if (remark.node) {
      line.place = Place{*remark.node, remark.layer};
    }
    out.Add(std::move(line));
  }
  if (state.subject.facts.remarks.empty()) {
    out.Add({{{"nothing that needs a look", Role::kFaint}}});
  }
}

}  // namespace

void RefreshDetails(State& state, Pane pane, int columns) {
  DetailLines& kept = state.details_lines[static_cast<size_t>(pane)];
  const size_t layer = pane == Pane::kLayerDetails ? state.layer() : 0;
  if (kept.columns == columns && kept.layer == layer && kept.revision == state.subject.revision) {
    return;
  }
  kept = {{}, layer, columns, state.subject.revision};
  Writer out(kept.lines, columns);
  switch (pane) {
    case Pane::kLayerDetails:
      WriteLayer(state, out);
      break;
    case Pane::kImageDetails:
      WriteImage(state, out);
      break;
    default:
      WriteRemarks(state, out);
  }
}

std::vector<TextLine> HelpLines(const State& state) {
  constexpr std::pair<Context, std::string_view> kParts[] = {{Context::kEverywhere, "Everywhere"},
                                                             {Context::kLayers, "Layers"},
                                                             {Context::kTree, "Tree"},
                                                             {Context::kDetails, "Details"},
                                                             {Context::kList, "Lists"},
                                                             {Context::kPager, "File"}};
  std::vector<TextLine> lines;
  for (const auto& [context, title] : kParts) {
    if (!lines.empty()) {
      lines.emplace_back();
    }
    lines.push_back({{{std::string(title), Role::kHeading}}});
    for (const ActionInfo& info : ActionInfos()) {
      if (info.context != context) {
        continue;
      }
      std::string keys;
      for (const Key& key : state.preferences.keys.KeysOf(info)) {
        keys.append(keys.empty() ? "" : "  ").append(KeyName(key));
      }
      lines.push_back({{{fmt::format("  {:<18}", keys), Role::kKey},
                        {fmt::format("{:<28}", info.name), Role::kFaint},
                        {std::string(info.help), Role::kText}}});
    }
  }
  lines.emplace_back();
  lines.push_back(
      {{{"While typing: Enter takes it, Esc drops it, Alt+C case, Alt+R regular expression",
         Role::kFaint}}});
  return lines;
}

std::string ShortInstruction(const State& state, size_t layer) {
  const auto& image = state.subject.image;
  if (image == nullptr || layer >= image->layers.size()) {
    return "";
  }
  const auto& history = image->layers[layer].history;
  if (!history || *history >= image->config.history.size()) {
    return "(no history)";
  }
  return Printable(report::WithoutShell(image->config.history[*history].created_by));
}

TextLine MatchLine(const tree::FileTree& tree, const tree::Match& match) {
  constexpr std::string_view kSigns = "=~+-";  // of each tree::Change
  TextLine line;
  std::string path = tree.Path(match.node);
  line.spans.push_back(
      {fmt::format("{:>10}  ", HumanBytes(tree::ContentBytes(tree, *match.shown))), Role::kText});
  line.spans.push_back({Printable(path), match.visible ? Role::kText : Role::kRemoved});
  constexpr size_t kMostTouches = 12;
  for (size_t i = 0; i < std::min(match.touches.size(), kMostTouches); ++i) {
    const tree::Touch& touch = match.touches[i];
    line.spans.push_back({fmt::format("{}{}{}", i == 0 ? "  " : " ",
                                      kSigns[static_cast<size_t>(touch.change)], touch.layer),
                          RoleOf(touch.change)});
  }
  if (match.touches.size() > kMostTouches) {
    line.spans.push_back({" …", Role::kFaint});
  }
  if (!match.touches.empty()) {
    line.place = Place{match.node, match.touches.back().layer};
  }
  line.copy = std::move(path);
  return line;
}

Role RoleOf(tree::Change change) {
  switch (change) {
    case tree::Change::kAdded:
      return Role::kAdded;
    case tree::Change::kModified:
      return Role::kModified;
    case tree::Change::kRemoved:
      return Role::kRemoved;
    case tree::Change::kUnmodified:
      break;
  }
  return Role::kText;
}

std::string ModeText(const State& state) {
  const size_t layer = state.layer();
  switch (state.mode) {
    case Mode::kAggregate:
      return fmt::format("changes up to layer {}", layer);
    case Mode::kRange:
      return fmt::format("changes of layers {} to {}", std::min(layer, state.marked_layer),
                         std::max(layer, state.marked_layer));
    case Mode::kFinal:
      return "final file system";
    case Mode::kChanges:
      break;
  }
  return fmt::format("changes of layer {}", layer);
}

}  // namespace fathom::tui
