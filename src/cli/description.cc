#include "cli/description.h"

#include <algorithm>

#include "cli/complaint.h"

namespace fathom::cli {
namespace {

std::string ValueName(const CLI::Option& option, bool has_choices) {
  if (option.get_items_expected_max() == 0) {
    return "";
  }
  const std::string type = option.get_type_name();
  const std::string word = type.substr(0, type.find(':'));
  if (has_choices || word == "TEXT") {
    return "WORD";
  }
  return word == "UINT" || word == "INT" ? "N" : word == "FLOAT" ? "NUMBER" : word;
}

OptionInfo DescribeOption(const CLI::Option& option, const SettingList& settings) {
  OptionInfo info;
  for (const std::string& name : option.get_snames()) {
    info.names.push_back("-" + name);
  }
  for (const std::string& name : option.get_lnames()) {
    info.names.push_back("--" + name);
  }
  info.choices = ChoicesOf(option);
  info.value = ValueName(option, !info.choices.empty());
  info.help = option.get_description();
  info.default_text = option.get_default_str();
  info.variable = settings.VariableOf(&option);
  info.group = option.get_group();
  info.repeats = option.get_expected_max() > 1;
  return info;
}

void ReadFooter(const std::string& footer, CommandInfo& info) {
  for (const std::string& raw : CLI::detail::split(footer, '\n')) {
    std::string line = CLI::detail::trim_copy(raw);
    for (const std::string_view word : {"Example:", "Examples:"}) {
      if (line.starts_with(word)) {
        line = CLI::detail::trim_copy(line.substr(word.size()));
      }
    }
    if (line.starts_with("fathom ")) {
      info.examples.push_back(line);
    } else if (!line.empty() || raw.empty()) {
      info.notes += raw + "\n";
    }
  }
  info.notes = CLI::detail::trim_copy(info.notes);
}

std::string FullName(const CLI::App& app) {
  const CLI::App* parent = app.get_parent();
  return parent == nullptr || parent->get_parent() == nullptr
             ? app.get_name()
             : FullName(*parent) + " " + app.get_name();
}

const CommandInfo* ShowOf(const CommandInfo& program) {
  const auto found = std::ranges::find(program.commands, kShowCommand, &CommandInfo::name);
  return found == program.commands.end() ? nullptr : &*found;
}

}  // namespace

std::string CommandInfo::Usage() const {
  std::string usage = name == "fathom" ? name : name == kShowCommand ? "fathom" : "fathom " + name;
  if (!commands.empty()) {
    usage += " COMMAND";
  }
  if (!options.empty()) {
    usage += " [OPTIONS]";
  }
  for (const ArgumentInfo& argument : arguments) {
    const std::string word = argument.name + (argument.repeats ? "..." : "");
    usage += argument.required ? " " + word : " [" + word + "]";
  }
  return usage;
}

CommandInfo Describe(const CLI::App& app, const SettingList& settings) {
  CommandInfo info;
  info.name = FullName(app);
  info.help = app.get_description();
  info.hidden = app.get_group().empty();
  for (const CLI::Option* option : app.get_options([](const CLI::Option*) { return true; })) {
    if (option->get_group().empty()) {
      continue;
    }
    if (option->get_positional()) {
      info.arguments.push_back({option->get_name(true, false), option->get_description(),
                                ChoicesOf(*option), option->get_required(),
                                option->get_expected_max() > 1});
    } else {
      info.options.push_back(DescribeOption(*option, settings));
    }
  }
  ReadFooter(app.get_footer(), info);
  for (const CLI::App* nested : app.get_subcommands([](const CLI::App*) { return true; })) {
    info.commands.push_back(Describe(*nested, settings));
  }
  return info;
}

std::vector<OptionInfo> OptionsOf(const CommandInfo& program, const CommandInfo& command) {
  std::vector<OptionInfo> options = command.options;
  const CommandInfo* show = &command == &program ? ShowOf(program) : nullptr;
  for (const OptionInfo& option : show != nullptr ? show->options : std::vector<OptionInfo>()) {
    if (std::ranges::find(options, option.names, &OptionInfo::names) == options.end()) {
      options.push_back(option);
    }
  }
  return options;
}

std::vector<ArgumentInfo> ArgumentsOf(const CommandInfo& program, const CommandInfo& command) {
  const CommandInfo* show = &command == &program ? ShowOf(program) : nullptr;
  return show != nullptr ? show->arguments : command.arguments;
}

}  // namespace fathom::cli
