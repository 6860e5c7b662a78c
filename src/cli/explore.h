// The explorer as `fathom IMAGE` and `fathom build` start it: its options, and when it is shown.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/command.h"

namespace fathom::cli {

struct ExplorerOptions {
  std::string theme = "auto";
  std::string layout = "fathom";
  std::string changes = "layer";
  std::string attributes = "all";
  std::string fold = "false";
  double tree_width = 0.55;
  std::vector<std::string> hide;
  bool ascii = false;
  bool no_mouse = false;
  std::vector<std::pair<std::string, std::string>>
      keys;  // of each action, by its name; "" is the default
};

// Each is a setting.
void AddExplorerOptions(CLI::App& command, ExplorerOptions& options, bool with_keys);

// Whether there is a terminal that can show it: standard output is one, and TERM is not dumb.
bool CanExplore();

// Explores until the person leaves. The exit code is that of what the image could not be read for,
// else 0. Nothing when the terminal cannot show it, which a line on stderr tells.
Result<std::optional<int>> Explore(const ImageOptions& image, const ExplorerOptions& options);

}  // namespace fathom::cli
