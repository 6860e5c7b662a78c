#include "registry/client.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <random>

#include "base/json.h"
#include "base/text.h"
#include "registry/remote_name.h"
#include "registry/retry.h"

namespace fathom::registry {
namespace {

using std::chrono::milliseconds;

constexpr uint64_t kErrorBytes = 64 << 10;  // that are read of an answer nobody wants
constexpr unsigned kMostRedirects = 10;
constexpr int kTooManyRequests = 429;

template <typename T>
using Asked = std::expected<T, Refusal>;

bool IsRedirect(int status) {
  constexpr std::array kRedirects = {301, 302, 303, 307, 308};
  return std::ranges::find(kRedirects, status) != kRedirects.end();
}

Code CodeOf(int status) {
  if (status == 404 || status == 410) {
    return Code::kNotFound;
  }
  if (status == 401 || status == 403) {
    return Code::kDenied;
  }
  return IsTransient(status) || status >= 500 ? Code::kUnavailable : Code::kInvalidArgument;
}

// What the body of a refusal says: the codes and messages of the specification, or its text.
std::string Said(std::string_view body, const Limits& limits) {
  constexpr size_t kMost = 300;
  std::string text;
  if (const auto object = ParseJson(body, limits)) {
    const auto errors = ArrayMember(*object, "errors");
    for (const auto& error : errors && *errors != nullptr ? **errors : nlohmann::json::array()) {
      const std::string code = StringMember(error, "code").value_or("");
      const std::string message = StringMember(error, "message").value_or("");
      text += (text.empty() ? "" : "; ") + code + (code.empty() || message.empty() ? "" : ": ") +
              message;
    }
    if (text.empty()) {
      text = StringMember(*object, "message").value_or("");
    }
  } else if (!body.contains('<')) {  // of pages for people nothing is of use here
    text = body.substr(0, body.find_last_not_of(" \r\n\t") + 1);
  }
  return Printable(text.substr(0, std::min(text.size(), kMost)));
}

uint64_t Dice() {
  static thread_local std::mt19937_64 dice{std::random_device()()};
  return dice();
}

// Keeps the host's leave as long as the body is there.
class PermittedBody final : public ByteSource {
 public:
  PermittedBody(Throttle::Permit permit, std::unique_ptr<ByteSource> body)
      : permit_(std::move(permit)), body_(std::move(body)) {}
  Result<size_t> Read(ByteSpan out) override { return body_->Read(out); }

