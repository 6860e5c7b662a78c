// fathom check: the gate. Exit code 1 when a rule fails; never 0 when it could not run.
#include <unistd.h>

#include <array>

#include "cli/command.h"
#include "cli/environment.h"
#include "gate/rules_file.h"
#include "report/check_report.h"

namespace fathom::cli {
namespace {

struct Settings {
  ImageOptions image;
  OutputOptions output;
  std::string config;                // .fathom.yaml elsewhere
  std::string ci_config;             // .dive-ci elsewhere
  std::vector<std::string> rules;    // KEY=VALUE
  std::vector<std::string> reports;  // FORMAT=FILE
};

struct Format {
  const char* name;
  std::string (*render)(const report::Check& check);
};
constexpr std::array kFormats = {
    Format{"table", [](const report::Check& check) { return report::CheckTable(check); }},
    Format{"json", report::CheckJson},
    Format{"junit", report::CheckJunit},
    Format{"sarif", report::CheckSarif},
    Format{"markdown", report::CheckMarkdown},
    Format{"gitlab", report::CheckGitlab},
    Format{"dive", report::DiveCheck},
    Format{"dive-0.13", report::DiveCheck013},
};

std::vector<std::string> FormatNames() {
  std::vector<std::string> names;
  for (const Format& format : kFormats) {
    names.emplace_back(format.name);
  }
  return names;
}

const Format* FindFormat(std::string_view name) {
  const auto* const found = std::ranges::find(kFormats, name, &Format::name);
  return found == kFormats.end() ? nullptr : found;
}

// A report that goes to a file beside the result.
struct Report {
  const Format* format;
  std::string path;
};

Result<std::vector<Report>> ParseReports(const std::vector<std::string>& texts) {
  std::vector<Report> reports;
  for (const std::string& text : texts) {
    const size_t equals = text.find('=');
    const Format* const format = FindFormat(std::string_view(text).substr(0, equals));
    if (equals == std::string::npos || equals + 1 == text.size() || format == nullptr) {
      return Fail(Code::kInvalidArgument,
                  "--report '{}' is not of the form FORMAT=FILE; formats are {}", text,
                  fmt::join(FormatNames(), ", "));
    }
    reports.push_back({format, text.substr(equals + 1)});
  }
  return reports;
}

// The file that was named, or the usual one where it is there.
Result<gate::RulesFile> ReadFileOf(const std::string& named, const char* usual,
                                   gate::Numbers numbers) {
  if (named.empty() && !IsThere(usual)) {
    return gate::RulesFile();
  }
  auto file = gate::ReadRules(named.empty() ? usual : named, numbers);
  if (!file) {
    return std::unexpected(Error{Code::kInvalidArgument, file.error().message});
  }
  Warn(file->warnings);
  return file;
}

// Rules of every file that is there, and of the options; where nobody named any, dive's defaults on
// the exact numbers.
Result<std::vector<gate::RuleSet>> CollectRules(const Settings& settings) {
  std::vector<gate::RuleSet> collected;
  const bool only_classic = !settings.ci_config.empty() && settings.config.empty();
  gate::RulesFile own;
  if (!only_classic) {
    TRY_ASSIGN(own, ReadFileOf(settings.config, ".fathom.yaml", gate::Numbers::kExact));
  }
  std::vector<std::string> seen;
  for (const std::string& option : settings.rules) {
    if (!own.rules) {
      own.rules.emplace();
      own.rules->origin = "--rule";
    }
    TRY(gate::PutOption(*own.rules, option, seen));
  }
  if (own.rules) {
    collected.push_back(std::move(*own.rules));
  }
  if (settings.config.empty() || !settings.ci_config.empty()) {
    TRY_ASSIGN(gate::RulesFile dives,
               ReadFileOf(settings.ci_config, ".dive-ci", gate::Numbers::kClassic));
    if (dives.rules) {
      collected.push_back(std::move(*dives.rules));
    }
  }
  if (collected.empty()) {
    TRY_ASSIGN(gate::RuleSet rules, gate::MakeRules(gate::Numbers::kExact, "defaults", {}));
    collected.push_back(std::move(rules));
  }
  return collected;
}

Outcome Run(const Settings& settings) {
  TRY_ASSIGN(const std::vector<Report> reports, ParseReports(settings.reports));
  TRY_ASSIGN(const std::vector<gate::RuleSet> sets, CollectRules(settings));
  const ImageOptions& options = settings.image;
  const gate::Scope scope = options.base.empty() ? gate::Scope::kImage : gate::Scope::kUserLayers;
  TRY_ASSIGN(const analyze::Analysis analysis, AnalyzeImage(options));

  std::vector<gate::RuleResult> results;
  for (const gate::RuleSet& rules : sets) {
    const auto more = gate::Evaluate(rules, analysis, {.scope = scope});
    results.insert(results.end(), more.begin(), more.end());
  }
  const report::Check check{
      .analysis = analysis, .results = results, .scope = scope, .name = options.image};
  for (const Report& report : reports) {
    TRY(WriteOutput(report.path, report.format->render(check), "--report"));
  }
  TRY(WriteOutput(settings.output.path, settings.output.format == "table"
                                            ? report::CheckTable(check, InColor(settings.output))
                                            : FindFormat(settings.output.format)->render(check)));
  return report::Passed(results) ? 0 : 1;
}

}  // namespace

void AddCheck(Commands& commands) {
  auto settings = std::make_shared<Settings>();
  CLI::App* command = commands.app.add_subcommand("check", "the gate: exit 1 when a rule fails");
  AddImageOptions(*command, settings->image);
  AddOutputOptions(*command, settings->output, FormatNames());
  command->add_option("--config", settings->config, "rules on exact numbers; default .fathom.yaml")
      ->type_name("FILE");
  command
      ->add_option("--ci-config", settings->ci_config, "rules on dive's numbers; default .dive-ci")
      ->type_name("FILE");
  command
      ->add_option("--rule", settings->rules,
                   "a rule on exact numbers, over that of the file; repeatable")
      ->type_name("KEY=VALUE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command
      ->add_option("--report", settings->reports,
                   "the result in another form beside -o; repeatable")
      ->type_name("FORMAT=FILE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command->footer(
      "Examples:\n"
      "  fathom check image.tar\n"
      "  fathom check image.tar --rule highestImageBytes=200MB --report junit=check.xml\n"
      "  fathom check app:1.0 --base debian:12 -o markdown");
  command->callback(
      [&commands, settings] { commands.run = [settings] { return Run(*settings); }; });
}

}  // namespace fathom::cli
