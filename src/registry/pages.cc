#include "registry/pages.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/json.h"
#include "registry/remote_name.h"

namespace fathom::registry {
namespace {

constexpr size_t kMostPages = 10'000'000;

// The names in the array `member` of a page that `fits` accepts.
Result<std::vector<std::string>> NamesOf(std::string_view text, const char* member,
                                         bool (*fits)(std::string_view), const Limits& limits) {
  TRY_ASSIGN(const nlohmann::json page, ParseJson(text, limits));
  TRY_ASSIGN(std::vector<std::string> names, StringsMember(page, member));
  std::erase_if(names, [fits](const std::string& name) { return !fits(name); });
  return names;
}

}  // namespace

// `<URL>; rel="next"`, and others between commas.
std::string NextLink(const net::Response& response) {
  for (std::string_view header : response.HeaderValues("Link")) {
    while (true) {
      const size_t begin = header.find('<');
      const size_t end = header.find('>', std::min(begin, header.size()));
      if (begin == std::string_view::npos || end == std::string_view::npos) {
        break;
      }
      const std::string_view url = header.substr(begin + 1, end - begin - 1);
      header.remove_prefix(end + 1);
      const std::string_view parameters = header.substr(0, header.find('<'));
      if (parameters.contains("rel=\"next\"") || parameters.contains("rel=next")) {
        return std::string(url);
      }
    }
  }
  return "";
}

std::expected<void, Refusal> ReadPages(Registry& registry, Call call, uint64_t most,
                                       const std::function<Status(std::string_view)>& take) {
  std::set<size_t> seen;  // hashes of the links
  for (size_t page = 0; page < kMostPages; ++page) {
    auto answer = registry.Send(call);
    if (!answer) {
      return std::unexpected(std::move(answer).error());
    }
    auto text = net::ReadText(answer->http, most);
    if (!text) {
      return std::unexpected(Refusal(std::move(text).error(), answer->http.status));
    }
    const std::string next = NextLink(answer->http);
    if (Status taken = take(*text); !taken) {
      return std::unexpected(Refusal(std::move(taken).error(), answer->http.status));
    }
    if (next.empty()) {
      return {};
    }
    const auto url = net::ResolveUrl(answer->url, next);
    if (!url) {
      return std::unexpected(url.error());
    }
    call.path = url->ToString();
    if (!seen.insert(std::hash<std::string>()(call.path)).second) {
      return std::unexpected(Error{Code::kCorrupt, "its list links back to a page before"});
    }
  }
  return std::unexpected(Error{Code::kLimit, "its list does not end"});
}

std::expected<void, Refusal> ListTags(Registry& registry, const std::string& repository,
                                      unsigned page, const TakeNames& take) {
  const Limits limits;
  Call call;
  call.path = fmt::format("/v2/{}/tags/list?n={}", repository, page);
  call.scope = PullScope(repository);
  return ReadPages(registry, call, limits.index_bytes, [&](std::string_view text) -> Status {
    TRY_ASSIGN(std::vector<std::string> names, NamesOf(text, "tags", IsTag, limits));
    return take(std::move(names));
  });
}

std::expected<void, Refusal> ListRepositories(Registry& registry, unsigned page,
                                              const std::string& after, const TakeNames& take) {
  const Limits limits;
  Call call;
  call.path = fmt::format("/v2/_catalog?n={}", page);
  if (!after.empty()) {
    call.path += "&last=" + net::UrlEscape(after);
  }
  call.scope = kCatalogScope;
  return ReadPages(registry, call, limits.index_bytes, [&](std::string_view text) -> Status {
    TRY_ASSIGN(std::vector<std::string> names,
               NamesOf(text, "repositories", IsRepositoryPath, limits));
    return take(std::move(names));
  });
}

}  // namespace fathom::registry
