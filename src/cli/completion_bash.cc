#include "cli/completion.h"

namespace fathom::cli {
namespace {

// A case of the function that says what may follow an option.
std::string ValueCase(const OptionInfo& option) {
  const std::string names = fmt::format("{}", fmt::join(option.names, "|"));
  switch (KindOf(option)) {
    case ValueKind::kChoice:
      return fmt::format("        {}) words='{}' ;;\n", names, fmt::join(option.choices, " "));
    case ValueKind::kFile:
      return fmt::format("        {}) action=file ;;\n", names);
    case ValueKind::kFolder:
      return fmt::format("        {}) action=directory ;;\n", names);
    case ValueKind::kOther:
      return fmt::format("        {}) action=nothing ;;\n", names);
    case ValueKind::kNone:
      break;
  }
  return "";
}

std::string CommandCase(const CommandInfo& program, const CommandInfo& command) {
  std::string options;
  std::string values;
  for (const OptionInfo& option : OptionsOf(program, command)) {
    options += (options.empty() ? "" : " ") + option.names.back();
    values += ValueCase(option);
  }
  std::string nested;
  for (const CommandInfo& below : command.commands) {
    nested += below.hidden ? "" : (nested.empty() ? "" : " ") + LastWord(below);
  }
  std::string arguments;
  bool files = false;
  for (const ArgumentInfo& argument : ArgumentsOf(program, command)) {
    arguments += fmt::format("{}", fmt::join(argument.choices, " "));
    files = files || argument.choices.empty();
  }
  std::string text = fmt::format("    '{}')\n", &command == &program ? "" : command.name);
  text += fmt::format("      options='{}'\n      commands='{}'\n      arguments='{}'\n", options,
                      nested, arguments);
  text += fmt::format("      files={}\n", files ? "yes" : "no");
  if (!values.empty()) {
    text += "      case $previous in\n" + values + "      esac\n";
  }
  return text + "      ;;\n";
}

}  // namespace

std::string BashCompletion(const CommandInfo& program) {
  std::string names;
  std::string cases;
  for (const CommandInfo* command : CompletedCommands(program)) {
    if (command != &program) {
      names += (names.empty() ? "" : "|") + fmt::format("'{}'", command->name);
    }
    cases += CommandCase(program, *command);
  }
  return fmt::format(R"(# bash completion of fathom, written by: fathom completion bash
_fathom() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} previous='' command='' word i
  local options='' commands='' arguments='' files=no words='' action=''
  [ "$COMP_CWORD" -gt 0 ] && previous=${{COMP_WORDS[COMP_CWORD-1]}}
  # readline cuts --option=value at the sign
  if [ "$current" = = ]; then
    current=''
  elif [ "$previous" = = ] && [ "$COMP_CWORD" -gt 1 ]; then
    previous=${{COMP_WORDS[COMP_CWORD-2]}}
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${{command:+$command }}${{COMP_WORDS[i]}}
    case $word in
      {0}) command=$word ;;
      *) [ -z "$command" ] && break ;;
    esac
  done
  COMPREPLY=()
  case $command in
{1}  esac
  if [ -n "$words" ]; then
    COMPREPLY=($(compgen -W "$words" -- "$current"))
  elif [ "$action" = file ]; then
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
  elif [ "$action" = directory ]; then
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -d -- "$current")
  elif [ "$action" = nothing ]; then
    :
  elif [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$current"))
  else
    # commands come before everything else but options
    [ "$COMP_CWORD" -gt 1 ] && [ -z "$command" ] && commands=''
    mapfile -t COMPREPLY < <(compgen -W "$commands $arguments" -- "$current")
    if [ "$files" = yes ]; then
      compopt -o filenames 2>/dev/null
      mapfile -t -O ${{#COMPREPLY[@]}} COMPREPLY < <(compgen -f -- "$current")
    fi
  fi
}}
complete -F _fathom fathom
)",
                     names, cases);
}

}  // namespace fathom::cli
