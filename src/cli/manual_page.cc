#include "cli/manual_page.h"

#include <algorithm>

#include "cli/help.h"

namespace fathom::cli {
namespace {

// Text that roff takes as it is: no escapes, no requests, dashes that can be copied.
std::string Roff(std::string_view text) {
  std::string out;
  bool line_start = true;
  for (const char c : text) {
    if (line_start && (c == '.' || c == '\'')) {
      out += "\\&";
    }
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else if (c == '\'') {
      out += "\\(aq";
    } else if (c == '^') {
      out += "\\(ha";
    } else if (c == '~') {
      out += "\\(ti";
    } else if (c == '`') {
      out += "\\(ga";
    } else {
      out += c;
    }
    line_start = c == '\n';
  }
  return out;
}

std::string Bold(std::string_view text) { return "\\fB" + Roff(text) + "\\fR"; }
std::string Italic(std::string_view text) { return "\\fI" + Roff(text) + "\\fR"; }

std::string Item(const std::string& tag, const std::string& text) {
  return ".TP\n" + tag + "\n" + text + "\n";
}

std::string OptionItem(const OptionInfo& option) {
  std::string tag;
  for (const std::string& name : option.names) {
    tag += (tag.empty() ? "" : ", ") + Bold(name);
  }
  tag += option.value.empty() ? "" : " " + Italic(option.value);
  std::string text = Roff(option.help) + ".";
  if (!option.choices.empty()) {
    text += " One of ";
    for (const std::string& choice : option.choices) {
      text += (&choice == &option.choices.front() ? "" : ", ") + Bold(choice);
    }
    text += ".";
  }
  if (!option.default_text.empty() && !option.value.empty()) {
    text += " The default is " + Bold(option.default_text) + ".";
  }
  if (!option.variable.empty()) {
    text += " Also set by " + Bold(option.variable) + ".";
  }
  return Item(tag, text);
}

std::string Options(const CommandInfo& program, const CommandInfo& command) {
  std::string text;
  for (const ArgumentInfo& argument : ArgumentsOf(program, command)) {
    text += Item(Italic(argument.name), Roff(argument.help) + ".");
  }
  for (const OptionInfo& option : OptionsOf(program, command)) {
    text += OptionItem(option);
  }
  return text.empty() ? "" : ".SH OPTIONS\n" + text;
}

std::string Commands(const CommandInfo& command) {
  std::string text;
  for (const CommandInfo& nested : command.commands) {
    if (!nested.hidden) {
      text += Item(Bold("fathom " + nested.name), Roff(nested.help) + ".");
    }
  }
  return text.empty() ? "" : ".SH COMMANDS\n" + text;
}

std::string Examples(const CommandInfo& command) {
  if (command.examples.empty()) {
    return "";
  }
  std::string text = ".SH EXAMPLES\n.nf\n";
  for (const std::string& example : command.examples) {
    text += Roff(example) + "\n";
  }
  return text + ".fi\n";
}

std::string Names(const char* title, std::span<const NamedText> rows) {
  std::string text = fmt::format(".SH {}\n", title);
  for (const NamedText& row : rows) {
    text += Item(Bold(row.name), Roff(row.text) + ".");
  }
  return text;
}

void Collect(const CommandInfo& command, std::vector<const CommandInfo*>& found) {
  if (!command.hidden) {
    found.push_back(&command);
    for (const CommandInfo& nested : command.commands) {
      Collect(nested, found);
    }
  }
}

std::string SeeAlso(const CommandInfo& program, const CommandInfo& command) {
  std::string text;
  for (const CommandInfo* other : CommandsWithPages(program)) {
    if (other != &command && (command.name == program.name || other->name == program.name ||
                              other->name.starts_with(command.name + " "))) {
      text += (text.empty() ? "" : ",\n") + fmt::format("{}(1)", Bold(PageName(*other)));
    }
  }
  return text.empty() ? "" : ".SH SEE ALSO\n" + text + "\n";
}

}  // namespace

std::vector<const CommandInfo*> CommandsWithPages(const CommandInfo& program) {
  std::vector<const CommandInfo*> found;
  Collect(program, found);
  return found;
}

std::string PageName(const CommandInfo& command) {
  std::string name = command.name == "fathom" ? command.name : "fathom-" + command.name;
  std::ranges::replace(name, ' ', '-');
  return name;
}

std::string ManualPage(const CommandInfo& program, const CommandInfo& command,
                       const std::string& version) {
  std::string title = PageName(command);
  std::ranges::transform(title, title.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  std::string page =
      fmt::format(".TH {} 1 \"\" \"fathom {}\" \"User Commands\"\n", Roff(title), Roff(version));
  page += fmt::format(".SH NAME\n{} \\- {}\n", Roff(PageName(command)), Roff(command.help));
  page += ".SH SYNOPSIS\n";
  page += command.name == program.name ? Bold("fathom [OPTIONS] IMAGE") + "\n.br\n" : "";
  page += Bold(command.Usage()) + "\n";
  if (!command.notes.empty()) {
    page += ".SH DESCRIPTION\n" + Roff(command.notes) + "\n";
  }
  page += Commands(command) + Options(program, command) + Examples(command);
  if (command.name == program.name) {
    page += Names("ENVIRONMENT", OtherVariables());
  }
  return page + Names("EXIT STATUS", ExitCodes()) + SeeAlso(program, command);
}

}  // namespace fathom::cli
