// Absolute http and https URLs, taken apart (RFC 3986).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace fathom::net {

// A value. What stands behind '#' is dropped.
struct Url {
  std::string scheme;  // "http" or "https"
  std::string host;    // in small letters; an IPv6 address without its brackets
  uint16_t port = 0;   // the scheme's own when none is written
  std::string target;  // path and query: begins with '/'

  std::string ToString() const;
  // HOST, with the port unless that is the scheme's own.
  std::string Authority() const;
  // Whether both are served by the same server: scheme, host and port (RFC 6454).
  bool SameOrigin(const Url& other) const {
    return scheme == other.scheme && host == other.host && port == other.port;
  }
};

// Errors: kInvalidArgument for anything else than an absolute http or https URL, and for one with
// a user name in it, which could only mislead.
Result<Url> ParseUrl(std::string_view text);

// What `reference`, from a Location or Link header of an answer to `base`, leads to. Errors: as
// ParseUrl().
Result<Url> ResolveUrl(const Url& base, std::string_view reference);

// What kind of address a host is, where it is an IP address and no name.
enum class AddressKind : uint8_t {
  kName,
  kPublic,
  kLoopback,
  kPrivate,  // private, link-local, or for another special use: not of the public network
};
AddressKind KindOfHost(std::string_view host);

}  // namespace fathom::net
