#include "cli/explore.h"

#include <unistd.h>

#include <cstdlib>

#include "base/text.h"
#include "tui/explorer.h"

namespace fathom::cli {
namespace {

constexpr const char* kGroup = "Explorer";
constexpr const char* kKeyGroup = "Keys";

// The words of the setting, and "true" and "false" as dive has it.
CLI::Option* AddChoice(CLI::App& command, const std::string& name, std::string& value,
                       std::vector<std::string> words, const std::string& help) {
  CLI::Option* option = AsSetting(command.add_option(name, value, help));
  return option->check(CLI::IsMember(std::move(words)))->capture_default_str()->group(kGroup);
}

tui::Mode ModeOf(const std::string& word) {
  return word == "aggregate" || word == "true" ? tui::Mode::kAggregate
         : word == "final"                     ? tui::Mode::kFinal
                                               : tui::Mode::kChanges;
}

tui::Attributes AttributesOf(const std::string& word) {
  return word == "none" || word == "false" ? tui::Attributes::kNone
         : word == "sizes"                 ? tui::Attributes::kSizes
                                           : tui::Attributes::kAll;
}

Result<tui::Preferences> MakePreferences(const ExplorerOptions& options) {
  tui::Preferences preferences;
  preferences.theme = options.theme;
  preferences.ascii = options.ascii;
  preferences.dive_layout = options.layout == "dive";
  preferences.split = 1 - options.tree_width;
  preferences.fold_all = options.fold == "true";
  preferences.mode = ModeOf(options.changes);
  preferences.attributes = AttributesOf(options.attributes);
  for (const std::string& word : options.hide) {
    for (size_t change = 0; change < std::size(preferences.hidden); ++change) {
      preferences.hidden[change] |= word == tree::ChangeName(static_cast<tree::Change>(change));
    }
  }
  for (const auto& [action, keys] : options.keys) {
    if (!keys.empty()) {
      TRY(preferences.keys.Bind(action, keys));
    }
  }
  return preferences;
}

std::string Complaint(const std::string& keys) {
  tui::KeyMap map;
  const Status bound = map.Bind(tui::ActionInfos().front().name, keys);
  return bound ? "" : bound.error().message;
}

std::vector<std::string> ThemeNames() {
  std::vector<std::string> names = {"auto"};
  for (const tui::Theme& theme : tui::Themes()) {
    names.emplace_back(theme.name);
  }
  return names;
}

void AddKeys(CLI::App& command, ExplorerOptions& options) {
  options.keys.reserve(tui::ActionInfos().size());
  for (const tui::ActionInfo& info : tui::ActionInfos()) {
    options.keys.emplace_back(info.name, "");
    AsSetting(command.add_option("--key-" + std::string(info.name), options.keys.back().second,
                                 std::string(info.help)))
        ->type_name("KEYS")
        ->default_str(std::string(info.keys))
        ->check(Complaint)
        ->group(kKeyGroup);
  }
}

}  // namespace

void AddExplorerOptions(CLI::App& command, ExplorerOptions& options, bool with_keys) {
  AddChoice(command, "--theme", options.theme, ThemeNames(), "colours");
  AddChoice(command, "--layout", options.layout, {"fathom", "dive"}, "how the tree looks");
  AddChoice(command, "--tree", options.changes, {"layer", "aggregate", "final", "true", "false"},
            "what the tree shows at first: what the layer changed, what all layers up to it "
            "changed, or the final file system");
  AddChoice(command, "--attributes", options.attributes, {"all", "sizes", "none", "true", "false"},
            "columns before the names of the tree");
  AddChoice(command, "--fold", options.fold, {"true", "false"},
            "whether all directories are folded at first");
  AsSetting(command.add_option("--tree-width", options.tree_width, "the tree's part of the width"))
      ->check(CLI::Range(0.1, 0.9))
      ->capture_default_str()
      ->group(kGroup);
  AsSetting(command.add_option("--hide", options.hide, "changes that the tree leaves out at first"))
      ->delimiter(',')
      ->expected(0, 4)
      ->check(CLI::IsMember({"added", "removed", "modified", "unmodified"}))
      ->group(kGroup);
  AsSetting(command.add_flag("--ascii", options.ascii, "no characters outside of ASCII"))
      ->group(kGroup);
  AsSetting(command.add_flag("--no-mouse", options.no_mouse, "leave the mouse to the terminal"))
      ->group(kGroup);
  if (with_keys) {
    AddKeys(command, options);
  }
}

bool CanExplore() {
  const std::string terminal = Environment("TERM");
  return ::isatty(STDOUT_FILENO) != 0 && !terminal.empty() && terminal != "dumb";
}

Result<std::optional<int>> Explore(const ImageOptions& image, const ExplorerOptions& options) {
  tui::Exploration exploration;
  exploration.name = image.image;
  TRY_ASSIGN(exploration.preferences, MakePreferences(options));
  TRY_ASSIGN(const std::shared_ptr<const Reading> reading, MakeReading(image));
  exploration.image.open = [reading] { return reading->Open(image::Passes::kAgain); };
  exploration.image.options = reading->options;
  exploration.image.keeps_alive = reading;
  bool has_terminal = true;
  exploration.open_terminal = [&] {
    auto terminal = tui::Terminal::Open(
        {.theme = options.theme, .ascii = options.ascii, .mouse = !options.no_mouse});
    has_terminal = terminal.has_value();
    return terminal;
  };
  const auto explored = tui::Explore(std::move(exploration));
  if (!explored && !has_terminal) {
    Warn({explored.error().message + "; here is the summary"});
    return std::nullopt;
  }
  if (!explored) {
    return std::unexpected(explored.error());
  }
  if (explored->failure) {
    fmt::print(stderr, "fathom: {}\n", Printable(explored->failure->message));
  } else if (explored->analysis != nullptr) {
    TellLayersRead(*explored->analysis);
  }
  const int code = explored->failure ? ExitCode(explored->failure->code) : 0;
  if (explored->threads_left) {
    // One of them waits for a peer that may never answer; whoever has left shall not wait, too.
    std::fflush(nullptr);
    std::_Exit(code);
  }
  return code;
}

}  // namespace fathom::cli
