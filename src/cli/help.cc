#include "cli/help.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace fathom::cli {
namespace {

constexpr size_t kWidth = 100;
constexpr size_t kHelpColumn = 34;

// Groups of many options, which --help leaves out.
constexpr std::array<std::string_view, 2> kCollapsed = {"Keys", "Limits"};
bool IsCollapsed(std::string_view group) {
  return std::ranges::find(kCollapsed, group) != kCollapsed.end();
}

constexpr std::array kVariables = {
    NamedText{"FATHOM_*", "a setting: 'fathom config' lists them; a flag wins"},
    NamedText{"FATHOM_CONFIG", "your configuration file, in place of ~/.config/fathom/config.yaml"},
    NamedText{"FATHOM_CACHE_DIR", "where layer indexes are kept; default ~/.cache/fathom"},
    NamedText{"NO_COLOR", "no colours unless --color=always"},
    NamedText{"CI", "true, 1 or yes: 'fathom IMAGE' evaluates the rules, as dive does"},
    NamedText{"DIVE_*", "dive's variables, for 'fathom IMAGE' and 'fathom build'"},
};

constexpr std::array kExitCodes = {
    NamedText{"0", "fine"},
    NamedText{"1", "a rule failed, a difference was found, or a build failed"},
    NamedText{"2", "the command line or a configuration file is wrong"},
    NamedText{"3", "the image is not there or may not be read"},
    NamedText{"4", "the network or a rate limit"},
    NamedText{"5", "the image is corrupt or hostile"},
    NamedText{"6", "a safety limit was reached"},
    NamedText{"130", "interrupted"},
};

// `text` in lines that begin at `column`; the first line continues what stands before it.
std::string Wrapped(std::string_view text, size_t column) {
  std::string out;
  size_t at = column;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (at > column && at + 1 + word.size() > kWidth) {
      out += "\n" + std::string(column, ' ');
      at = column;
    } else if (at > column) {
      out += ' ';
      ++at;
    }
    out += word;
    at += word.size();
  }
  return out;
}

std::string Row(const std::string& left, const std::string& text) {
  std::string row = "  " + left;
  if (row.size() + 2 > kHelpColumn) {
    row += "\n";
    row.append(kHelpColumn, ' ');
  } else {
    row.resize(kHelpColumn, ' ');
  }
  return row + Wrapped(text, kHelpColumn) + "\n";
}

std::string OptionRow(const OptionInfo& option) {
  std::string left = option.names.front().starts_with("--") ? "    " : "";
  for (const std::string& name : option.names) {
    left += (&name == &option.names.front() ? "" : ", ") + name;
  }
  left += option.value.empty() ? "" : " " + option.value;
  std::string text = option.help;
  if (!option.choices.empty()) {
    text += fmt::format(": {}", fmt::join(option.choices, ", "));
  }
  const bool has_default = !option.default_text.empty() && !option.value.empty();
  if (has_default || !option.variable.empty()) {
    text += fmt::format(" [{}{}{}]", has_default ? "default " + option.default_text : "",
                        has_default && !option.variable.empty() ? "; " : "", option.variable);
  }
  return Row(left, text);
}

std::string OptionGroups(const CommandInfo& command, HelpMode mode) {
  std::vector<std::string> groups;
  for (const OptionInfo& option : command.options) {
    if (std::ranges::find(groups, option.group) == groups.end()) {
      groups.push_back(option.group);
    }
  }
  // What is the command's own comes first; help comes last.
  const auto rank = [](const std::string& group) {
    return group == "Options" ? 0 : IsCollapsed(group) ? 2 : group == "Help" ? 3 : 1;
  };
  std::ranges::stable_sort(groups, {}, rank);
  std::string text;
  for (const std::string& group : groups) {
    if (IsCollapsed(group) && mode == HelpMode::kUsual) {
      const auto count = std::ranges::count(command.options, group, &OptionInfo::group);
      text += fmt::format("\n{}: {} options that --help-all shows\n", group, count);
      continue;
    }
    text += fmt::format("\n{}:\n", group);
    for (const OptionInfo& option : command.options) {
      text += option.group == group ? OptionRow(option) : "";
    }
  }
  return text;
}

std::string Arguments(const CommandInfo& command) {
  std::string text;
  for (const ArgumentInfo& argument : command.arguments) {
    text += Row(argument.name, argument.help);
  }
  return text.empty() ? "" : "\nArguments:\n" + text;
}

std::string Commands(const CommandInfo& command) {
  std::string text;
  for (const CommandInfo& nested : command.commands) {
    const std::string word = nested.name.substr(nested.name.rfind(' ') + 1);
    text += nested.hidden ? "" : Row(word, nested.help);
  }
  return text.empty() ? "" : "\nCommands:\n" + text;
}

std::string Examples(const CommandInfo& command) {
  std::string text;
  for (const std::string& example : command.examples) {
    text += "  " + example + "\n";
  }
  return text.empty()
             ? ""
             : fmt::format("\nExample{}:\n{}", command.examples.size() > 1 ? "s" : "", text);
}

std::string Names(const char* title, std::span<const NamedText> rows) {
  std::string text = fmt::format("\n{}:\n", title);
  for (const NamedText& row : rows) {
    text += Row(row.name, row.text);
  }
  return text;
}

}  // namespace

std::span<const NamedText> OtherVariables() { return kVariables; }
std::span<const NamedText> ExitCodes() { return kExitCodes; }

std::string HelpText(const CommandInfo& command, HelpMode mode) {
  const bool is_program = command.name == "fathom";
  std::string text = command.help + "\n\nUsage: ";
  text += is_program ? "fathom [OPTIONS] IMAGE\n       " : "";
  text += command.Usage() + "\n";
  text += Arguments(command) + Commands(command) + OptionGroups(command, mode) + Examples(command);
  text += command.notes.empty() ? "" : "\n" + command.notes + "\n";
  if (!is_program) {
    return text;
  }
  text += Names("Environment", kVariables) + Names("Exit codes", kExitCodes);
  text +=
      "\n'fathom help COMMAND' tells more of a command, 'fathom IMAGE --help' of the options "
      "there.\n";
  for (const CommandInfo& nested : command.commands) {
    if (mode == HelpMode::kAll && (!nested.hidden || nested.name == kShowCommand)) {
      text += "\n" + std::string(kWidth, '-') + "\n" + HelpText(nested, mode);
    }
  }
  return text;
}

std::string HelpFormatter::make_help(const CLI::App* app, std::string,
                                     CLI::AppFormatMode mode) const {
  return HelpText(Describe(*app, settings_),
                  mode == CLI::AppFormatMode::All ? HelpMode::kAll : HelpMode::kUsual);
}

}  // namespace fathom::cli
