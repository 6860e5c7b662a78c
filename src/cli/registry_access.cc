#include "cli/registry_access.h"

#include "cli/environment.h"
#include "cli/settings.h"

namespace fathom::cli {

void AddRegistryOptions(CLI::App& command, RegistryOptions& options) {
  AsSetting(command.add_option("--insecure-registry", options.insecure,
                               "a registry that may speak plain HTTP or show any certificate"))
      ->type_name("HOST[:PORT]")
      ->allow_extra_args(false)
      ->group("Registry");
  AsSetting(command.add_option("--registry-mirror", options.mirrors,
                               "a mirror that is asked before the registry"))
      ->type_name("REGISTRY=MIRROR")
      ->allow_extra_args(false)
      ->group("Registry");
  AsSetting(command.add_option("--trusted-host", options.trusted_hosts,
                               "a host that a registry may send to, with credentials, wherever "
                               "it is"))
      ->type_name("HOST")
      ->allow_extra_args(false)
      ->group("Registry");
  AsSetting(command.add_option("--registry-ca", options.ca_file,
                               "certificates to trust in place of the system's"))
      ->type_name("FILE")
      ->group("Registry");
  AsSetting(command.add_option("--connections", options.at_once, "requests to one host at once"))
      ->check(CLI::Range(1u, 256u))
      ->capture_default_str()
      ->group("Registry");
  AsSetting(command.add_option("--requests-per-second", options.per_second,
                               "most requests to one host in a second; 0: no limit"))
      ->check(CLI::Range(0.0, 1e6))
      ->capture_default_str()
      ->group("Registry");
  AsSetting(command.add_option("--quota-reserve", options.quota_reserve,
                               "pulls of the registry's quota that are left for others"))
      ->type_name("N")
      ->capture_default_str()
      ->group("Registry");
  AsSetting(command.add_option("--registry-timeout", options.timeout,
                               "seconds that a registry may be silent"))
      ->check(CLI::Range(1u, 86'400u))
      ->capture_default_str()
      ->group("Registry");
  AsSetting(command.add_flag("--foreign-layers", options.foreign,
                             "fetch layers that lie elsewhere from where their urls say"))
      ->group("Registry");
}

namespace {

std::string_view WithoutScheme(std::string_view text) {
  for (const std::string_view scheme : {"registry://", "docker://"}) {
    if (text.starts_with(scheme)) {
      return text.substr(scheme.size());
    }
  }
  return text;
}

}  // namespace

Result<registry::RemoteName> ParseInRegistry(const std::string& text) {
  return registry::ParseRemoteName(WithoutScheme(text));
}

Result<registry::RemoteName> ParseRepositoryInRegistry(const std::string& text) {
  return registry::ParseRepository(WithoutScheme(text));
}

Result<registry::Settings> RegistryAccess::MakeSettings() const {
  registry::Settings settings;
  settings.insecure = options_.insecure;
  for (const std::string& text : options_.mirrors) {
    const size_t equals = text.find('=');
    if (equals == std::string::npos) {
      return Fail(Code::kInvalidArgument, "--registry-mirror {}: it takes REGISTRY=MIRROR", text);
    }
    settings.mirrors[text.substr(0, equals)].push_back(text.substr(equals + 1));
  }
  settings.trusted_hosts = options_.trusted_hosts;
  settings.ca_file = options_.ca_file;
  settings.at_once = options_.at_once;
  settings.per_second = options_.per_second;
  settings.quota_reserve = options_.quota_reserve;
  settings.answer_within = std::chrono::seconds(options_.timeout);
  settings.stall = settings.answer_within;
  settings.foreign = options_.foreign;
  settings.limits = limits_;
  settings.stop = stop_;
  return settings;
}

Result<registry::Registries*> RegistryAccess::Get() {
  const MutexLock lock(mutex_);
  if (registries_ == nullptr) {
    TRY_ASSIGN(registry::Settings settings, MakeSettings());
    TRY_ASSIGN(registries_, registry::Registries::Make(std::move(settings), Environment));
  }
  return registries_.get();
}

}  // namespace fathom::cli
