// fathom extract: files and directories of an image into a directory or a tar archive.
#include <unistd.h>

#include "base/units.h"
#include "cli/command.h"
#include "extract/write_plan.h"
#include "report/extract_report.h"
#include "tree/lookup.h"

namespace fathom::cli {
namespace {

struct Settings {
  ImageOptions image;
  std::vector<std::string> paths;
  std::string output;
  std::optional<size_t> layer;
  bool no_same_owner = false;
  bool keep_special = false;
  bool overwrite = false;
};

Result<extract::Plan> MakePlan(const Settings& settings, const OpenedImage& opened) {
  const tree::FileTree& tree = opened.analysis.tree;
  TRY_ASSIGN(const size_t layer, ChooseLayer(tree, settings.layer));
  std::vector<tree::NodeId> tops;
  for (const std::string& path : settings.paths) {
    TRY_ASSIGN(const tree::NodeId node, tree::LookUp(tree, path, layer, tree::LastLink::kKeep));
    tops.push_back(node);
  }
  return extract::MakePlan(tree, tops, layer, settings.keep_special, opened.limits());
}

Outcome Run(const Settings& settings) {
  TRY_ASSIGN(OpenedImage opened, OpenImage(settings.image));
  TRY_ASSIGN(const extract::Plan plan, MakePlan(settings, opened));
  const extract::Output output{
      .place = settings.output,
      .overwrite = settings.overwrite,
      .keep_owner = ::geteuid() == 0 && !settings.no_same_owner,
  };
  auto losses = extract::WritePlan(plan, opened.analysis.tree, *opened.source,
                                   opened.analysis.image, opened.limits(), output);
  if (!losses) {
    return losses.error().code == Code::kCorrupt
               ? Wrap(std::move(losses).error(), "{}", opened.source->name())
               : std::unexpected(std::move(losses).error());
  }
  const bool owners_kept = output.is_tar() || settings.no_same_owner || ::geteuid() == 0;
  fmt::print(stderr, "{}", report::ExtractSummary(plan, *losses, owners_kept));
  TellLayersRead(opened.analysis);
  return 0;
}

}  // namespace

void AddExtract(Commands& commands) {
  auto settings = std::make_shared<Settings>();
  CLI::App* command = commands.app.add_subcommand(
      "extract", "files and directories into a directory or a tar archive");
  AddImageOptions(*command, settings->image);
  command->add_option("PATH", settings->paths, "file or directory; / is the merged root")
      ->required();
  command->add_option("--output", settings->output, "directory, FILE.tar, or - for a tar on stdout")
      ->required();
  command->add_option("--layer", settings->layer, "as it was after this layer; default the last");
  command->add_flag("--no-same-owner", settings->no_same_owner,
                    "files belong to whoever extracts, even when that is root");
  command->add_flag("--keep-special", settings->keep_special,
                    "also devices, FIFOs, setuid and setgid bits and file capabilities");
  command->add_flag("--overwrite", settings->overwrite, "replace files that are there");
  command->footer(
      "Examples: fathom extract image.tar /etc /usr/share/doc --output out\n"
      "          fathom extract image.tar / --output - | tar -tv\n"
      "Paths are written as they lie in the image, links on the way resolved: below a directory "
      "DIR\nas DIR/etc/passwd, in an archive as etc/passwd.");
  command->callback(
      [&commands, settings] { commands.run = [settings] { return Run(*settings); }; });
}

}  // namespace fathom::cli