 private:
  Throttle::Permit permit_;
  std::unique_ptr<ByteSource> body_;
};

}  // namespace

Client::Client(std::string registry, std::string host, const Peers& peers)
    : registry_(std::move(registry)), host_(std::move(host)), peers_(peers) {}

std::optional<Quota> Client::quota() const {
  const MutexLock lock(mutex_);
  return quota_;
}

bool Client::insecure() const {
  return std::ranges::find(peers_.settings.insecure, registry_) != peers_.settings.insecure.end() ||
         std::ranges::find(peers_.settings.insecure, host_) != peers_.settings.insecure.end();
}

Origin Client::OriginOf(const net::Url& url) const {
  return {url, insecure(), peers_.settings.trusted_hosts};
}

Throttle& Client::ThrottleOf(const net::Url& url) {
  const MutexLock lock(mutex_);
  auto& host = hosts_[url.Authority()];
  if (host == nullptr) {
    host = std::make_unique<Host>(peers_.settings);
    host->throttle.HoldUntil(Throttle::Clock::now() + peers_.holds.Left(url.Authority()));
  }
  return host->throttle;
}

void Client::HoldFor(const net::Url& url, milliseconds time) {
  ThrottleOf(url).HoldUntil(Throttle::Clock::now() + time);
  peers_.holds.HoldUntil(url.Authority(), Holds::Clock::now() + time);
}

void Client::Learn(const net::Response& response, const net::Url& url) {
  if (const auto until = QuotaEnds(response, std::chrono::system_clock::now())) {
    HoldFor(url, *until);
  }
  if (auto quota = ReadQuota(response)) {
    const MutexLock lock(mutex_);
    quota_ = *std::move(quota);
  }
}

Status Client::CheckQuota(const Call& call) const {
  const MutexLock lock(mutex_);
  if (call.is_pull && quota_ && peers_.settings.quota_reserve > 0 &&
      quota_->remaining <= peers_.settings.quota_reserve) {
    return Fail(Code::kUnavailable,
                "{} pulls are left of {}, and --quota-reserve {} keeps them for others; the quota "
                "is renewed within {} hours",
                quota_->remaining, quota_->limit, peers_.settings.quota_reserve,
                std::chrono::ceil<std::chrono::hours>(quota_->window).count());
  }
  return {};
}

Asked<Answer> Client::SendTo(net::HttpClient& http, const net::Url& url, const Call& call,
                             const std::string& authorization) {
  Throttle& throttle = ThrottleOf(url);
  auto permit = throttle.Enter(peers_.settings.patience, peers_.settings.stop);
  if (!permit) {
    Refusal refusal(std::move(permit).error());
    if (refusal.code == Code::kUnavailable) {
      refusal.status = kTooManyRequests;  // as it was told when it began
      refusal.retry_after = throttle.HeldFor();
    }
    return std::unexpected(std::move(refusal));
  }
  net::Request request;
  request.method = call.method;
  request.url = url.ToString();
  request.headers = call.headers;
  request.headers.push_back({"User-Agent", "fathom"});
  request.answer_within = peers_.settings.answer_within;
  request.stall = peers_.settings.stall;
  request.stop = peers_.settings.stop;
  if (!authorization.empty()) {
    request.headers.push_back({"Authorization", authorization});
  }
  ++requests_;
  auto response = http.Send(request);
  if (!response) {
    return std::unexpected(std::move(response).error());
  }
  response->body = std::make_unique<PermittedBody>(*std::move(permit), std::move(response->body));
  return Answer{*std::move(response), url};
}

Refusal Client::RefusalOf(Answer& answer) const {
  const int status = answer.http.status;
  const std::string said =
      Said(net::ReadBeginning(answer.http, kErrorBytes), peers_.settings.limits);
  Refusal refusal(
      {CodeOf(status), fmt::format("it answers {}{}{}", status, said.empty() ? "" : ": ", said)},
      status);
  refusal.retry_after = RetryAfter(answer.http, std::chrono::system_clock::now());
  return refusal;
}

Asked<Answer> Client::Ping(net::HttpClient& http, net::Url url) {
  url.target = "/v2/";
  auto answer = SendTo(http, url, {}, "");
  if (!answer) {
    return answer;
  }
  static_cast<void>(net::ReadBeginning(answer->http, kErrorBytes));
  // So do servers of HTTPS answer those who speak plain HTTP.
  constexpr int kBadRequest = 400;
  if (url.scheme == "http" && answer->http.status == kBadRequest) {
    return std::unexpected(Refusal{{Code::kUnavailable, "it speaks no plain HTTP"}, kBadRequest});
  }
  return answer;
}

// What docker does too: HTTPS, and plain HTTP after it for registries on this machine and for those
// that are said to be insecure.
Asked<Client::Base> Client::FindBase() {
  const bool lenient = insecure();
  std::optional<Refusal> first;
  for (const char* scheme : {"https://", "http://"}) {
    auto url = net::ParseUrl(scheme + host_ + "/");
    if (!url) {
      return std::unexpected(std::move(url).error());
    }
    if (url->scheme == "http" && !lenient &&
        net::KindOfHost(url->host) != net::AddressKind::kLoopback) {
      break;
    }
    Base base;
    base.http = lenient ? &peers_.lenient_http : &peers_.http;
    auto pinged = Ping(*base.http, *url);
    if (pinged) {
      base.url = *std::move(url);
      base.authenticator = std::make_shared<Authenticator>(
          *base.http, peers_.settings, OriginOf(base.url), peers_.keychain, registry_);
      return base;
    }
    if (!first || pinged.error().code == Code::kCancelled) {
      first = std::move(pinged).error();
    }
  }
  return std::unexpected(*std::move(first));
}

Asked<const Client::Base*> Client::Connect() {
  const MutexLock connecting(connecting_);
  {
    const MutexLock lock(mutex_);
    if (base_) {
      return &*base_;
    }
  }
  auto base = FindBase();
  if (!base) {
    return std::unexpected(std::move(base).error());
  }
  const MutexLock lock(mutex_);
  return &base_.emplace(*std::move(base));
}

// Another server gets no authorization of this one's; when it wants some, it is asked by nobody in
// particular.
Asked<Answer> Client::Follow(const Base& base, const Call& call, Answer redirect) {
  for (unsigned hop = 0; hop < kMostRedirects; ++hop) {
    auto target = net::ResolveUrl(redirect.url, redirect.http.HeaderValue("Location"));
    if (!target) {
      return std::unexpected(Refusal{
          {Code::kCorrupt, fmt::format("it redirects to nowhere: {}", target.error().message)},
          redirect.http.status});
    }
    if (const Status may = CheckTarget(*target, OriginOf(base.url)); !may) {
      return std::unexpected(Refusal(may.error(), redirect.http.status));
    }
    static_cast<void>(net::ReadBeginning(redirect.http, kErrorBytes));
    redirect.http.body.reset();
    const bool own = target->SameOrigin(base.url);
    auto answer = SendTo(*base.http, *target, call,
                         own ? base.authenticator->Known(call.scope) : std::string());
    if (answer && answer->http.status == 401 && !own) {
      static_cast<void>(net::ReadBeginning(answer->http, kErrorBytes));
      const Keychain nobody;
      Authenticator stranger(*base.http, peers_.settings, OriginOf(*target), nobody,
                             target->Authority());
      auto token = stranger.Answer(answer->http, call.scope, "");
      answer->http.body.reset();
      if (!token) {
        return std::unexpected(Refusal(std::move(token).error(), 401));
      }
      answer = SendTo(*base.http, *target, call, *token);
    }
    if (!answer || !IsRedirect(answer->http.status)) {
      return answer;
    }
    redirect = *std::move(answer);
  }
  return std::unexpected(
      Refusal{{Code::kCorrupt, fmt::format("it redirects more than {} times", kMostRedirects)},
              redirect.http.status});
}

// Once, but for challenges.
Asked<Answer> Client::Try(const Base& base, const Call& call) {
  auto url = net::ResolveUrl(base.url, call.path);
  if (!url) {
    return std::unexpected(std::move(url).error());
  }
  if (const Status may = CheckTarget(*url, OriginOf(base.url)); !may) {
    return std::unexpected(may.error());
  }
  const bool own = url->SameOrigin(base.url);
  std::string authorization = own ? base.authenticator->Known(call.scope) : "";
  auto answer = SendTo(*base.http, *url, call, authorization);
  // A token may have come to its end, and one for another scope may be wanted.
  constexpr int kChallenges = 2;
  for (int i = 0; i < kChallenges && answer && answer->http.status == 401 && own; ++i) {
    static_cast<void>(net::ReadBeginning(answer->http, kErrorBytes));
    answer->http.body.reset();
    auto token = base.authenticator->Answer(answer->http, call.scope, authorization);
    if (!token) {
      return std::unexpected(Refusal(std::move(token).error(), 401));
    }
    authorization = *std::move(token);
    answer = SendTo(*base.http, *url, call, authorization);
  }
  if (answer) {
    Learn(answer->http, answer->url);
  }
  return answer && IsRedirect(answer->http.status) ? Follow(base, call, *std::move(answer))
                                                   : std::move(answer);
}

Asked<Answer> Client::Send(const Call& call) {
  if (const Status may = CheckQuota(call); !may) {
    return std::unexpected(may.error());
  }
  for (unsigned attempt = 1;; ++attempt) {
    const auto base = Connect();
    auto answer = base ? Try(**base, call) : Asked<Answer>(std::unexpected(base.error()));
    if (answer && answer->http.status < 400) {
      return answer;
    }
    const std::optional<net::Url> host = answer ? std::optional(answer->url) : std::nullopt;
    Refusal refusal = answer ? RefusalOf(*answer) : std::move(answer).error();
    answer = std::unexpected(refusal);  // gives the permit back
    // One that cannot be reached at all is rarely there a moment later.
    const unsigned attempts =
        base ? peers_.settings.attempts : std::min(peers_.settings.attempts, 2u);
    if (refusal.code != Code::kUnavailable) {
      return std::unexpected(std::move(refusal));
    }
    const milliseconds wait =
        refusal.retry_after ? milliseconds(*refusal.retry_after) : Backoff(attempt, Dice());
    if (host && (refusal.status == kTooManyRequests || refusal.retry_after)) {
      HoldFor(*host, wait);
    }
    if (attempt >= attempts) {
      return std::unexpected(std::move(refusal));
    }
    if (wait > peers_.settings.patience) {
      if (host) {
        refusal.message += fmt::format("; it may be asked again in {} seconds",
                                       std::chrono::ceil<std::chrono::seconds>(wait).count());
      }
      return std::unexpected(std::move(refusal));
    }
    if (const Status paused = Pause(wait, peers_.settings.stop); !paused) {
      return std::unexpected(paused.error());
    }
  }
}

}  // namespace fathom::registry
