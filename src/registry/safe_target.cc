#include "registry/safe_target.h"

#include <algorithm>
#include <string_view>

#include "base/text.h"

namespace fathom::registry {
namespace {

bool IsTrusted(const net::Url& target, const Origin& origin) {
  return std::ranges::find(origin.trusted_hosts, target.host) != origin.trusted_hosts.end();
}

// The domain of a host: two labels, or three where the last two look like what a country gives to
// everybody (co.uk, com.au). "" for a name without a dot and for addresses.
std::string_view DomainOf(std::string_view host) {
  constexpr size_t kShortLabel = 3;
  if (net::KindOfHost(host) != net::AddressKind::kName) {
    return "";
  }
  const size_t last = host.rfind('.');
  if (last == std::string_view::npos || last == 0) {
    return "";
  }
  size_t begin = host.rfind('.', last - 1);
  const size_t label = begin == std::string_view::npos ? last : last - begin - 1;
  const bool of_a_country = host.size() - last - 1 == 2 && label <= kShortLabel;
  if (of_a_country && begin == std::string_view::npos) {
    return "";
  }
  if (of_a_country) {
    begin = begin == 0 ? std::string_view::npos : host.rfind('.', begin - 1);
  }
  return begin == std::string_view::npos ? host : host.substr(begin + 1);
}

}  // namespace

Status CheckTarget(const net::Url& target, const Origin& origin) {
  if (IsTrusted(target, origin)) {
    return {};
  }
  const auto refuse = [&](std::string_view why) {
    return Fail(Code::kDenied,
                "it sends to '{}', {}; if that is right, --trusted-host {} allows it",
                Printable(target.scheme + "://" + target.Authority()), why, Printable(target.host));
  };
  if (target.scheme == "http" && origin.url.scheme == "https" && !origin.insecure) {
    return refuse("which is not encrypted");
  }
  const net::AddressKind kind = net::KindOfHost(target.host);
  const bool is_inside = kind == net::AddressKind::kLoopback || kind == net::AddressKind::kPrivate;
  return is_inside && target.host != origin.url.host
             ? Status(refuse("an address of this machine or of a private network"))
             : Status();
}

bool MaySeeCredentials(const net::Url& target, const Origin& origin) {
  if (target.scheme == "http" && origin.url.scheme == "https") {
    return false;
  }
  const std::string_view domain = DomainOf(origin.url.host);
  return target.host == origin.url.host || IsTrusted(target, origin) ||
         (!domain.empty() && DomainOf(target.host) == domain);
}

}  // namespace fathom::registry
