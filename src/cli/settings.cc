#include "cli/settings.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <ranges>

#include "base/nearest.h"
#include "base/text.h"
#include "cli/complaint.h"
#include "cli/dive_settings.h"
#include "cli/environment.h"

namespace fathom::cli {
namespace {

constexpr std::string_view kPrefix = "FATHOM_";
// Variables that are no settings.
constexpr std::array<std::string_view, 2> kOwnVariables = {"FATHOM_CACHE_DIR", "FATHOM_CONFIG"};
// Keys of the same files that others read.
const std::vector<std::string_view> kKeysOfOthers = {"rules"};

std::string VariableName(std::string_view prefix, std::string_view key) {
  std::string name(prefix);
  for (const char c : key) {
    name += c == '-' || c == '.'   ? '_'
            : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A')
                                   : c;
  }
  return name;
}

const std::string& LongName(const CLI::Option& option) { return option.get_lnames().front(); }

bool IsFile(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(path, error);
}

// Runs the option's checks and gives its variable the value. Restarts the option, so that it can
// be given several values one after the other.
Status Give(CLI::Option& option, const std::string& key, const SettingValue& value) {
  try {
    option.clear();
    option.add_result(value.texts);
    option.run_callback();
    return {};
  } catch (const CLI::Error& error) {
    return Fail(Code::kInvalidArgument, "{}: {}: {}", value.origin.ToString(), key,
                Complaint(option, error));
  }
}

}  // namespace

CLI::Option* AsSetting(CLI::Option* option) {
  return option->envname(VariableName(kPrefix, LongName(*option)));
}

CLI::Option* AsCommandSetting(const CLI::App& command, CLI::Option* option) {
  return option->envname(VariableName(kPrefix, command.get_name() + "." + LongName(*option)));
}

std::string Origin::ToString() const {
  switch (kind) {
    case Kind::kFile:
      return fmt::format("{}:{}", name, line);
    case Kind::kDefault:
      return "default";
    case Kind::kFlag:
    case Kind::kVariable:
      break;
  }
  return name;
}

void SettingList::Collect(CLI::App& app) {
  CollectFrom(app);
  std::ranges::sort(settings_, {}, [](const Setting& s) { return std::pair(s.of_dive, s.key); });
}

// CLI11 would read the variables itself, without telling where a value comes from.
void SettingList::CollectFrom(CLI::App& command) {
  for (CLI::Option* option : command.get_options([](CLI::Option*) { return true; })) {
    const std::string variable = option->get_envname();
    if (!variable.starts_with(kPrefix) || option->get_lnames().empty()) {
      continue;
    }
    option->envname("");
    const std::string& name = LongName(*option);
    const bool shared = variable == VariableName(kPrefix, name);
    Setting setting;
    setting.key = shared ? name : command.get_name() + "." + name;
    setting.variable = variable;
    variables_.emplace(option, variable);
    Add(std::move(setting), option);
  }
  if (command.get_name() == "show" || command.get_name() == "build") {
    for (const DiveKey& key : DiveKeys()) {
      if (CLI::Option* option = command.get_option_no_throw(key.option); option != nullptr) {
        Setting setting;
        setting.key = key.key;
        setting.other_keys = {key.other_key};
        setting.variable = VariableName("DIVE_", key.key);
        setting.of_dive = true;
        Add(std::move(setting), option);
      }
    }
  }
  for (CLI::App* nested : command.get_subcommands([](CLI::App*) { return true; })) {
    CollectFrom(*nested);
  }
}

void SettingList::Add(Setting setting, CLI::Option* option) {
  const auto known = std::ranges::find_if(settings_, [&](const Setting& other) {
    return other.key == setting.key && other.of_dive == setting.of_dive;
  });
  if (known != settings_.end()) {
    known->options.push_back(option);
    return;
  }
  setting.option = "--" + LongName(*option);
  setting.options = {option};
  settings_.push_back(std::move(setting));
}

std::vector<ConfigLocation> SettingList::Locations(const std::string& project,
                                                   const std::string& dive) {
  std::vector<ConfigLocation> locations;
  if (project.empty()) {
    locations.push_back({".fathom.yaml", "this folder", false, IsThere(".fathom.yaml")});
  } else {
    locations.push_back({project, "--config", false, true, true});
  }
  if (const std::string named = Environment("FATHOM_CONFIG"); !named.empty()) {
    locations.push_back({named, "FATHOM_CONFIG", false, true, true});
  } else if (const std::string home = ConfigHome(); !home.empty()) {
    const std::string path = home + "/fathom/config.yaml";
    locations.push_back({path, "yours", false, IsFile(path)});
  }
  const auto more = DiveLocations(dive);
  locations.insert(locations.end(), more.begin(), more.end());
  return locations;
}

Status SettingList::Apply(const std::vector<ConfigLocation>& locations, Dives dives) {
  std::vector<std::pair<ConfigFile, bool>> files;
  bool has_dive = false;
  for (const ConfigLocation& location : locations) {
    if (!location.exists || (location.of_dive && (has_dive || dives == Dives::kDoNotCount))) {
      continue;  // dive reads one file only
    }
    has_dive = has_dive || location.of_dive;
    // dive's files have keys of dive's explorer, whose lists people empty.
    auto file = location.of_dive ? ReadConfigFile(location.path, {}, OddValues::kPassedOver)
                                 : ReadConfigFile(location.path, kKeysOfOthers, OddValues::kError);
    if (!file) {
      return std::unexpected(std::move(file).error());
    }
    if (!location.of_dive) {
      TRY(CheckKeys(*file));
    }
    files.emplace_back(std::move(*file), location.of_dive);
  }
  Flags flags;
  for (const Setting& setting : settings_) {
    for (const CLI::Option* option : setting.options) {
      if (option->count() > 0) {
        flags.emplace(option, option->results());
      }
    }
  }
  // dive's come first, so that a value of ours takes the place of dive's for the same option.
  for (Setting& setting : settings_ | std::views::reverse) {
    if (!setting.of_dive || dives == Dives::kCount) {
      TRY(Resolve(setting, files, flags));
    }
  }
  return {};
}

Status SettingList::CheckKeys(const ConfigFile& file) const {
  std::vector<std::string_view> known(kKeysOfOthers);
  for (const Setting& setting : settings_) {
    if (!setting.of_dive) {
      known.push_back(setting.key);
    }
  }
  for (const ConfigEntry& entry : file.entries) {
    if (std::ranges::find(known, entry.key) == known.end()) {
      return Fail(Code::kInvalidArgument, "{}:{}: '{}' is no setting{}; 'fathom config' lists them",
                  file.path, entry.line, entry.key, DidYouMean(entry.key, known));
    }
  }
  return {};
}

Status SettingList::Resolve(Setting& setting, const std::vector<std::pair<ConfigFile, bool>>& files,
                            const Flags& flags) {
  using enum Origin::Kind;
  std::vector<SettingValue> values;
  if (const std::string text = Environment(setting.variable.c_str()); !text.empty()) {
    values.push_back({{text}, {kVariable, setting.variable}});
  }
  for (const auto& [file, of_dive] : files) {
    const ConfigEntry* entry = of_dive == setting.of_dive ? file.Find(setting.key) : nullptr;
    for (const std::string& other : setting.other_keys) {
      entry = entry == nullptr && of_dive && !other.empty() ? file.Find(other) : entry;
    }
    if (entry != nullptr) {
      values.push_back({entry->values, {kFile, file.path, entry->line}});
    }
  }
  for (CLI::Option* option : setting.options) {
    std::vector<SettingValue> own = values;
    if (const auto flag = flags.find(option); flag != flags.end()) {
      own.insert(own.begin(), {flag->second, {kFlag, setting.option}});
      setting.values.insert(setting.values.begin(), own.front());
    }
    for (auto value = own.rbegin(); value != own.rend(); ++value) {
      TRY(Give(*option, setting.key, *value));
    }
  }
  setting.values.insert(setting.values.end(), values.begin(), values.end());
  const std::string text = setting.options.front()->get_default_str();
  const bool is_flag = setting.options.front()->get_items_expected_max() == 0;
  setting.values.push_back({{text.empty() && is_flag ? "false" : text}, {kDefault, ""}});
  return {};
}

std::string SettingList::VariableOf(const CLI::Option* option) const {
  const auto found = variables_.find(option);
  return found == variables_.end() ? "" : found->second;
}

std::vector<std::string> SettingList::UnknownVariables() const {
  std::vector<std::string_view> known(kOwnVariables.begin(), kOwnVariables.end());
  for (const Setting& setting : settings_) {
    if (!setting.of_dive) {
      known.push_back(setting.variable);
    }
  }
  std::vector<std::string> lines;
  for (const std::string& name : VariablesWith(kPrefix)) {
    if (std::ranges::find(known, name) == known.end()) {
      lines.push_back(fmt::format("{} is no setting{}, so it changes nothing", Printable(name),
                                  DidYouMean(name, known)));
    }
  }
  return lines;
}

}  // namespace fathom::cli
