// fathom build: lets docker or podman build an image, then shows it as `fathom IMAGE` does.
#include "cli/show.h"
#include "engine/build_image.h"

namespace fathom::cli {
namespace {

// The engine that was asked for, or else the first that is installed.
Result<std::string> ChooseProgram(const std::string& source) {
  if (!source.empty() && source != "docker" && source != "podman") {
    return Fail(Code::kInvalidArgument, "--source {}: only docker and podman build images", source);
  }
  return source.empty() ? engine::FindBuilder() : source;
}

Outcome Run(const ShowSettings& settings, const std::vector<std::string>& arguments) {
  TRY_ASSIGN(const std::string program, ChooseProgram(settings.source));
  TRY_ASSIGN(const engine::BuildResult built, engine::BuildImage(program, arguments));
  if (built.exit_code != 0) {
    fmt::print(stderr, "fathom: the build failed: {} exited with {}\n", program, built.exit_code);
    return 1;
  }
  ShowSettings show = settings;
  show.source = program;
  show.image.image = built.image_id;
  return ShowImage(show);
}

}  // namespace

void AddBuild(Commands& commands) {
  auto settings = std::make_shared<ShowSettings>();
  auto unused = std::make_shared<std::vector<std::string>>();  // run.cc has taken them
  CLI::App* command = commands.app.add_subcommand(
      "build", "docker or podman build, then what 'fathom IMAGE' shows");
  command
      ->add_option("ARGUMENT", *unused,
                   "what docker build or podman build takes; fathom's own options only before a --")
      ->expected(0, -1);
  command
      ->add_option("--source", settings->source,
                   "the engine that builds; by default docker, or podman where there is no docker")
      ->check(CLI::IsMember(kSourcesOfDive));
  AddDiveOptions(commands, *command, *settings);
  AddReadOptions(*command, settings->image);
  command->footer(
      "Examples:\n"
      "  fathom build -t app:1.0 .\n"
      "  fathom build --source podman --ci -- -t app:1.0 -f Containerfile .\n"
      "What is built goes through the rules where CI is set, as in 'fathom IMAGE'. Settings come\n"
      "from variables and files, too, so that no -- is needed. Exit code: 1 when the build fails.");
  command->callback([&commands, settings, unused] {
    commands.run = [&commands, settings] { return Run(*settings, commands.passed_on); };
  });
}

}  // namespace fathom::cli
