// fathom help: what the program rewrites to --help, and the answer to words that are no command.
#include "cli/command.h"
#include "cli/usage_error.h"

namespace fathom::cli {

void AddHelp(Commands& commands) {
  auto words = std::make_shared<std::vector<std::string>>();
  CLI::App* command = commands.app.add_subcommand("help", "the help of a command");
  command->add_option("COMMAND", *words, "the command; without one, the program");
  command->footer("Example: fathom help analyze");
  command->callback([&commands, words] {
    commands.run = [&commands, words]() -> Outcome {
      return std::unexpected(NoSuchCommand(commands.app, words->empty() ? "" : words->front()));
    };
  });
}

}  // namespace fathom::cli
