// Where a registry may send its clients, and who may see their credentials.
//
// What a registry says (realms, redirects, links, urls of layers) is as hostile as what it holds:
// it must not make its clients ask servers that only they can reach, or hand out their secrets.
#pragma once

#include <span>
#include <string>

#include "net/url.h"

namespace fathom::registry {

// What the rules are taken for.
struct Origin {
  net::Url url;           // of the registry's API
  bool insecure = false;  // it may speak plain HTTP
  std::span<const std::string> trusted_hosts;
};

// kDenied for plain HTTP, unless the registry itself may speak that, and for addresses of this
// machine and of private networks, unless the registry has that very host or the host is trusted.
Status CheckTarget(const net::Url& target, const Origin& origin);

// Whether credentials for the registry may go to this server: the same host, or one below the same
// domain, as auth.docker.io and registry-1.docker.io are, or one that is trusted.
bool MaySeeCredentials(const net::Url& target, const Origin& origin);

}  // namespace fathom::registry
