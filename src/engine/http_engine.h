// An engine that speaks the Docker Engine API over HTTP: Docker, and Podman's service.
#pragma once

#include <memory>
#include <string>

#include "base/limits.h"
#include "engine/engine.h"
#include "net/http.h"

namespace fathom::engine {

struct HttpEngineOptions {
  std::string name;         // as Engine::name() says
  std::string base_url;     // "http://docker"
  std::string api_version;  // DOCKER_API_VERSION; "" lets engine and fathom agree
};

// Asks the engine for its version first; an engine that does not answer is an error here already.
// `limits` must outlive the engine.
Result<std::unique_ptr<Engine>> OpenHttpEngine(std::unique_ptr<net::HttpClient> client,
                                               HttpEngineOptions options, const Limits& limits);

}  // namespace fathom::engine
