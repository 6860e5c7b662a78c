// Where an engine listens, and how it is reached there.
#pragma once

#include <memory>
#include <string>

#include "base/limits.h"
#include "engine/engine.h"
#include "net/curl_client.h"

namespace fathom::engine {

struct Endpoint {
  std::string host;    // unix://PATH, tcp://HOST[:PORT], ssh://[USER@]HOST[:PORT][/PATH]
  std::string origin;  // who named it: "DOCKER_HOST", "the context 'build'"; "" a usual place
  bool tls = false;    // of tcp
  net::TlsFiles files;
};

// The program and its API.
enum class Product { kDocker, kPodman };
std::string_view NameOf(Product product);  // "Docker"

// What ssh is started with for a host ssh://...: it runs the product's own `system dial-stdio` on
// the other machine. kInvalidArgument for a host that is none.
Result<std::vector<std::string>> SshCommand(const std::string& host, Product product);

// An engine that has answered. `api_version` is what DOCKER_API_VERSION says. Errors name the
// endpoint and say what to do about it. `limits` must outlive the engine.
Result<std::unique_ptr<Engine>> Connect(const Endpoint& endpoint, Product product,
                                        const std::string& api_version, const Limits& limits);

}  // namespace fathom::engine
