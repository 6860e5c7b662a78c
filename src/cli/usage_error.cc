#include "cli/usage_error.h"

#include <unistd.h>

#include <algorithm>

#include "base/nearest.h"
#include "cli/complaint.h"
#include "cli/description.h"

namespace fathom::cli {
namespace {

std::vector<const CLI::App*> AllOf(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

const CLI::App& Parsed(const CLI::App& app) {
  for (const CLI::App* nested : AllOf(app)) {
    if (nested->parsed()) {
      return Parsed(*nested);
    }
  }
  return app;
}

// Names of the commands below `app` that people may know of.
std::vector<std::string> CommandNames(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* nested : AllOf(app)) {
    if (!nested->get_group().empty()) {
      names.push_back(nested->get_name());
    }
  }
  return names;
}

std::vector<std::string> OptionNames(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options([](const CLI::Option*) { return true; })) {
    for (const std::string& name : option->get_lnames()) {
      names.push_back("--" + name);
    }
  }
  return names;
}

std::string Suggestion(const std::string& word, const std::vector<std::string>& known) {
  const std::vector<std::string_view> views(known.begin(), known.end());
  return DidYouMean(word, views);
}

bool ShowsImage(const CLI::App& app, const std::vector<std::string>& given) {
  return !given.empty() && !given.front().starts_with('-') && !IsCommand(app, given.front());
}

// "'analize' is no command (did you mean 'analyze'?)", or "" when the word may be an image.
std::string NoCommand(const CLI::App& app, const std::string& word) {
  const std::string suggestion = Suggestion(word, CommandNames(app));
  if (suggestion.empty() || ::access(word.c_str(), F_OK) == 0) {
    return "";
  }
  return fmt::format("'{}' is no command{}", word, suggestion);
}

// The complaint about a value, which CLI11 begins with the option's name.
std::string WrongValue(const CLI::App& command, const CLI::ParseError& error) {
  const std::string_view what = error.what();
  for (const CLI::Option* option : command.get_options([](const CLI::Option*) { return true; })) {
    const bool is_its = dynamic_cast<const CLI::ValidationError*>(&error) != nullptr ||
                        dynamic_cast<const CLI::ConversionError*>(&error) != nullptr;
    if (is_its && option->count() > 0 && what.contains(option->get_name())) {
      return fmt::format("{}: {}", option->get_name(), Complaint(*option, error));
    }
  }
  return std::string(what);
}

// The complaint about arguments that nothing takes.
std::string Unexpected(const CLI::App& command, const CLI::ParseError& error) {
  for (const std::string& word : command.remaining()) {
    if (word.starts_with('-') && word.size() > 1) {
      const std::string name = word.substr(0, word.find('='));
      return fmt::format("there is no option '{}'{}", name, Suggestion(name, OptionNames(command)));
    }
    if (!AllOf(command).empty()) {
      return fmt::format("'{}' is no command of '{}'{}", word, command.get_name(),
                         Suggestion(word, CommandNames(command)));
    }
    return fmt::format("'{}' is one argument too many", word);
  }
  return WrongValue(command, error);
}

}  // namespace

bool IsCommand(const CLI::App& app, const std::string& word) {
  return word == "-h" || word == "--help" || word == "--help-all" || word == "--version" ||
         std::ranges::any_of(AllOf(app),
                             [&](const CLI::App* nested) { return nested->get_name() == word; });
}

Error NoSuchCommand(const CLI::App& app, const std::string& word) {
  return Error{Code::kInvalidArgument,
               fmt::format("there is no command '{}'{}\n'fathom --help' lists them", word,
                           Suggestion(word, CommandNames(app)))};
}

Error UsageError(const CLI::App& app, const std::vector<std::string>& given,
                 const CLI::ParseError& error) {
  const CLI::App& command = Parsed(app);
  std::string what = Unexpected(command, error);
  const bool shows = command.get_name() == kShowCommand;
  if (shows && ShowsImage(app, given)) {
    const std::string hint = NoCommand(app, given.front());
    what = hint.empty() ? fmt::format("{}\n'{}' is no command, so it is taken for an image", what,
                                      given.front())
                        : hint;
  }
  const std::string name = Describe(command, SettingList()).name;
  const std::string help = shows || name == "fathom" ? "fathom" : "fathom " + name;
  return Error{Code::kInvalidArgument, fmt::format("{}\n'{} --help' tells more", what, help)};
}

Error WithCommandHint(const CLI::App& app, const std::vector<std::string>& given, Error error) {
  if (error.code == Code::kNotFound && given.size() == 1 && ShowsImage(app, given)) {
    if (const std::string hint = NoCommand(app, given.front()); !hint.empty()) {
      error.message += fmt::format("\n{}", hint);
    }
  }
  return error;
}

}  // namespace fathom::cli
