#include "cli/environment.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

namespace fathom::cli {
namespace {

std::string Absolute(std::string path) { return path.starts_with('/') ? path : ""; }

std::string HomeFolder(const char* variable, const char* below_home) {
  if (std::string own = Absolute(Environment(variable)); !own.empty()) {
    return own;
  }
  const std::string home = Environment("HOME");
  return home.empty() ? "" : home + below_home;
}

}  // namespace

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::vector<std::string> VariablesWith(std::string_view prefix) {
  std::vector<std::string> names;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    if (text.starts_with(prefix)) {
      names.emplace_back(text.substr(0, text.find('=')));
    }
  }
  std::ranges::sort(names);
  return names;
}

std::string ConfigHome() { return HomeFolder("XDG_CONFIG_HOME", "/.config"); }

std::string CacheHome() { return HomeFolder("XDG_CACHE_HOME", "/.cache"); }

std::vector<std::string> ConfigFolders() {
  std::string all = Environment("XDG_CONFIG_DIRS");
  if (all.empty()) {
    all = "/etc/xdg";
  }
  std::vector<std::string> folders;
  for (size_t at = 0; at <= all.size();) {
    const size_t end = std::min(all.find(':', at), all.size());
    if (std::string folder = Absolute(all.substr(at, end - at)); !folder.empty()) {
      folders.push_back(std::move(folder));
    }
    at = end + 1;
  }
  return folders;
}

bool IsThere(const std::string& path) {
  struct stat info{};
  return ::lstat(path.c_str(), &info) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

std::string CacheDirectory() {
  if (std::string own = Environment("FATHOM_CACHE_DIR"); !own.empty()) {
    return own;
  }
  const std::string base = CacheHome();
  return base.empty() ? "" : base + "/fathom";
}

}  // namespace fathom::cli
