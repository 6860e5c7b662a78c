#include "cli/dive_settings.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "cli/environment.h"

namespace fathom::cli {
namespace {

constexpr std::array kKeys = {
    DiveKey{"ci", "", "--ci"},
    DiveKey{"ci-config", "", "--ci-config"},
    DiveKey{"container-engine", "", "--source"},
    DiveKey{"diff.hide", "", "--hide"},
    DiveKey{"filetree.collapse-dir", "", "--fold"},
    DiveKey{"filetree.pane-width", "", "--tree-width"},
    DiveKey{"filetree.show-attributes", "", "--attributes"},
    DiveKey{"ignore-errors", "", "--ignore-errors"},
    DiveKey{"json-path", "", "--json"},
    DiveKey{"keybinding.close-filter-files", "", "--key-close-filter-files"},
    DiveKey{"keybinding.compare-all", "", "--key-compare-all"},
    DiveKey{"keybinding.compare-layer", "", "--key-compare-layer"},
    DiveKey{"keybinding.down", "", "--key-down"},
    DiveKey{"keybinding.extract-file", "", "--key-extract-file"},
    DiveKey{"keybinding.filter-files", "", "--key-filter-files"},
    DiveKey{"keybinding.left", "", "--key-left"},
    DiveKey{"keybinding.page-down", "", "--key-page-down"},
    DiveKey{"keybinding.page-up", "", "--key-page-up"},
    DiveKey{"keybinding.quit", "", "--key-quit"},
    DiveKey{"keybinding.right", "", "--key-right"},
    DiveKey{"keybinding.suspend", "", "--key-suspend"},
    DiveKey{"keybinding.toggle-added-files", "", "--key-toggle-added-files"},
    DiveKey{"keybinding.toggle-collapse-all-dir", "", "--key-toggle-collapse-all-dir"},
    DiveKey{"keybinding.toggle-collapse-dir", "", "--key-toggle-collapse-dir"},
    DiveKey{"keybinding.toggle-filetree-attributes", "", "--key-toggle-filetree-attributes"},
    DiveKey{"keybinding.toggle-modified-files", "", "--key-toggle-modified-files"},
    DiveKey{"keybinding.toggle-removed-files", "", "--key-toggle-removed-files"},
    DiveKey{"keybinding.toggle-sort-order", "", "--key-toggle-sort-order"},
    DiveKey{"keybinding.toggle-unmodified-files", "", "--key-toggle-unmodified-files"},
    DiveKey{"keybinding.toggle-view", "", "--key-toggle-view"},
    DiveKey{"keybinding.toggle-wrap-tree", "", "--key-toggle-wrap-tree"},
    DiveKey{"keybinding.up", "", "--key-up"},
    DiveKey{"layer.show-aggregated-changes", "", "--tree"},
    DiveKey{"rules.highest-user-wasted-percent", "rules.highestUserWastedPercent",
            "--highestUserWastedPercent"},
    DiveKey{"rules.highest-wasted-bytes", "rules.highestWastedBytes", "--highestWastedBytes"},
    DiveKey{"rules.lowest-efficiency", "rules.lowestEfficiency", "--lowestEfficiency"},
};

// dive of before version 0.14 takes any YAML file of its folder.
std::string FirstYaml(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end;
       at.increment(error)) {
    const std::filesystem::path& path = at->path();
    if (path.extension() == ".yaml" || path.extension() == ".yml") {
      names.push_back(path.string());
    }
  }
  std::ranges::sort(names);
  const std::string usual = folder + "/config.yaml";
  return names.empty() || std::ranges::find(names, usual) != names.end() ? usual : names.front();
}

}  // namespace

std::span<const DiveKey> DiveKeys() { return kKeys; }

std::vector<ConfigLocation> DiveLocations(const std::string& named) {
  const std::string variable = Environment("DIVE_CONFIG");
  if (const std::string& own = named.empty() ? variable : named; !own.empty()) {
    return {{own, named.empty() ? "DIVE_CONFIG" : "--config", true, true, true}};
  }
  std::vector<ConfigLocation> locations = {{".dive.yaml", "dive's, this folder", true},
                                           {".dive/config.yaml", "dive's, this folder", true}};
  if (const std::string home = Environment("HOME"); !home.empty()) {
    locations.push_back({home + "/.dive.yaml", "dive's, yours", true});
  }
  if (const std::string config = ConfigHome(); !config.empty()) {
    locations.push_back({FirstYaml(config + "/dive"), "dive's, yours", true});
  }
  for (const std::string& folder : ConfigFolders()) {
    locations.push_back({FirstYaml(folder + "/dive"), "dive's, this machine", true});
  }
  for (ConfigLocation& location : locations) {
    std::error_code error;
    location.exists = std::filesystem::is_regular_file(location.path, error);
  }
  return locations;
}

}  // namespace fathom::cli
