// fathom IMAGE: the explorer on a terminal, else the summary; and dive's flags, so that `alias
// dive=fathom` serves in a pipeline.
#include "cli/show.h"

#include <cstdlib>

#include "cli/environment.h"
#include "gate/rules_file.h"
#include "report/analysis_report.h"
#include "report/check_report.h"

namespace fathom::cli {
namespace {

bool CiByEnvironment() {
  const char* value = std::getenv("CI");
  const std::string_view text = value == nullptr ? "" : value;
  return text == "true" || text == "1" || text == "yes";
}

// The file's rules take the place of the flags' where dive's rules file is there. The usual file
// need not be there, even where somebody has written its name out.
Result<gate::RuleSet> Rules(const ShowSettings& settings) {
  constexpr const char* kUsual = ".dive-ci";
  const std::string file = settings.ci_config.empty() ? kUsual : settings.ci_config;
  if (file == kUsual && !IsThere(kUsual)) {
    return gate::MakeRules(gate::Numbers::kClassic, "the rules", settings.rules);
  }
  auto rules = gate::ReadRules(file, gate::Numbers::kClassic, settings.rules);
  if (!rules) {
    return std::unexpected(Error{Code::kInvalidArgument, rules.error().message});
  }
  Warn(rules->warnings);
  return std::move(*rules->rules);
}

// dive's --source is the scheme of a reference that has none.
ImageOptions MakeImageOptions(const ShowSettings& settings) {
  ImageOptions options = settings.image;
  if (settings.quiet || settings.verbosity > 0) {
    options.progress = settings.quiet ? "none" : "plain";
  }
  if (!settings.source.empty() && !options.image.contains("://")) {
    options.image = settings.source + "://" + options.image;
  }
  return options;
}

}  // namespace

// dive's order: the export, else the gate, else what is to be looked at.
Outcome ShowImage(const ShowSettings& settings) {
  const bool gate = settings.json.empty() && (settings.ci || CiByEnvironment());
  gate::RuleSet rules;
  if (gate) {
    TRY_ASSIGN(rules, Rules(settings));
  }
  if (settings.json.empty() && !gate && CanExplore()) {
    TRY_ASSIGN(const std::optional<int> code,
               Explore(MakeImageOptions(settings), settings.explorer));
    if (code) {
      return *code;
    }
  }
  TRY_ASSIGN(const analyze::Analysis analysis, AnalyzeImage(MakeImageOptions(settings)));
  if (!settings.json.empty()) {
    TRY(WriteOutput(settings.json, report::DiveJson(analysis), "--json"));
    return 0;
  }
  if (!gate) {
    TRY(WriteOutput("-", report::AnalysisTable(analysis)));
    return 0;
  }
  const std::vector<gate::RuleResult> results = gate::Evaluate(rules, analysis);
  if (!settings.quiet) {
    TRY(WriteOutput("-",
                    report::DiveCheck({.analysis = analysis, .results = results, .name = {}})));
  }
  return report::Passed(results) ? 0 : 1;
}

void AddDiveOptions(const Commands& commands, CLI::App& command, ShowSettings& settings) {
  command.add_flag("--ci", settings.ci, "evaluate dive's rules; also CI=true");
  command.add_flag("-i,--ignore-errors", settings.ignore_errors, "accepted as dive does");
  command.add_option("-j,--json", settings.json, "write dive's JSON export to this file")
      ->type_name("FILE");
  command.add_option("--ci-config", settings.ci_config, "dive's rules; default .dive-ci")
      ->type_name("FILE");
  command.add_option("-c,--config", settings.config, "dive's configuration file")
      ->type_name("FILE");
  command.add_flag("-q,--quiet", settings.quiet, "no progress and no report of the rules");
  command.add_flag("-v,--verbose", settings.verbosity, "a line for each layer, as it is read");
  command.add_option("--lowestEfficiency", settings.rules.lowest_efficiency, "ratio or disabled");
  command.add_option("--highestWastedBytes", settings.rules.highest_wasted_bytes,
                     "bytes or disabled");
  command.add_option("--highestUserWastedPercent", settings.rules.highest_user_wasted_percent,
                     "ratio or disabled");
  AddExplorerOptions(command, settings.explorer, !commands.only_names);
}

void AddShow(Commands& commands) {
  auto settings = std::make_shared<ShowSettings>();
  CLI::App* command = commands.app.add_subcommand(
      "show", "the explorer on a terminal, else the summary of an image");
  command->group("");  // people write `fathom IMAGE`
  AddImageOptions(*command, settings->image);
  command->add_option("--source", settings->source, "dive's: docker, podman or docker-archive")
      ->check(CLI::IsMember(kSourcesOfDive));
  AddDiveOptions(commands, *command, *settings);
  command->footer(
      "Examples:\n"
      "  fathom image.tar\n"
      "  fathom app:1.0 --ci --lowestEfficiency 0.95\n"
      "  fathom docker-archive://image.tar --json image.json");
  command->callback(
      [&commands, settings] { commands.run = [settings] { return ShowImage(*settings); }; });
}

}  // namespace fathom::cli
