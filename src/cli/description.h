// What a command is, in plain values taken from its definition: the one thing that help, manual
// pages and completions are made of.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "cli/settings.h"

namespace fathom::cli {

struct OptionInfo {
  std::vector<std::string> names;    // "-o", "--format"
  std::string value;                 // "FILE", "BYTES"; "" for a flag
  std::vector<std::string> choices;  // the only values it takes, if there are only some
  std::string help;
  std::string default_text;
  std::string variable;  // FATHOM_FORMAT, or ""
  std::string group;     // heading in the help
  bool repeats = false;
};

struct ArgumentInfo {
  std::string name;
  std::string help;
  std::vector<std::string> choices;
  bool required = false;
  bool repeats = false;
};

struct CommandInfo {
  std::string name;  // "cache prune"; "fathom" for the program
  std::string help;
  bool hidden = false;  // people need not know of it
  std::vector<ArgumentInfo> arguments;
  std::vector<OptionInfo> options;
  std::vector<std::string> examples;  // lines that begin with "fathom"
  std::string notes;                  // what else the footer says
  std::vector<CommandInfo> commands;

  // "fathom cache prune [OPTIONS]"
  std::string Usage() const;
};

// Of the program or one of its commands, with all below it.
CommandInfo Describe(const CLI::App& app, const SettingList& settings);

// The command's own; for the program, those of `fathom IMAGE`, too.
std::vector<OptionInfo> OptionsOf(const CommandInfo& program, const CommandInfo& command);
std::vector<ArgumentInfo> ArgumentsOf(const CommandInfo& program, const CommandInfo& command);

// The hidden command that `fathom IMAGE` is.
constexpr const char* kShowCommand = "show";

}  // namespace fathom::cli
