#include "registry/authenticator.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/text.h"

namespace fathom::registry {
namespace {

constexpr uint64_t kTokenBytes = 64 << 10;
constexpr uint64_t kDefaultSeconds = 60;  // that a token lasts when nobody says
constexpr std::string_view kClientId = "fathom";

std::string Basic(const Credentials& who) {
  return "Basic " + Base64(AsBytes(who.user + ":" + who.password));
}

std::string Query(std::string_view name, std::string_view value) {
  return fmt::format("{}={}", name, net::UrlEscape(value));
}

// Of a scope "repository:NAME:pull"; "" of another.
std::string_view RepositoryOf(std::string_view scope) {
  constexpr std::string_view kKind = "repository:";
  if (!scope.starts_with(kKind)) {
    return "";
  }
  scope.remove_prefix(kKind.size());
  return scope.substr(0, scope.rfind(':'));
}

}  // namespace

std::string PullScope(std::string_view repository) {
  return fmt::format("repository:{}:pull", repository);
}

std::string Authenticator::Known(const std::string& scope) {
  const MutexLock lock(mutex_);
  const auto found = tokens_.find(scope);
  return found != tokens_.end() && Clock::now() < found->second.until ? found->second.value : "";
}

Error Authenticator::Denied(const Credentials& who) const {
  if (!who.problem.empty()) {
    return {Code::kDenied, "it wants to know who asks, and " + who.problem};
  }
  if (who.anonymous()) {
    return {Code::kDenied,
            fmt::format("it wants to know who asks; `docker login {0}` or `podman login {0}` tells "
                        "it",
                        origin_.url.Authority())};
  }
  return {Code::kDenied, "it does not accept the credentials that are kept for it"};
}

Result<std::string> Authenticator::Answer(const net::Response& refusal, const std::string& scope,
                                          const std::string& rejected) {
  std::vector<Challenge> challenges;
  for (const std::string_view header : refusal.HeaderValues("WWW-Authenticate")) {
    std::ranges::move(ParseChallenges(header), std::back_inserter(challenges));
  }
  const MutexLock fetching(fetching_);
  if (std::string known = Known(scope); !known.empty() && known != rejected) {
    return known;
  }
  const Credentials who = keychain_.Find(registry_, RepositoryOf(scope));
  if (const auto bearer = std::ranges::find(challenges, "bearer", &Challenge::scheme);
      bearer != challenges.end()) {
    return AnswerBearer(*bearer, scope, who);
  }
  const bool basic = std::ranges::find(challenges, "basic", &Challenge::scheme) != challenges.end();
  if (!basic || who.user.empty() || !rejected.empty() || !MaySeeCredentials(origin_.url, origin_)) {
    return std::unexpected(Denied(who));
  }
  const MutexLock lock(mutex_);
  const Token token{Basic(who), Clock::time_point::max()};
  tokens_[scope] = token;
  return token.value;
}

Result<std::string> Authenticator::AnswerBearer(const Challenge& challenge,
                                                const std::string& scope, const Credentials& who) {
  auto token = FetchToken(challenge, scope, who);
  if (!token) {
    return Wrap(std::move(token).error(), "asking '{}' for a token",
                Printable(challenge.Parameter("realm").substr(0, 200)));
  }
  const MutexLock lock(mutex_);
  tokens_[scope] = *token;
  return token->value;
}

// Scopes that the challenge names are those of what was asked; what is asked next is in `scope`.
Result<net::Request> Authenticator::TokenRequest(const Challenge& challenge,
                                                 const std::string& scope,
                                                 const Credentials& who) const {
  TRY_ASSIGN(net::Url realm, net::ParseUrl(challenge.Parameter("realm")));
  TRY(CheckTarget(realm, origin_));
  const std::string_view service = challenge.Parameter("service");
  std::string wanted = scope.empty() ? std::string(challenge.Parameter("scope")) : scope;
  const bool may_know = MaySeeCredentials(realm, origin_);
  net::Request request;
  request.headers = {{"User-Agent", "fathom"}};
  request.answer_within = settings_.answer_within;
  request.stall = settings_.stall;
  request.stop = settings_.stop;
  std::string query = Query("service", service);
  if (!wanted.empty()) {
    query += "&" + Query("scope", wanted);
  }
  query += "&" + Query("client_id", kClientId);
  if (may_know && !who.identity_token.empty()) {
    request.method = "POST";
    request.headers.push_back({"Content-Type", "application/x-www-form-urlencoded"});
    request.body =
        query + "&grant_type=refresh_token&" + Query("refresh_token", who.identity_token);
  } else {
    realm.target += (realm.target.contains('?') ? "&" : "?") + query;
    if (may_know && !who.user.empty()) {
      request.headers.push_back({"Authorization", Basic(who)});
    }
  }
  request.url = realm.ToString();
  return request;
}

Result<Authenticator::Token> Authenticator::FetchToken(const Challenge& challenge,
                                                       const std::string& scope,
                                                       const Credentials& who) {
  if (!who.registry_token.empty()) {
    return Token{"Bearer " + who.registry_token, Clock::time_point::max()};
  }
  TRY_ASSIGN(const net::Request request, TokenRequest(challenge, scope, who));
  TRY_ASSIGN(net::Response response, http_.Send(request));
  if (response.status == 401 || response.status == 403) {
    static_cast<void>(net::ReadBeginning(response, kTokenBytes));
    return std::unexpected(Denied(who));
  }
  if (response.status != 200) {
    return Fail(
        response.status >= 500 || response.status == 429 ? Code::kUnavailable : Code::kDenied,
        "it answers {}", response.status);
  }
  TRY_ASSIGN(const std::string text, net::ReadText(response, kTokenBytes));
  TRY_ASSIGN(const nlohmann::json object, ParseJson(text, settings_.limits));
  TRY_ASSIGN(std::string token, StringMember(object, "token"));
  if (token.empty()) {
    TRY_ASSIGN(token, StringMember(object, "access_token"));
  }
  const bool clean = std::ranges::all_of(token, [](char c) { return c > 0x20 && c < 0x7f; });
  if (token.empty() || !clean) {
    return Fail(Code::kCorrupt, "its answer holds no token");
  }
  const auto expires = Uint64Member(object, "expires_in");
  const uint64_t seconds = expires ? expires->value_or(kDefaultSeconds) : kDefaultSeconds;
  // Before it ends, so that a request that is on its way still finds it good.
  const auto lasts = std::chrono::seconds(std::min<uint64_t>(seconds, 86'400)) * 4 / 5;
  return Token{"Bearer " + token, Clock::now() + lasts};
}

}  // namespace fathom::registry
