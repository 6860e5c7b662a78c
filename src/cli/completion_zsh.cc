#include "cli/completion.h"

namespace fathom::cli {
namespace {

// A shell word in single quotes.
std::string Quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    out += c == '\'' ? "'\\''" : std::string(1, c);
  }
  return out + "'";
}

// What _arguments and _describe read inside of brackets and before colons.
std::string Escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') {
      out += '\\';
    }
    out += c;
  }
  return out;
}

std::string ValueAction(const OptionInfo& option) {
  switch (KindOf(option)) {
    case ValueKind::kChoice:
      return fmt::format(":{}:({})", option.value, fmt::join(option.choices, " "));
    case ValueKind::kFile:
      return fmt::format(":{}:_files", option.value);
    case ValueKind::kFolder:
      return fmt::format(":{}:_files -/", option.value);
    case ValueKind::kOther:
      return fmt::format(":{}: ", option.value);
    case ValueKind::kNone:
      break;
  }
  return "";
}

std::string OptionSpecs(const OptionInfo& option) {
  std::string specs;
  for (const std::string& name : option.names) {
    // Long options take their value behind a sign, too.
    const char* sign = option.value.empty() ? "" : name.starts_with("--") ? "=" : "+";
    specs += " \\\n      " + Quoted(fmt::format("{}{}{}[{}]{}", option.repeats ? "*" : "", name,
                                                sign, Escaped(option.help), ValueAction(option)));
  }
  return specs;
}

std::string ArgumentSpecs(const std::vector<ArgumentInfo>& arguments) {
  std::string specs;
  for (const ArgumentInfo& argument : arguments) {
    const std::string action =
        argument.choices.empty() ? "_files" : fmt::format("({})", fmt::join(argument.choices, " "));
    specs += " \\\n      " + Quoted(fmt::format("{}:{}:{}", argument.repeats ? "*" : "",
                                                Escaped(argument.name), action));
  }
  return specs;
}

std::string FunctionName(const CommandInfo& program, const CommandInfo& command) {
  std::string name = "_fathom";
  if (&command != &program) {
    name += "_" + command.name;
  }
  for (char& c : name) {
    c = c == ' ' || c == '-' ? '_' : c;
  }
  return name;
}

std::string Function(const CommandInfo& program, const CommandInfo& command) {
  std::string options;
  for (const OptionInfo& option : OptionsOf(program, command)) {
    options += OptionSpecs(option);
  }
  const std::string name = FunctionName(program, command);
  if (command.commands.empty()) {
    return fmt::format("{}() {{\n  _arguments -s{}{}\n}}\n\n", name, options,
                       ArgumentSpecs(command.arguments));
  }
  std::string described;
  std::string cases;
  for (const CommandInfo& nested : command.commands) {
    if (!nested.hidden) {
      const std::string word = LastWord(nested);
      described += " " + Quoted(Escaped(word) + ":" + Escaped(nested.help));
      cases += fmt::format("        {}) {} ;;\n", word, FunctionName(program, nested));
    }
  }
  // In place of a command the program itself takes an image, with the same options behind it.
  const bool takes_images = &command == &program;
  std::string other;
  if (takes_images) {
    other = fmt::format("_fathom_image() {{\n  _arguments -s{}{}\n}}\n\n", options,
                        ArgumentSpecs(ArgumentsOf(program, command)));
  }
  return other + fmt::format(R"({0}() {{
  local curcontext=$curcontext state line
  local -a commands=({1})
  _arguments -s -C{2} \
      '1: :->command' '*:: :->rest'
  case $state in
    command)
      _describe -t commands command commands
      {3}
      ;;
    rest)
      case $line[1] in
{4}        *) {5} ;;
      esac
      ;;
  esac
}}

)",
                             name, described, options, takes_images ? "_files" : ":", cases,
                             takes_images ? "_fathom_image" : ":");
}

}  // namespace

std::string ZshCompletion(const CommandInfo& program) {
  std::string text =
      "#compdef fathom\n# zsh completion of fathom, written by: fathom completion zsh\n\n";
  for (const CommandInfo* command : CompletedCommands(program)) {
    text += Function(program, *command);
  }
  return text + R"(if [ "$funcstack[1]" = _fathom ]; then
  _fathom "$@"
else
  compdef _fathom fathom
fi
)";
}

}  // namespace fathom::cli
