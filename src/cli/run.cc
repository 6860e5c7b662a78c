#include "cli/run.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "base/text.h"
#include "cli/command.h"
#include "cli/help.h"
#include "cli/usage_error.h"

namespace fathom::cli {
namespace {

constexpr std::string_view kUsage =
    "fathom IMAGE shows what is inside a container image: a saved archive, an OCI layout, - for "
    "stdin, or a name that Docker, Podman, containerd or a registry knows.";

void AddCommands(Commands& commands, const std::vector<std::string>& arguments) {
  // Scripts ask for it often, and the options of all the others take most of the time it needs.
  if (arguments.size() == 1 && (arguments.front() == "version" || arguments.front() == "-v")) {
    return AddVersion(commands);
  }
  // There are many keys, and the help of the program shows none of them.
  commands.only_names =
      arguments.size() == 1 && (arguments.front() == "--help" || arguments.front() == "-h");
  AddShow(commands);
  AddAnalyze(commands);
  AddHistory(commands);
  AddTree(commands);
  AddFind(commands);
  AddCat(commands);
  AddExtract(commands);
  AddCheck(commands);
  AddBuild(commands);
  AddTags(commands);
  AddManifest(commands);
  AddBlob(commands);
  AddPull(commands);
  AddCrawl(commands);
  AddCache(commands);
  AddConfig(commands);
  AddCompletion(commands);
  AddMan(commands);
  AddVersion(commands);
  AddHelp(commands);
}

// What CLI11 gives every command.
void DescribeHelp(CLI::App& app) {
  app.get_help_ptr()->description("this help")->group("Help");
  app.get_option("--help-all")
      ->description(
          app.get_parent() == nullptr
              ? "the help of every command, with the safety limits and the explorer's keys"
              : "this help with all options")
      ->group("Help");
  for (CLI::App* nested : app.get_subcommands([](CLI::App*) { return true; })) {
    DescribeHelp(*nested);
  }
}

// A standard stream that is closed must not become the number of the next file that is opened: what
// is meant for the stream would go into that file. What takes its place cannot be written.
void OccupyStandardStreams() {
  for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(number, F_GETFD) == -1 && errno == EBADF) {
      ::open("/dev/null", O_RDONLY);  // takes the lowest number that is free, which is this one
    }
  }
}

int Show(const Error& error) {
  std::string text;
  for (size_t at = 0; at < error.message.size();) {
    const size_t end = std::min(error.message.find('\n', at), error.message.size());
    text += (at == 0 ? "" : "\n") + Printable(std::string_view(error.message).substr(at, end - at));
    at = end + 1;
  }
  fmt::print(stderr, "fathom: {}\n", text);
  return ExitCode(error.code);
}

// Takes from the arguments of `fathom build` those that are the engine's: all that stand behind a
// "--", or just all of them, unless fathom's help is wanted.
std::vector<std::string> TakePassedOn(std::vector<std::string>& arguments) {
  if (arguments.empty() || arguments.front() != "build") {
    return {};
  }
  const auto dashes = std::ranges::find(arguments, "--");
  const bool helps = arguments.size() == 2 && (arguments[1] == "-h" || arguments[1] == "--help" ||
                                               arguments[1] == "--help-all");
  const auto first = dashes != arguments.end() ? dashes + 1
                     : helps                   ? arguments.end()
                                               : arguments.begin() + 1;
  std::vector<std::string> taken(first, arguments.end());
  arguments.erase(dashes != arguments.end() ? dashes : first, arguments.end());
  return taken;
}

// What CLI11 is to parse: `fathom help COMMAND` is `fathom COMMAND --help`, and what is no command
// is an image to show. Old versions of dive show theirs for -v.
std::vector<std::string> Completed(const CLI::App& app, std::vector<std::string> arguments) {
  if (arguments.empty()) {
    return arguments;
  }
  if (arguments.size() == 1 && arguments.front() == "-v") {
    return {"version"};
  }
  const bool helps = arguments.front() == "help" && !arguments.back().starts_with('-');
  if (helps && (arguments.size() == 1 || IsCommand(app, arguments[1]))) {
    arguments.erase(arguments.begin());
    arguments.emplace_back("--help");
  } else if (!IsCommand(app, arguments.front())) {
    arguments.insert(arguments.begin(), kShowCommand);
  }
  return arguments;
}

// The command that was asked for, without those below the program that are only its parents.
CLI::App& Parsed(CLI::App& app) {
  const auto nested = app.get_subcommands();
  return nested.empty() ? app : Parsed(*nested.front());
}

std::string ValueOf(const CLI::App& command, const char* option) {
  const CLI::Option* found = command.get_option_no_throw(option);
  return found != nullptr && found->count() > 0 ? found->results().back() : "";
}

// Gives the options of the command their values from variables and files, where it has settings.
Status ApplySettings(const CLI::App& command, SettingList& settings) {
  const auto options = command.get_options([](const CLI::Option*) { return true; });
  if (std::ranges::none_of(options, [&](const auto* option) { return settings.Has(option); })) {
    return {};
  }
  // --config of `fathom IMAGE` and `fathom build` is dive's, that of others is .fathom.yaml
  // elsewhere.
  const std::string named = ValueOf(command, "--config");
  const bool of_dive = command.get_name() == kShowCommand || command.get_name() == "build";
  const bool shows_all = command.get_name() == "config";
  TRY(settings.Apply(SettingList::Locations(of_dive ? "" : named, of_dive ? named : ""),
                     of_dive || shows_all ? Dives::kCount : Dives::kDoNotCount));
  for (const std::string& line : settings.UnknownVariables()) {
    fmt::print(stderr, "fathom: {}\n", line);
  }
  return {};
}

}  // namespace

int Run(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  OccupyStandardStreams();
  CLI::App app{std::string(kUsage), "fathom"};
  Commands commands{app, nullptr};
  app.require_subcommand(1);
  app.set_version_flag("--version", "fathom " FATHOM_VERSION)
      ->description("the program's version")
      ->group("Help");
  app.set_help_all_flag("--help-all");
  app.formatter(std::make_shared<HelpFormatter>(commands.settings));
  app.footer(
      "Examples:\n"
      "  fathom image.tar\n"
      "  fathom analyze app:1.0 -o json\n"
      "  fathom find image.tar '*.pyc' --all\n"
      "  fathom check image.tar --report junit=check.xml");
  std::vector<std::string> given(argv + 1, argv + argc);
  AddCommands(commands, given);
  DescribeHelp(app);
  commands.settings.Collect(app);

  commands.passed_on = TakePassedOn(given);
  std::vector<std::string> arguments = Completed(app, given);
  std::ranges::reverse(arguments);  // as CLI11 takes them
  try {
    app.parse(arguments);
  } catch (const CLI::Success& wanted) {
    return app.exit(wanted);
  } catch (const CLI::ParseError& error) {
    return Show(UsageError(app, given, error));
  }
  if (const Status applied = ApplySettings(Parsed(app), commands.settings); !applied) {
    return Show(applied.error());
  }
  const Outcome outcome = commands.run();
  return outcome ? *outcome : Show(WithCommandHint(app, given, outcome.error()));
}

}  // namespace fathom::cli
