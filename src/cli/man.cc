// fathom man: the manual pages, made of the definitions of the commands. For those who package.
#include <filesystem>

#include "base/io.h"
#include "cli/command.h"
#include "cli/manual_page.h"

namespace fathom::cli {
namespace {

Status WriteAll(const CommandInfo& program, const std::string& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  for (const CommandInfo* command : CommandsWithPages(program)) {
    TRY(WriteFileAtomically(directory + "/" + PageName(*command) + ".1",
                            AsBytes(ManualPage(program, *command, FATHOM_VERSION)), false));
  }
  return {};
}

struct ManOptions {
  std::vector<std::string> words;
  std::string directory;
};

Outcome Run(const CommandInfo& program, const ManOptions& options) {
  if (!options.directory.empty()) {
    TRY(WriteAll(program, options.directory));
    return 0;
  }
  const std::string name = fmt::format("{}", fmt::join(options.words, " "));
  for (const CommandInfo* command : CommandsWithPages(program)) {
    if (command->name == (name.empty() ? program.name : name)) {
      TRY(WriteOutput("-", ManualPage(program, *command, FATHOM_VERSION)));
      return 0;
    }
  }
  return Fail(Code::kInvalidArgument, "there is no manual page of '{}'", name);
}

}  // namespace

void AddMan(Commands& commands) {
  auto options = std::make_shared<ManOptions>();
  CLI::App* command = commands.app.add_subcommand("man", "the manual pages as roff");
  command->group("");
  command->add_option("COMMAND", options->words, "the command; without one, the program");
  command->add_option("--directory", options->directory, "write every page into this folder")
      ->type_name("DIR");
  command->footer("Example: fathom man analyze");
  command->callback([&commands, options] {
    commands.run = [&commands, options] {
      return Run(Describe(commands.app, commands.settings), *options);
    };
  });
}

}  // namespace fathom::cli
