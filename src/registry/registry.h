// The registries that a program asks, each by its name, with the mirrors that are asked first.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "net/http.h"
#include "registry/client.h"
#include "registry/credentials.h"
#include "registry/holds.h"
#include "registry/remote_name.h"
#include "registry/settings.h"

namespace fathom::registry {

// A registry and its mirrors. Thread-safe.
class Registry {
 public:
  Registry(std::string name, const Settings& settings, net::HttpClient& http)
      : name_(std::move(name)), settings_(settings), http_(http) {}

  const std::string& name() const { return name_; }
  const Settings& settings() const { return settings_; }
  // HTTP without anything of the registry's around it.
  net::HttpClient& http() const { return http_; }

  // The first answer of a mirror or, after them, of the registry itself; else what that refuses.
  std::expected<Answer, Refusal> Send(const Call& call);

  std::optional<Quota> quota() const { return clients_.back()->quota(); }
  uint64_t requests() const;

 private:
  friend class Registries;

  const std::string name_;
  const Settings& settings_;
  net::HttpClient& http_;
  std::vector<std::unique_ptr<Client>> clients_;  // the registry itself last
};

// Owns what all of them share. Thread-safe. Outlives what it gives.
class Registries {
 public:
  // Errors: those of Keychain::Load(); kInvalidArgument for names of registries in `settings`.
  static Result<std::unique_ptr<Registries>> Make(Settings settings,
                                                  const Keychain::Environment& environment);
  // The same over another HTTP client, which is thread-safe.
  static Result<std::unique_ptr<Registries>> Make(Settings settings,
                                                  const Keychain::Environment& environment,
                                                  std::shared_ptr<net::HttpClient> http);

  // `name` as ParseRegistry() gives it.
  Registry& Get(const std::string& name);

  const Settings& settings() const { return settings_; }
  // Of all of them; what is read here before anything is asked holds.
  Holds& holds() { return holds_; }
  // HTTP with nothing of a registry's around it, for other services: APIs of Docker Hub and others.
  net::HttpClient& http() { return *http_; }

 private:
  Registries(Settings settings, Keychain keychain, std::shared_ptr<net::HttpClient> http,
             std::shared_ptr<net::HttpClient> lenient_http);

  const Settings settings_;
  const Keychain keychain_;
  const std::shared_ptr<net::HttpClient> http_;
  const std::shared_ptr<net::HttpClient> lenient_http_;
  Holds holds_;

  Mutex mutex_;
  std::map<std::string, std::unique_ptr<Registry>> registries_ GUARDED_BY(mutex_);
};

}  // namespace fathom::registry
