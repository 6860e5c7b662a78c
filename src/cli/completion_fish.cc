#include "cli/completion.h"

namespace fathom::cli {
namespace {

std::string Quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    out += c == '\'' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  }
  return out + "'";
}

std::string OptionLine(const std::string& condition, const OptionInfo& option) {
  std::string line = "complete -c fathom -n " + condition;
  for (const std::string& name : option.names) {
    line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  }
  switch (KindOf(option)) {
    case ValueKind::kChoice:
      line += " -x -a " + Quoted(fmt::format("{}", fmt::join(option.choices, " ")));
      break;
    case ValueKind::kFile:
      line += " -r -F";
      break;
    case ValueKind::kFolder:
      line += " -x -a '(__fish_complete_directories)'";
      break;
    case ValueKind::kOther:
      line += " -x";
      break;
    case ValueKind::kNone:
      break;
  }
  return line + " -d " + Quoted(option.help) + "\n";
}

std::string Lines(const CommandInfo& program, const CommandInfo& command) {
  const std::string condition =
      Quoted(fmt::format("__fathom_command_is '{}'", &command == &program ? "" : command.name));
  std::string text;
  for (const CommandInfo& nested : command.commands) {
    if (!nested.hidden) {
      text += fmt::format("complete -c fathom -n {} -a {} -d {}\n", condition, LastWord(nested),
                          Quoted(nested.help));
    }
  }
  bool files = false;
  for (const ArgumentInfo& argument : ArgumentsOf(program, command)) {
    files = files || argument.choices.empty();
    if (!argument.choices.empty()) {
      text += fmt::format("complete -c fathom -n {} -a {}\n", condition,
                          Quoted(fmt::format("{}", fmt::join(argument.choices, " "))));
    }
  }
  text += fmt::format("complete -c fathom -n {} {}\n", condition, files ? "-F" : "-f");
  for (const OptionInfo& option : OptionsOf(program, command)) {
    text += OptionLine(condition, option);
  }
  return text;
}

}  // namespace

std::string FishCompletion(const CommandInfo& program) {
  std::string names;
  std::string lines;
  for (const CommandInfo* command : CompletedCommands(program)) {
    names += command == &program ? "" : " " + Quoted(command->name);
    lines += Lines(program, *command);
  }
  return fmt::format(R"(# fish completion of fathom, written by: fathom completion fish
# Whether the words so far name the command, or none where it is ''.
function __fathom_command_is
    set -l command
    set -l words (commandline -opc)
    for word in $words[2..-1]
        set -l longer (string trim -- "$command $word")
        if contains -- $longer{0}
            set command $longer
        else if test -z "$command"
            break
        end
    end
    test "$command" = "$argv[1]"
end

{1})",
                     names, lines);
}

}  // namespace fathom::cli
