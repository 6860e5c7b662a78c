// Answers a registry's challenges: basic authentication and the token flow.
//
// Source: distribution's docs/spec/auth (token, oauth, scope); RFC 6750.
#pragma once

#include <chrono>
#include <map>
#include <string>

#include "base/mutex.h"
#include "net/http.h"
#include "registry/challenge.h"
#include "registry/credentials.h"
#include "registry/safe_target.h"
#include "registry/settings.h"

namespace fathom::registry {

// What may be done: "repository:library/busybox:pull".
std::string PullScope(std::string_view repository);
inline constexpr std::string_view kCatalogScope = "registry:catalog:*";

// Of one server. Thread-safe.
class Authenticator {
 public:
  // `http`, `settings` and `keychain` outlive it. What the keychain has for the registry is given
  // only to servers that may see it.
  Authenticator(net::HttpClient& http, const Settings& settings, Origin origin,
                const Keychain& keychain, std::string registry)
      : http_(http),
        settings_(settings),
        origin_(std::move(origin)),
        keychain_(keychain),
        registry_(std::move(registry)) {}

  // The value of Authorization that is known to hold for the scope; "" when none is.
  std::string Known(const std::string& scope);

  // What to say to a server that answered with 401, and `rejected`, which it did not like. Errors:
  // kDenied when there is nothing that would help; kUnavailable when the server of tokens does not
  // answer; kCorrupt when it answers no token.
  Result<std::string> Answer(const net::Response& refusal, const std::string& scope,
                             const std::string& rejected);

 private:
  using Clock = std::chrono::steady_clock;
  struct Token {
    std::string value;  // of Authorization
    Clock::time_point until;
  };

  Result<std::string> AnswerBearer(const Challenge& challenge, const std::string& scope,
                                   const Credentials& who);
  Result<Token> FetchToken(const Challenge& challenge, const std::string& scope,
                           const Credentials& who);
  Result<net::Request> TokenRequest(const Challenge& challenge, const std::string& scope,
                                    const Credentials& who) const;
  Error Denied(const Credentials& who) const;

  net::HttpClient& http_;
  const Settings& settings_;
  const Origin origin_;
  const Keychain& keychain_;
  const std::string registry_;

  Mutex mutex_;
  Mutex fetching_;  // one token at a time: others wait for it rather than ask for it too
  std::map<std::string, Token> tokens_ GUARDED_BY(mutex_);  // by scope
};

}  // namespace fathom::registry
