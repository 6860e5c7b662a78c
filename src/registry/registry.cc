#include "registry/registry.h"

#include "net/client_pool.h"

namespace fathom::registry {
namespace {

net::ClientOptions OptionsFor(const Settings& settings, bool verify) {
  net::ClientOptions options;
  options.tls.ca = settings.ca_file;
  options.tls.verify = verify;
  return options;
}

}  // namespace

std::expected<Answer, Refusal> Registry::Send(const Call& call) {
  for (size_t i = 0;; ++i) {
    auto answer = clients_[i]->Send(call);
    if (answer || i + 1 == clients_.size() || answer.error().code == Code::kCancelled) {
      return answer;
    }
  }
}

uint64_t Registry::requests() const {
  uint64_t requests = 0;
  for (const auto& client : clients_) {
    requests += client->requests();
  }
  return requests;
}

namespace {

// Names of registries as ParseRegistry() has them.
Result<Settings> WithNames(const Settings& settings) {
  Settings named = settings;
  for (std::string& name : named.insecure) {
    TRY_ASSIGN(name, ParseRegistry(name));
  }
  named.mirrors.clear();
  for (const auto& [registry, mirrors] : settings.mirrors) {
    TRY_ASSIGN(const std::string name, ParseRegistry(registry));
    for (const std::string& mirror : mirrors) {
      TRY_ASSIGN(std::string mirror_name, ParseRegistry(mirror));
      named.mirrors[name].push_back(std::move(mirror_name));
    }
  }
  return named;
}

}  // namespace

Registries::Registries(Settings settings, Keychain keychain, std::shared_ptr<net::HttpClient> http,
                       std::shared_ptr<net::HttpClient> lenient_http)
    : settings_(std::move(settings)),
      keychain_(std::move(keychain)),
      http_(std::move(http)),
      lenient_http_(std::move(lenient_http)) {}

Result<std::unique_ptr<Registries>> Registries::Make(Settings settings,
                                                     const Keychain::Environment& environment) {
  TRY_ASSIGN(Settings named, WithNames(settings));
  TRY_ASSIGN(Keychain keychain, Keychain::Load(environment, named.limits));
  auto http = std::make_shared<net::ClientPool>(OptionsFor(named, true));
  auto lenient_http = std::make_shared<net::ClientPool>(OptionsFor(named, false));
  return std::unique_ptr<Registries>(new Registries(std::move(named), std::move(keychain),
                                                    std::move(http), std::move(lenient_http)));
}

Result<std::unique_ptr<Registries>> Registries::Make(Settings settings,
                                                     const Keychain::Environment& environment,
                                                     std::shared_ptr<net::HttpClient> http) {
  TRY_ASSIGN(Settings named, WithNames(settings));
  TRY_ASSIGN(Keychain keychain, Keychain::Load(environment, named.limits));
  return std::unique_ptr<Registries>(
      new Registries(std::move(named), std::move(keychain), http, http));
}

Registry& Registries::Get(const std::string& name) {
  const MutexLock lock(mutex_);
  auto& registry = registries_[name];
  if (registry == nullptr) {
    registry = std::make_unique<Registry>(name, settings_, *http_);
    const Peers peers{*http_, *lenient_http_, keychain_, settings_, holds_};
    if (const auto mirrors = settings_.mirrors.find(name); mirrors != settings_.mirrors.end()) {
      for (const std::string& mirror : mirrors->second) {
        registry->clients_.push_back(std::make_unique<Client>(mirror, ApiHost(mirror), peers));
      }
    }
    registry->clients_.push_back(std::make_unique<Client>(name, ApiHost(name), peers));
  }
  return *registry;
}

}  // namespace fathom::registry
