// fathom tree: the merged file system after a layer, or what layers changed in it.
#include "cli/command.h"
#include "report/tree_report.h"

namespace fathom::cli {
namespace {

using report::TreeMode;

struct Settings {
  ImageOptions image;
  OutputOptions output;
  std::optional<size_t> layer;
  std::optional<size_t> from;
  bool changes = false;
  bool aggregate = false;
  std::string sort = "name";

  TreeMode mode() const {
    return changes ? TreeMode::kChanges : aggregate ? TreeMode::kAggregate : TreeMode::kFinal;
  }
};

// dive compares the first layer with itself and aggregates from the second one on.
tree::Range RangeOf(const Settings& settings, size_t layer) {
  const bool like_dive = settings.output.format == "dive";
  switch (settings.mode()) {
    case TreeMode::kChanges:
      return {like_dive && layer == 0 ? 1 : layer, layer};
    case TreeMode::kAggregate:
      return {settings.from.value_or(1), layer};
    case TreeMode::kFinal:
      break;
  }
  return {layer + 1, layer};
}

Outcome Run(const Settings& settings) {
  TRY_ASSIGN(const analyze::Analysis analysis, AnalyzeImage(settings.image));
  const size_t layers = analysis.tree.layer_count();
  TRY_ASSIGN(const size_t layer, ChooseLayer(analysis.tree, settings.layer));
  const tree::Order order = settings.sort == "size"    ? tree::Order::kSize
                            : settings.sort == "waste" ? tree::Order::kWaste
                            : settings.sort == "mtime" ? tree::Order::kTime
                                                       : tree::Order::kName;
  const std::string& format = settings.output.format;
  const auto comparison = format == "dive" ? tree::Comparison::kClassic : tree::Comparison::kExact;
  std::vector<tree::Row> rows;
  if (layers > 0) {
    rows = tree::List(analysis.tree, RangeOf(settings, layer), comparison, order);
  }
  TRY(WriteOutput(settings.output.path,
                  format == "dive"   ? report::TreeDive(analysis.tree, rows)
                  : format == "json" ? report::TreeJson(analysis.tree, rows, settings.mode(), layer)
                                     : report::TreeTable(analysis.tree, rows, settings.mode(),
                                                         InColor(settings.output))));
  return 0;
}

}  // namespace

void AddTree(Commands& commands) {
  auto settings = std::make_shared<Settings>();
  CLI::App* command = commands.app.add_subcommand("tree", "files after a layer, or its changes");
  AddImageOptions(*command, settings->image);
  AddLazyOption(*command, settings->image);
  AddOutputOptions(*command, settings->output, {"table", "json", "dive"});
  command->add_option("--layer", settings->layer, "index of the layer; default the last");
  CLI::Option* changes =
      command->add_flag("--changes", settings->changes, "what this layer changed");
  command->add_flag("--aggregate", settings->aggregate, "what all layers up to this one changed")
      ->excludes(changes);
  command->add_option("--from", settings->from, "first layer of --aggregate; default 1");
  command->add_option("--sort", settings->sort, "name, size, waste or mtime")
      ->check(CLI::IsMember({"name", "size", "waste", "mtime"}));
  command->footer("Example: fathom tree image.tar --layer 3 --changes");
  command->callback(
      [&commands, settings] { commands.run = [settings] { return Run(*settings); }; });
}

}  // namespace fathom::cli
