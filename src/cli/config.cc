// fathom config: every setting with its value and where that comes from.
#include <algorithm>

#include "base/text.h"
#include "cli/command.h"
#include "report/json_writer.h"

namespace fathom::cli {
namespace {

struct ConfigOptions {
  ImageOptions image;  // so that flags may be tried out
  OutputOptions output;
};

std::string_view KindName(Origin::Kind kind) {
  constexpr std::string_view kNames[] = {"flag", "variable", "file", "default"};
  return kNames[static_cast<size_t>(kind)];
}

std::string Joined(const std::vector<std::string>& texts) {
  return fmt::format("{}", fmt::join(texts, ","));
}

std::string Table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t column = 0; column < row.size(); ++column) {
      widths[column] = std::max(widths[column], row[column].size());
    }
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (size_t column = 0; column < row.size(); ++column) {
      line += fmt::format("{:<{}}", row[column], column + 1 < row.size() ? widths[column] + 2 : 0);
    }
    text += line + "\n";
  }
  return text;
}

std::string SettingsTable(const std::vector<Setting>& settings) {
  std::vector<std::vector<std::string>> rows = {{"SETTING", "VALUE", "FROM", "VARIABLE"}};
  for (const Setting& setting : settings) {
    const SettingValue& value = setting.values.front();
    const std::string text = Joined(value.texts);
    rows.push_back({(setting.of_dive ? "dive: " : "") + setting.key,
                    text.empty() ? "-" : Printable(text), Printable(value.origin.ToString()),
                    setting.variable});
  }
  return Table(rows);
}

void WriteValue(report::JsonWriter& json, const SettingValue& value) {
  json.Member("value", std::string_view(Joined(value.texts)));
  json.Key("origin");
  json.BeginObject();
  json.Member("kind", KindName(value.origin.kind));
  json.Key("name");
  json.TextOrNull(value.origin.name);
  json.Key("line");
  value.origin.line > 0 ? json.Number(uint64_t{value.origin.line}) : json.Null();
  json.EndObject();
}

std::string SettingsJson(const std::vector<Setting>& settings) {
  std::string text;
  report::JsonWriter json(text);
  json.BeginObject();
  json.Member("schema", std::string_view("fathom/config/v1"));
  json.Key("settings");
  json.BeginArray();
  for (const Setting& setting : settings) {
    json.BeginObject();
    json.Member("key", std::string_view(setting.key));
    json.Member("dive", setting.of_dive);
    json.Member("variable", std::string_view(setting.variable));
    json.Member("option", std::string_view(setting.option));
    json.Member("help", std::string_view(setting.options.front()->get_description()));
    WriteValue(json, setting.values.front());
    json.Key("overridden");
    json.BeginArray();
    for (auto value = setting.values.begin() + 1; value != setting.values.end(); ++value) {
      json.BeginObject();
      WriteValue(json, *value);
      json.EndObject();
    }
    json.EndArray();
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  return text + "\n";
}

std::string LocationsText(const std::vector<ConfigLocation>& locations) {
  std::vector<std::vector<std::string>> rows = {{"FILE", "WHOSE", "STATE"}};
  bool dive_found = false;
  for (const ConfigLocation& location : locations) {
    const char* state = !location.exists                 ? "absent"
                        : location.of_dive && dive_found ? "not read, an earlier one counts"
                                                         : "read";
    dive_found = dive_found || (location.of_dive && location.exists);
    rows.push_back({Printable(location.path), location.what, state});
  }
  return Table(rows);
}

}  // namespace

void AddConfig(Commands& commands) {
  auto options = std::make_shared<ConfigOptions>();
  CLI::App* command =
      commands.app.add_subcommand("config", "every setting, its value and where it comes from");
  AddReadOptions(*command, options->image);
  AddOutputOptions(*command, options->output, {"table", "json"});
  command->footer(
      "Examples:\n"
      "  fathom config\n"
      "  fathom config --cache-size 500MB -o json\n"
      "  fathom config locations\n"
      "Flags win over FATHOM_ variables, these over .fathom.yaml in the current folder, this over\n"
      "your own file, this over defaults.");
  CLI::App* locations =
      command->add_subcommand("locations", "the files that are looked for, and which are there");
  locations->footer("Example: fathom config locations");
  command->callback([&commands, options, locations] {
    if (locations->parsed()) {
      commands.run = []() -> Outcome {
        TRY(WriteOutput("-", LocationsText(SettingList::Locations("", ""))));
        return 0;
      };
      return;
    }
    commands.run = [&commands, options]() -> Outcome {
      const std::vector<Setting>& settings = commands.settings.all();
      TRY(WriteOutput(options->output.path, options->output.format == "json"
                                                ? SettingsJson(settings)
                                                : SettingsTable(settings)));
      return 0;
    };
  });
}

}  // namespace fathom::cli
