#include "registry/credentials.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/base64.h"
#include "base/io.h"
#include "base/json.h"
#include "base/text.h"
#include "registry/remote_name.h"

namespace fathom::registry {
namespace {

using nlohmann::json;

constexpr std::string_view kHubServer = "https://index.docker.io/v1/";
constexpr uint64_t kFileBytes = 1 << 20;

// The registry that a key of `auths` means, or a path within one.
std::string KeyOf(std::string_view key) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (key.starts_with(scheme)) {
      key.remove_prefix(scheme.size());
    }
  }
  for (const std::string_view version : {"/v1/", "/v2/", "/v1", "/v2", "/"}) {
    if (key.ends_with(version)) {
      key.remove_suffix(version.size());
      break;
    }
  }
  const size_t slash = std::min(key.find('/'), key.size());
  const auto registry = ParseRegistry(key.substr(0, slash));
  return (registry ? *registry : std::string(key.substr(0, slash))) +
         std::string(key.substr(slash));
}

Result<Credentials> ReadEntry(const json& object) {
  Credentials credentials;
  TRY_ASSIGN(credentials.identity_token, StringMember(object, "identitytoken"));
  TRY_ASSIGN(credentials.registry_token, StringMember(object, "registrytoken"));
  TRY_ASSIGN(credentials.user, StringMember(object, "username"));
  TRY_ASSIGN(credentials.password, StringMember(object, "password"));
  TRY_ASSIGN(const std::string auth, StringMember(object, "auth"));
  if (auth.empty()) {
    return credentials;
  }
  TRY_ASSIGN(const std::string pair, FromBase64(auth));
  const size_t colon = pair.find(':');
  if (colon == std::string::npos) {
    return Fail(Code::kCorrupt, "'auth' holds no user name and password");
  }
  credentials.user = pair.substr(0, colon);
  credentials.password = pair.substr(colon + 1);
  // Some versions of Docker end it with zeros.
  credentials.password.resize(credentials.password.find_last_not_of('\0') + 1);
  return credentials;
}

}  // namespace

Result<Keychain::File> Keychain::Parse(std::string_view text, const Limits& limits) {
  TRY_ASSIGN(const json document, ParseJson(text, limits));
  if (!document.is_object()) {
    return Fail(Code::kCorrupt, "no object");
  }
  File file;
  TRY_ASSIGN(const json* entries, ObjectMember(document, "auths"));
  if (entries != nullptr) {
    for (const auto& [key, object] : entries->items()) {
      auto entry = ReadEntry(object);
      if (!entry) {
        return Wrap(std::move(entry).error(), "the entry of '{}'", Printable(key));
      }
      file.entries[KeyOf(key)] = *std::move(entry);
    }
  }
  TRY_ASSIGN(const json* helpers, ObjectMember(document, "credHelpers"));
  if (helpers != nullptr) {
    for (const auto& [key, value] : helpers->items()) {
      TRY_ASSIGN(file.helpers[KeyOf(key)], StringMember(*helpers, key));
    }
  }
  TRY_ASSIGN(file.helper, StringMember(document, "credsStore"));
  return file;
}

Result<Keychain> Keychain::Load(const Environment& environment, const Limits& limits) {
  Keychain keychain;
  const auto add = [&](const std::string& name, Result<std::string> text) -> Status {
    if (!text && text.error().code == Code::kNotFound) {
      return {};
    }
    auto file = text ? Parse(*text, limits) : std::unexpected(text.error());
    if (!file) {
      return Fail(Code::kInvalidArgument, "the credentials in {}: {}", name, file.error().message);
    }
    keychain.files_.push_back(*std::move(file));
    return {};
  };
  const auto add_file = [&](const std::string& folder, std::string_view path) -> Status {
    const std::string name = folder + std::string(path);
    return folder.empty() ? Status() : add(name, ReadFile(name, kFileBytes));
  };
  const auto below_home = [&](const char* variable, std::string_view folder) {
    const std::string value = environment(variable);
    const std::string home = environment("HOME");
    return !value.empty() || home.empty() ? value : home + std::string(folder);
  };
  if (const std::string text = environment("DOCKER_AUTH_CONFIG"); !text.empty()) {
    TRY(add("$DOCKER_AUTH_CONFIG", text));
  }
  TRY(add_file(below_home("DOCKER_CONFIG", "/.docker"), "/config.json"));
  TRY(add_file(environment("REGISTRY_AUTH_FILE"), ""));
  TRY(add_file(environment("XDG_RUNTIME_DIR"), "/containers/auth.json"));
  TRY(add_file(below_home("XDG_CONFIG_HOME", "/.config"), "/containers/auth.json"));
  return keychain;
}

// The entry whose path is the longest, as containers-auth.json(5) has it.
std::optional<Credentials> Keychain::FindIn(const File& file, std::string_view registry,
                                            std::string_view repository) {
  std::string key = fmt::format("{}/{}", registry, repository);
  while (true) {
    if (const auto found = file.entries.find(key);
        found != file.entries.end() && !found->second.anonymous()) {
      return found->second;
    }
    const size_t slash = key.rfind('/');
    if (slash == std::string::npos) {
      return std::nullopt;
    }
    key.resize(slash);
  }
}

Result<std::optional<Credentials>> Keychain::AskOnce(const std::string& suffix,
                                                     const std::string& server) const {
  const MutexLock lock(memo_->mutex);
  const std::string key = suffix + " " + server;
  if (const auto found = memo_->by_server.find(key); found != memo_->by_server.end()) {
    return found->second;
  }
  return memo_->by_server.emplace(key, AskHelper(suffix, server, Limits{})).first->second;
}

Credentials Keychain::Find(std::string_view registry, std::string_view repository) const {
  const std::string server(registry == kHub ? kHubServer : registry);
  Credentials none;
  for (const File& file : files_) {
    const auto own = file.helpers.find(registry);
    const std::string& helper = own == file.helpers.end() ? file.helper : own->second;
    if (!helper.empty()) {
      auto asked = AskOnce(helper, server);
      if (asked && *asked) {
        return **asked;
      }
      if (!asked) {
        none.problem = asked.error().message;
      }
    }
    if (auto found = FindIn(file, registry, repository)) {
      return *std::move(found);
    }
  }
  return none;
}

}  // namespace fathom::registry
