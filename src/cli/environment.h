// What the process was started with: variables, and the folders that they name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fathom::cli {

// "" when the variable is not set.
std::string Environment(const char* name);

// Names of the variables that begin with `prefix`, sorted.
std::vector<std::string> VariablesWith(std::string_view prefix);

// The folders of the XDG base directory specification, which wants relative ones ignored. "" when
// neither the variable nor HOME names one.
std::string ConfigHome();                  // XDG_CONFIG_HOME, ~/.config
std::string CacheHome();                   // XDG_CACHE_HOME, ~/.cache
std::vector<std::string> ConfigFolders();  // XDG_CONFIG_DIRS, /etc/xdg

// Whether something has this name, be it a link that leads nowhere or a file that may not be read:
// settings and rules that are there but cannot be had must not be passed over.
bool IsThere(const std::string& path);

// Where layer indexes are kept: FATHOM_CACHE_DIR, or below CacheHome(). "" when there is no such
// place; then nothing is cached.
std::string CacheDirectory();

}  // namespace fathom::cli
