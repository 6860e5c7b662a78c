// The HTTP client that libcurl makes.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "net/dialer.h"
#include "net/http.h"

namespace fathom::net {

// PEM files; "" where there is none.
struct TlsFiles {
  std::string ca;  // whom to trust; "": whom the system trusts
  std::string certificate;
  std::string key;
  bool verify = true;
};

struct ClientOptions {
  std::string unix_socket;         // path of the socket that every request goes to
  std::shared_ptr<Dialer> dialer;  // or what makes the connections
  TlsFiles tls;
  std::chrono::milliseconds connect_within = std::chrono::seconds(10);
  size_t header_bytes = 64 << 10;  // most, of one answer
};

// Connections are kept open and used again. kNotFound when libcurl is not there.
Result<std::unique_ptr<HttpClient>> MakeCurlClient(ClientOptions options);

}  // namespace fathom::net
