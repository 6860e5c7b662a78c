// fathom check: the gate. Exit code 1 when a rule fails; never 0 when it could not run.
#include <unistd.h>

#include "cli/command.h"
#include "report/check_report.h"

namespace fathom::cli {
namespace {

struct Settings {
  ImageOptions image;
  OutputOptions output;
  std::string config;     // .fathom.yaml elsewhere
  std::string ci_config;  // .dive-ci elsewhere
};

bool Exists(const char* path) { return ::access(path, F_OK) == 0; }

// Rules of every file that is there; without one, dive's defaults on the exact numbers.
Result<std::vector<gate::RuleSet>> CollectRules(const Settings& settings) {
  std::vector<gate::RuleSet> sets;
  const auto read = [&](const std::string& named, const char* usual,
                        gate::Numbers numbers) -> Status {
    if (named.empty() && !Exists(usual)) {
      return {};
    }
    auto rules = gate::ReadRules(named.empty() ? usual : named, numbers);
    if (!rules) {
      return std::unexpected(Error{Code::kInvalidArgument, rules.error().message});
    }
    sets.push_back(std::move(*rules));
    return {};
  };
  const bool only_classic = !settings.ci_config.empty() && settings.config.empty();
  if (!only_classic) {
    TRY(read(settings.config, ".fathom.yaml", gate::Numbers::kExact));
  }
  if (settings.config.empty() || !settings.ci_config.empty()) {
    TRY(read(settings.ci_config, ".dive-ci", gate::Numbers::kClassic));
  }
  if (sets.empty()) {
    TRY_ASSIGN(gate::RuleSet rules, gate::MakeRules(gate::Numbers::kExact, "defaults", {}));
    sets.push_back(std::move(rules));
  }
  return sets;
}

Outcome Run(const Settings& settings) {
  TRY_ASSIGN(const std::vector<gate::RuleSet> sets, CollectRules(settings));
  TRY_ASSIGN(const analyze::Analysis analysis, AnalyzeImage(settings.image));
  std::vector<gate::RuleResult> results;
  for (const gate::RuleSet& rules : sets) {
    const auto more = gate::Evaluate(rules, analysis);
    results.insert(results.end(), more.begin(), more.end());
  }
  TRY(WriteOutput(settings.output.path,
                  settings.output.format == "json"
                      ? report::CheckJson(analysis, results)
                      : report::CheckTable(analysis, results, InColor(settings.output))));
  return report::Passed(results) ? 0 : 1;
}

}  // namespace

void AddCheck(Commands& commands) {
  auto settings = std::make_shared<Settings>();
  CLI::App* command = commands.app.add_subcommand("check", "the gate: exit 1 when a rule fails");
  AddImageOptions(*command, settings->image);
  AddOutputOptions(*command, settings->output, {"table", "json"});
  command->add_option("--config", settings->config, "rules on exact numbers; default .fathom.yaml")
      ->type_name("FILE");
  command
      ->add_option("--ci-config", settings->ci_config, "rules on dive's numbers; default .dive-ci")
      ->type_name("FILE");
  command->footer("Example: fathom check image.tar -o json");
  command->callback(
      [&commands, settings] { commands.run = [settings] { return Run(*settings); }; });
}

}  // namespace fathom::cli
