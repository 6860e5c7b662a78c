// The places where engines are looked for, as their own command-line programs look for them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/endpoint.h"

namespace fathom::engine {

// The value of an environment variable, "" when it is not set.
using Environment = std::function<std::string(const char* name)>;

// Where Docker may listen, in the order to try: DOCKER_HOST alone; else the context that
// DOCKER_CONTEXT or config.json names, alone; else the usual sockets that are there, at least
// /var/run/docker.sock. Errors: kInvalidArgument for a context that is not there or is damaged.
// Format: config.json and contexts/ below $DOCKER_CONFIG, as of the Docker CLI 19.03 to 29.
Result<std::vector<Endpoint>> DockerPlaces(const Environment& environment, const Limits& limits);

// Where Podman's service may listen: CONTAINER_HOST alone; else the usual sockets that are there.
std::vector<Endpoint> PodmanPlaces(const Environment& environment);

}  // namespace fathom::engine
