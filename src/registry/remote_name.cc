#include "registry/remote_name.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace fathom::registry {
namespace {

constexpr size_t kLongestName = 255;  // of host and repository together
constexpr size_t kLongestTag = 128;
constexpr std::array<std::string_view, 3> kHubNames = {"index.docker.io", "registry-1.docker.io",
                                                       "registry.hub.docker.com"};

bool IsLowerOrDigit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool IsWord(char c) { return IsLowerOrDigit(c) || (c >= 'A' && c <= 'Z') || c == '_'; }

// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`
bool IsComponent(std::string_view text) {
  if (text.empty() || !IsLowerOrDigit(text.front()) || !IsLowerOrDigit(text.back())) {
    return false;
  }
  for (size_t i = 0; i < text.size();) {
    const size_t begin = i;
    while (i < text.size() && !IsLowerOrDigit(text[i])) {
      ++i;
    }
    const std::string_view separator = text.substr(begin, i - begin);
    const bool dashes = std::ranges::all_of(separator, [](char c) { return c == '-'; });
    if (!dashes && separator != "." && separator != "_" && separator != "__") {
      return false;
    }
    i += i < text.size() ? 1 : 0;
  }
  return true;
}

// HOST[:PORT], a name, an IPv4 address or an IPv6 one in brackets.
bool IsHost(std::string_view text) {
  const size_t bracket = text.starts_with('[') ? text.find(']') : 0;
  if (bracket == std::string_view::npos) {
    return false;
  }
  const size_t colon = text.find(':', bracket);
  const std::string_view host = text.substr(0, colon);
  const std::string_view port = colon == std::string_view::npos ? "1" : text.substr(colon + 1);
  const bool is_port = !port.empty() && port.size() <= 5 &&
                       std::ranges::all_of(port, [](char c) { return c >= '0' && c <= '9'; });
  const bool is_name = !host.empty() && std::ranges::all_of(host, [](char c) {
    return IsWord(c) || c == '.' || c == '-';
  });
  const bool is_ipv6 =
      bracket > 1 &&
      std::ranges::all_of(host.substr(1, bracket - 1),
                          [](char c) {
                            return c == ':' || c == '.' || (c >= '0' && c <= '9') ||
                                   (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
                          }) &&
      bracket + 1 == host.size();
  return is_port && (is_name || is_ipv6);
}

bool LooksLikeHost(std::string_view component) {
  return component.find_first_of(".:") != std::string_view::npos || component == "localhost" ||
         std::ranges::any_of(component, [](char c) { return c >= 'A' && c <= 'Z'; });
}

}  // namespace

bool IsTag(std::string_view tag) {
  return !tag.empty() && tag.size() <= kLongestTag && IsWord(tag.front()) &&
         std::ranges::all_of(tag, [](char c) { return IsWord(c) || c == '.' || c == '-'; });
}

bool IsRepositoryPath(std::string_view path) {
  while (true) {
    const size_t slash = path.find('/');
    if (!IsComponent(path.substr(0, slash))) {
      return false;
    }
    if (slash == std::string_view::npos) {
      return true;
    }
    path.remove_prefix(slash + 1);
  }
}

std::string ApiHost(std::string_view registry) {
  return registry == kHub ? "registry-1.docker.io" : std::string(registry);
}

std::string RemoteName::ToString() const {
  return FullRepository() + (tag.empty() ? "" : ":" + tag) +
         (digest.empty() ? "" : "@" + digest.ToString());
}

Result<std::string> ParseRegistry(std::string_view text) {
  std::string_view host = text;
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (host.starts_with(scheme)) {
      host.remove_prefix(scheme.size());
    }
  }
  host = host.substr(0, host.find('/'));
  if (std::ranges::find(kHubNames, host) != kHubNames.end() || host == "hub") {
    return std::string(kHub);
  }
  if (!IsHost(host)) {
    return Fail(Code::kInvalidArgument, "'{}' is no registry; one is written HOST or HOST:PORT",
                Printable(text.substr(0, 100)));
  }
  return std::string(host);
}

namespace {

Result<RemoteName> ParsePath(std::string_view text, std::string_view path) {
  const auto wrong = [&](std::string_view why) {
    return Fail(Code::kInvalidArgument, "'{}' is no name of an image: {}",
                Printable(text.substr(0, 300)), why);
  };
  RemoteName name;
  name.registry = kHub;
  const size_t slash = path.find('/');
  if (slash != std::string_view::npos && LooksLikeHost(path.substr(0, slash))) {
    TRY_ASSIGN(name.registry, ParseRegistry(path.substr(0, slash)));
    path.remove_prefix(slash + 1);
  }
  const bool official = name.registry == kHub && path.find('/') == std::string_view::npos;
  name.repository = (official ? "library/" : "") + std::string(path);
  if (std::ranges::any_of(path, [](char c) { return c >= 'A' && c <= 'Z'; })) {
    return wrong("repositories are written in small letters");
  }
  if (!IsRepositoryPath(name.repository)) {
    return wrong(
        "a repository is made of small letters and digits, with '/' between its parts "
        "and '.', '_' or '-' within them");
  }
  if (name.registry.size() + name.repository.size() > kLongestName) {
    return wrong("it is longer than 255 characters");
  }
  return name;
}

}  // namespace

Result<RemoteName> ParseRepository(std::string_view text) {
  const size_t slash = text.rfind('/');
  const size_t colon = text.rfind(':');
  const bool tagged =
      colon != std::string_view::npos && (slash == std::string_view::npos || colon > slash);
  if (tagged || text.find('@') != std::string_view::npos) {
    return Fail(Code::kInvalidArgument, "'{}' names an image; a repository has no tag or digest",
                Printable(text.substr(0, 300)));
  }
  return ParsePath(text, text);
}

Result<RemoteName> ParseRemoteName(std::string_view text) {
  std::string_view path = text;
  Digest digest;
  if (const size_t at = path.find('@'); at != std::string_view::npos) {
    auto parsed = Digest::Parse(path.substr(at + 1));
    if (!parsed) {
      return Fail(Code::kInvalidArgument, "'{}': behind '@' stands no digest: {}",
                  Printable(text.substr(0, 300)), parsed.error().message);
    }
    digest = *parsed;
    path = path.substr(0, at);
  }
  std::string tag = digest.empty() ? "latest" : "";
  const size_t colon = path.rfind(':');
  const size_t slash = path.rfind('/');
  if (colon != std::string_view::npos && (slash == std::string_view::npos || colon > slash)) {
    tag = path.substr(colon + 1);
    path = path.substr(0, colon);
    if (!IsTag(tag)) {
      return Fail(Code::kInvalidArgument, "'{}': '{}' is no tag", Printable(text.substr(0, 300)),
                  Printable(tag.substr(0, 150)));
    }
  }
  TRY_ASSIGN(RemoteName name, ParsePath(text, path));
  name.tag = std::move(tag);
  name.digest = digest;
  return name;
}

}  // namespace fathom::registry
