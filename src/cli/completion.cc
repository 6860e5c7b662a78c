// fathom completion SHELL: the script that lets the shell complete.
#include "cli/completion.h"

#include <algorithm>

#include "cli/command.h"
#include "cli/manual_page.h"

namespace fathom::cli {

ValueKind KindOf(const OptionInfo& option) {
  if (option.value.empty()) {
    return ValueKind::kNone;
  }
  if (!option.choices.empty()) {
    return ValueKind::kChoice;
  }
  return option.value == "FILE"  ? ValueKind::kFile
         : option.value == "DIR" ? ValueKind::kFolder
                                 : ValueKind::kOther;
}

std::vector<const CommandInfo*> CompletedCommands(const CommandInfo& program) {
  return CommandsWithPages(program);
}

std::string LastWord(const CommandInfo& command) {
  return command.name.substr(command.name.rfind(' ') + 1);
}

void AddCompletion(Commands& commands) {
  auto shell = std::make_shared<std::string>();
  auto path = std::make_shared<std::string>("-");
  CLI::App* command =
      commands.app.add_subcommand("completion", "the script that lets a shell complete");
  command->add_option("SHELL", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command->add_option("--output", *path, "file that the script goes to; - is stdout")
      ->type_name("FILE");
  command->footer(
      "Examples:\n"
      "  fathom completion bash --output ~/.local/share/bash-completion/completions/fathom\n"
      "  fathom completion zsh --output ~/.zfunc/_fathom\n"
      "  fathom completion fish --output ~/.config/fish/completions/fathom.fish\n"
      "For zsh, the folder has to be in $fpath before compinit runs.");
  command->callback([&commands, shell, path] {
    commands.run = [&commands, shell, path]() -> Outcome {
      const CommandInfo program = Describe(commands.app, commands.settings);
      TRY(WriteOutput(*path, *shell == "bash"  ? BashCompletion(program)
                             : *shell == "zsh" ? ZshCompletion(program)
                                               : FishCompletion(program)));
      return 0;
    };
  });
}

}  // namespace fathom::cli
