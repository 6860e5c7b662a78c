#include "net/url.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <span>

#include "base/ascii.h"
#include "base/text.h"

namespace fathom::net {
namespace {

constexpr uint16_t kHttpPort = 80;
constexpr uint16_t kHttpsPort = 443;

std::unexpected<Error> NoUrl(std::string_view text, std::string_view why) {
  return Fail(Code::kInvalidArgument, "'{}' is no URL that can be asked: {}",
              Printable(text.substr(0, 200)), why);
}

Status TakeAuthority(std::string_view text, std::string_view authority, Url& url) {
  if (authority.find('@') != std::string_view::npos) {
    return NoUrl(text, "it has a user name in it");
  }
  std::string_view host = authority;
  std::string_view port;
  if (const size_t bracket = authority.find(']'); authority.starts_with('[')) {
    if (bracket == std::string_view::npos) {
      return NoUrl(text, "its address does not end");
    }
    host = authority.substr(1, bracket - 1);
    port = authority.substr(bracket + 1);
    in6_addr address = {};
    if (::inet_pton(AF_INET6, std::string(host).c_str(), &address) != 1) {
      return NoUrl(text, "its address is none");
    }
  } else {
    const size_t colon = std::min(authority.find(':'), authority.size());
    host = authority.substr(0, colon);
    port = authority.substr(colon);
    const bool plain = std::ranges::all_of(host, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             c == '.' || c == '-' || c == '_';
    });
    if (host.empty() || !plain) {
      return NoUrl(text, "it names no host");
    }
  }
  url.host = ToLower(host);
  url.port = url.scheme == "https" ? kHttpsPort : kHttpPort;
  if (port.size() > 1) {
    const auto [end, error] = std::from_chars(port.data() + 1, port.data() + port.size(), url.port);
    if (port[0] != ':' || error != std::errc() || end != port.data() + port.size()) {
      return NoUrl(text, "its port is none");
    }
  }
  return {};
}

struct Network {
  std::array<uint8_t, 16> prefix;
  unsigned bits;
  AddressKind kind;
};

bool IsWithin(std::span<const uint8_t> address, const Network& network) {
  for (unsigned bit = 0; bit < network.bits; ++bit) {
    const unsigned mask = 0x80u >> (bit % 8);
    if (((address[bit / 8] ^ network.prefix[bit / 8]) & mask) != 0) {
      return false;
    }
  }
  return true;
}

AddressKind KindIn(std::span<const uint8_t> address, std::span<const Network> networks) {
  const auto found = std::ranges::find_if(
      networks, [address](const Network& network) { return IsWithin(address, network); });
  return found == networks.end() ? AddressKind::kPublic : found->kind;
}

// IANA's registries of special-purpose addresses.
AddressKind KindOfIpv4(std::span<const uint8_t> address) {
  using enum AddressKind;
  static constexpr Network kNetworks[] = {
      {{127}, 8, kLoopback},     {{0}, 8, kLoopback},         {{10}, 8, kPrivate},
      {{172, 16}, 12, kPrivate}, {{192, 168}, 16, kPrivate},  {{169, 254}, 16, kPrivate},
      {{100, 64}, 10, kPrivate}, {{192, 0, 0}, 24, kPrivate}, {{198, 18}, 15, kPrivate},
      {{224}, 4, kPrivate},      {{240}, 4, kPrivate},
  };
  return KindIn(address, kNetworks);
}

AddressKind KindOfIpv6(std::span<const uint8_t> address) {
  using enum AddressKind;
  static constexpr std::array<uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  static constexpr std::array<uint8_t, 12> kTranslated = {0, 0x64, 0xff, 0x9b};
  for (const auto& prefix : {kMapped, kTranslated}) {
    if (std::equal(prefix.begin(), prefix.end(), address.begin())) {
      return KindOfIpv4(address.subspan(prefix.size()));
    }
  }
  static constexpr Network kNetworks[] = {
      {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128, kLoopback},
      {{0}, 128, kLoopback},
      {{0xfc}, 7, kPrivate},
      {{0xfe, 0x80}, 10, kPrivate},
      {{0xff}, 8, kPrivate},
  };
  return KindIn(address, kNetworks);
}

}  // namespace

std::string Url::Authority() const {
  const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  const bool usual = port == (scheme == "https" ? kHttpsPort : kHttpPort);
  return usual ? name : fmt::format("{}:{}", name, port);
}

std::string Url::ToString() const { return scheme + "://" + Authority() + target; }

Result<Url> ParseUrl(std::string_view text) {
  const std::string_view whole = text;
  Url url;
  const size_t colon = text.find("://");
  url.scheme = ToLower(text.substr(0, std::min(colon, text.size())));
  if (colon == std::string_view::npos || (url.scheme != "http" && url.scheme != "https")) {
    return NoUrl(whole, "it begins with neither http:// nor https://");
  }
  text.remove_prefix(colon + 3);
  const size_t end = std::min(text.find_first_of("/?#"), text.size());
  TRY(TakeAuthority(whole, text.substr(0, end), url));
  text.remove_prefix(end);
  text = text.substr(0, text.find('#'));
  const bool clean = std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
  if (!clean) {
    return NoUrl(whole, "it has characters that are not escaped");
  }
  url.target = (text.starts_with('/') ? "" : "/") + std::string(text);
  return url;
}

Result<Url> ResolveUrl(const Url& base, std::string_view reference) {
  const size_t colon = reference.find(':');
  const size_t other = reference.find_first_of("/?#");
  if (colon != std::string_view::npos && colon < other) {
    return ParseUrl(reference);
  }
  if (reference.starts_with("//")) {
    return ParseUrl(base.scheme + ":" + std::string(reference));
  }
  std::string target(reference);
  const std::string_view path = std::string_view(base.target).substr(0, base.target.find('?'));
  if (reference.empty() || reference[0] == '#') {
    target = base.target;
  } else if (reference[0] == '?') {
    target = std::string(path) + target;
  } else if (reference[0] != '/') {
    target = std::string(path.substr(0, path.rfind('/') + 1)) + target;
  }
  return ParseUrl(base.scheme + "://" + base.Authority() + target);
}

AddressKind KindOfHost(std::string_view host) {
  std::array<uint8_t, 16> bytes = {};
  const std::string text(host);
  if (text == "localhost" || text.ends_with(".localhost")) {
    return AddressKind::kLoopback;
  }
  // Also what C libraries take for an address: 127.1, 0x7f000001, 2130706433.
  in_addr ipv4 = {};
  if (::inet_aton(text.c_str(), &ipv4) != 0) {
    std::memcpy(bytes.data(), &ipv4, sizeof ipv4);
    return KindOfIpv4({bytes.data(), sizeof ipv4});
  }
  if (::inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) {
    return KindOfIpv6(bytes);
  }
  return AddressKind::kName;
}

}  // namespace fathom::net
