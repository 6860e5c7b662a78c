#include "cli/run.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "base/text.h"
#include "cli/command.h"

namespace fathom::cli {
namespace {

constexpr std::string_view kUsage =
    "fathom IMAGE shows what is inside a container image: a saved archive, an OCI layout, - for "
    "stdin, or a name that Docker, Podman or containerd knows.";

// Words that the first argument may be; everything else means `fathom IMAGE`.
bool NamesCommand(const CLI::App& app, const std::string& word) {
  return word == "-h" || word == "--help" || word == "--version" ||
         std::ranges::any_of(app.get_subcommands([](const CLI::App*) { return true; }),
                             [&](const CLI::App* command) { return command->get_name() == word; });
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

}  // namespace

int Run(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  OccupyStandardStreams();
  CLI::App app{std::string(kUsage), "fathom"};
  app.require_subcommand(1);
  app.set_version_flag("--version", "fathom " FATHOM_VERSION);
  Commands commands{app, nullptr};
  AddShow(commands);
  AddAnalyze(commands);
  AddHistory(commands);
  AddTree(commands);
  AddFind(commands);
  AddCat(commands);
  AddExtract(commands);
  AddCheck(commands);
  AddCache(commands);
  app.add_subcommand("version", "the program's version")->callback([&commands] {
    commands.run = []() -> Outcome {
      TRY(WriteOutput("-", "fathom " FATHOM_VERSION "\n"));
      return 0;
    };
  });

  std::vector<std::string> arguments(argv + 1, argv + argc);
  const bool shows = !arguments.empty() && !NamesCommand(app, arguments.front());
  if (shows) {
    arguments.insert(arguments.begin(), "show");
  }
  std::ranges::reverse(arguments);  // as CLI11 takes them
  try {
    app.parse(arguments);
  } catch (const CLI::ParseError& error) {
    if (const std::string_view first = argc > 1 ? argv[1] : ""; shows && !first.starts_with('-')) {
      fmt::print(stderr, "fathom: '{}' is no command, so it is taken for an image\n",
                 Printable(first));
    }
    return app.exit(error) == 0 ? 0 : ExitCode(Code::kInvalidArgument);
  }
  const Outcome outcome = commands.run();
  return outcome ? *outcome : Show(outcome.error());
}

}  // namespace fathom::cli
