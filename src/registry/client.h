// One registry as a peer that speaks the OCI distribution protocol: finds how it is reached,
// answers its challenges, follows its redirects, keeps to its rates and asks again what may succeed
// then.
//
// Source: OCI distribution specification 1.1. What a registry says is hostile: see safe_target.h.
#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "net/http.h"
#include "registry/authenticator.h"
#include "registry/credentials.h"
#include "registry/holds.h"
#include "registry/quota.h"
#include "registry/settings.h"
#include "registry/throttle.h"

namespace fathom::registry {

// Why a request has no answer that can be used, and what was said in its place.
struct Refusal : Error {
  Refusal(Error error) : Error(std::move(error)) {}  // NOLINT: an error is a refusal without status
  Refusal(Error error, int of_http) : Error(std::move(error)), status(of_http) {}

  int status = 0;  // of HTTP; 0 when there was no answer
  std::optional<std::chrono::seconds> retry_after;
};

// An answer with a status below 400. While it lives, it counts as a request at its host.
struct Answer {
  net::Response http;
  net::Url url;  // that answered, behind all redirects
};

struct Call {
  std::string method = "GET";
  std::string path;   // below the registry: "/v2/", or a whole URL that it linked to
  std::string scope;  // what may be done with it: PullScope(), kCatalogScope
  std::vector<net::Header> headers;
  bool is_pull = false;  // counts against the registry's quota
};

// What all clients of a program share. Outlives them.
struct Peers {
  net::HttpClient& http;          // thread-safe, verifies certificates
  net::HttpClient& lenient_http;  // the same for insecure registries
  const Keychain& keychain;
  const Settings& settings;
  Holds& holds;
};

// Thread-safe.
class Client {
 public:
  // `host` is HOST[:PORT] as ApiHost() has it, of the registry called `registry`. Asks nobody yet.
  Client(std::string registry, std::string host, const Peers& peers);

  // The answer, once there is one that is none of: a challenge, a redirect, a failure that may be
  // gone the next time. Its body is not read. Errors have these codes: kNotFound 404, 410; kDenied
  // 401, 403 and what the rules of safe_target.h forbid; kUnavailable no answer, 429, 5xx;
  // kInvalidArgument other statuses from 400 on; kCorrupt no HTTP; kCancelled.
  std::expected<Answer, Refusal> Send(const Call& call);

  const std::string& registry() const { return registry_; }
  // What it said last of its quota.
  std::optional<Quota> quota() const;
  // Requests that were sent, redirects and repetitions included.
  uint64_t requests() const { return requests_; }

 private:
  struct Base {
    net::Url url;
    net::HttpClient* http = nullptr;
    std::shared_ptr<Authenticator> authenticator;
  };
  struct Host {
    explicit Host(const Settings& settings) : throttle(settings.at_once, settings.per_second) {}
    Throttle throttle;
  };

  std::expected<const Base*, Refusal> Connect();
  std::expected<Base, Refusal> FindBase();
  std::expected<Answer, Refusal> Ping(net::HttpClient& http, net::Url url);
  std::expected<Answer, Refusal> Try(const Base& base, const Call& call);
  std::expected<Answer, Refusal> Follow(const Base& base, const Call& call, Answer redirect);
  std::expected<Answer, Refusal> SendTo(net::HttpClient& http, const net::Url& url,
                                        const Call& call, const std::string& authorization);
  Refusal RefusalOf(Answer& answer) const;
  Origin OriginOf(const net::Url& url) const;
  Throttle& ThrottleOf(const net::Url& url);
  void HoldFor(const net::Url& url, std::chrono::milliseconds time);
  Status CheckQuota(const Call& call) const;
  void Learn(const net::Response& response, const net::Url& url);
  bool insecure() const;

  const std::string registry_;
  const std::string host_;
  const Peers peers_;
  std::atomic<uint64_t> requests_ = 0;

  Mutex connecting_;
  mutable Mutex mutex_;
  std::optional<Base> base_ GUARDED_BY(mutex_);
  std::map<std::string, std::unique_ptr<Host>> hosts_ GUARDED_BY(mutex_);  // by authority
  std::optional<Quota> quota_ GUARDED_BY(mutex_);
};

}  // namespace fathom::registry
