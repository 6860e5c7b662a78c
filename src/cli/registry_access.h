// How the commands reach registries: the options for it, and the registries, once one is needed.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "registry/registry.h"

namespace fathom::cli {

struct RegistryOptions {
  std::vector<std::string> insecure;
  std::vector<std::string> mirrors;  // REGISTRY=MIRROR
  std::vector<std::string> trusted_hosts;
  std::string ca_file;
  unsigned at_once = registry::Settings{}.at_once;
  double per_second = 0;
  uint64_t quota_reserve = 0;
  unsigned timeout = 60;
  bool foreign = false;
};
void AddRegistryOptions(CLI::App& command, RegistryOptions& options);

// Makes the registries when they are first asked for: who reads a file need not have readable
// credentials. Thread-safe. Outlives what it gives.
class RegistryAccess {
 public:
  RegistryAccess(RegistryOptions options, const Limits& limits, std::stop_token stop = {})
      : options_(std::move(options)), limits_(limits), stop_(std::move(stop)) {}

  // Errors: kInvalidArgument for options and files of credentials that are wrong.
  Result<registry::Registries*> Get();

 private:
  Result<registry::Settings> MakeSettings() const;

  const RegistryOptions options_;
  const Limits limits_;
  const std::stop_token stop_;
  Mutex mutex_;
  std::unique_ptr<registry::Registries> registries_ GUARDED_BY(mutex_);
};

// What stands behind `registry://`, or stands alone: the name of an image in a registry.
Result<registry::RemoteName> ParseInRegistry(const std::string& text);
Result<registry::RemoteName> ParseRepositoryInRegistry(const std::string& text);

}  // namespace fathom::cli
