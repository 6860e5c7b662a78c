// Who asks a registry: what `docker login`, `podman login` and credential helpers have kept.
//
// Formats: Docker's config.json, containers-auth.json(5), the docker-credential-helpers protocol.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/mutex.h"
#include "base/result.h"

namespace fathom::registry {

struct Credentials {
  std::string user;
  std::string password;
  std::string identity_token;  // in place of both: a refresh token of OAuth 2
  std::string registry_token;  // in place of all: is sent as it stands
  std::string problem;         // why there are none, when they should be there; "" as a rule

  bool anonymous() const {
    return user.empty() && identity_token.empty() && registry_token.empty();
  }
};

// Reads `$DOCKER_AUTH_CONFIG`, `$DOCKER_CONFIG/config.json` or `~/.docker/config.json`,
// `$REGISTRY_AUTH_FILE`, `$XDG_RUNTIME_DIR/containers/auth.json`,
// `$XDG_CONFIG_HOME/containers/auth.json`, in this order; the first that knows the registry counts.
// Immutable. Find() may be called from several threads; it may run a helper.
class Keychain {
 public:
  using Environment = std::function<std::string(const char*)>;

  Keychain() = default;  // knows nobody
  // Errors: kInvalidArgument for a file that is not what it should be, with its name.
  static Result<Keychain> Load(const Environment& environment, const Limits& limits);

  // For a repository: entries may be for a path within a registry. Never fails: without any, the
  // registry is asked by nobody in particular.
  Credentials Find(std::string_view registry, std::string_view repository) const;

 private:
  struct File {
    std::map<std::string, Credentials, std::less<>> entries;
    std::map<std::string, std::string, std::less<>> helpers;  // by registry
    std::string helper;                                       // for all others
  };
  static Result<File> Parse(std::string_view text, const Limits& limits);
  static std::optional<Credentials> FindIn(const File& file, std::string_view registry,
                                           std::string_view repository);

  // What helpers have said, by their suffix: they are programs, and some ask a cloud.
  struct Memo {
    Mutex mutex;
    std::map<std::string, Result<std::optional<Credentials>>> by_server GUARDED_BY(mutex);
  };
  Result<std::optional<Credentials>> AskOnce(const std::string& suffix,
                                             const std::string& server) const;

  std::vector<File> files_;
  std::shared_ptr<Memo> memo_ = std::make_shared<Memo>();
};

// Asks `docker-credential-<suffix>`, which is looked up in PATH. Nothing when it has no entry for
// the server. Errors: kInvalidArgument for a suffix that could be another program; kIo with what it
// said, kUnavailable when it does not end; kCorrupt for what it prints.
Result<std::optional<Credentials>> AskHelper(const std::string& suffix, const std::string& server,
                                             const Limits& limits);

}  // namespace fathom::registry
