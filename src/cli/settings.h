// Settings: options whose value may also come from a variable or a configuration file.
//
// The order is flags, FATHOM_ variables, .fathom.yaml of the current folder, the user's file,
// defaults. A command makes one of its options a setting with one call, beside its definition:
//
//   AsSetting(command.add_option("--platform", ...));             `platform`, FATHOM_PLATFORM
//   AsCommandSetting(command.add_option("-o,--format", ...));     `analyze.format`,
//                                                                 FATHOM_ANALYZE_FORMAT
//
// An option that several commands have under one name is one setting. Options that dive has, too,
// may also get their value from dive's own variables and files (cli/dive_settings.h), which come
// after the others.
#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/config_file.h"

namespace fathom::cli {

// The key is the option's long name. Returns the option.
CLI::Option* AsSetting(CLI::Option* option);
// The key is "COMMAND.NAME".
CLI::Option* AsCommandSetting(const CLI::App& command, CLI::Option* option);

struct Origin {
  enum class Kind { kFlag, kVariable, kFile, kDefault };
  Kind kind = Kind::kDefault;
  std::string name;  // of the option, the variable or the file
  size_t line = 0;   // in the file

  // "--color", "FATHOM_COLOR", "/home/me/.config/fathom/config.yaml:3", "default"
  std::string ToString() const;
};

struct SettingValue {
  std::vector<std::string> texts;  // one, but for options that take several
  Origin origin;
};

struct Setting {
  std::string key;
  std::vector<std::string> other_keys;  // that older files may have
  std::string variable;
  std::string option;                 // its name, "--color"
  std::vector<CLI::Option*> options;  // of all commands
  bool of_dive = false;

  // From the first that counts to the default, which is always there.
  std::vector<SettingValue> values;
};

// A file that settings may come from.
struct ConfigLocation {
  std::string path;
  std::string what;      // for people: "this folder"
  bool of_dive = false;  // dive's own file
  bool exists = false;
  bool required = false;  // somebody named it, so it must be there
};

enum class Dives { kCount, kDoNotCount };

class SettingList {
 public:
  // Finds the settings among the options of `app` and its commands. Once, after every command has
  // been added and before the arguments are parsed.
  void Collect(CLI::App& app);

  // The files that are looked for. `project` and `dive` are the files that --config of a command
  // names, or "".
  static std::vector<ConfigLocation> Locations(const std::string& project, const std::string& dive);

  // Reads variables and files and gives every option the value that counts for it, after the
  // arguments have been parsed. `dives` says whether dive's variables and files count, too. Errors:
  // kInvalidArgument, naming variable or file and line.
  Status Apply(const std::vector<ConfigLocation>& locations, Dives dives);

  const std::vector<Setting>& all() const { return settings_; }
  // The setting's variable, "" when the option is none.
  std::string VariableOf(const CLI::Option* option) const;
  bool Has(const CLI::Option* option) const { return variables_.contains(option); }

  // What to tell about FATHOM_ variables that no setting has: lines for stderr.
  std::vector<std::string> UnknownVariables() const;

 private:
  void CollectFrom(CLI::App& command);
  void Add(Setting setting, CLI::Option* option);
  Status CheckKeys(const ConfigFile& file) const;
  using Flags = std::map<const CLI::Option*, std::vector<std::string>>;  // what was given
  Status Resolve(Setting& setting, const std::vector<std::pair<ConfigFile, bool>>& files,
                 const Flags& flags);

  std::vector<Setting> settings_;
  std::map<const CLI::Option*, std::string> variables_;
};

}  // namespace fathom::cli
