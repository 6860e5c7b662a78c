// The text of --help.
#pragma once

#include <CLI/CLI.hpp>
#include <span>
#include <string>

#include "cli/description.h"

namespace fathom::cli {

// How much is shown: --help leaves out what few people need (the safety limits); --help-all of the
// program shows the help of every command.
enum class HelpMode { kUsual, kAll };

std::string HelpText(const CommandInfo& command, HelpMode mode);

// Gives help to CLI11, which asks for it where the arguments want it.
class HelpFormatter final : public CLI::FormatterBase {
 public:
  // `settings` outlives the formatter.
  explicit HelpFormatter(const SettingList& settings) : settings_(settings) {}
  std::string make_help(const CLI::App* app, std::string name,
                        CLI::AppFormatMode mode) const override;

 private:
  const SettingList& settings_;
};

// Variables that are no settings, and exit codes, as (name, meaning).
struct NamedText {
  const char* name;
  const char* text;
};
std::span<const NamedText> OtherVariables();
std::span<const NamedText> ExitCodes();

}  // namespace fathom::cli
