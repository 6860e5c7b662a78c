#include "engine/open_engine.h"

#include <optional>

#include "engine/podman_program.h"

namespace fathom::engine {
namespace {

// The first error that says more than that nobody is there.
void Note(std::optional<Error>& first, Error error) {
  if (!first) {
    first = std::move(error);
    return;
  }
  if (first->code != Code::kDenied && error.code != Code::kUnavailable) {
    first->code = error.code;
  }
  first->message += "; " + error.message;
}

}  // namespace

Result<std::unique_ptr<Engine>> OpenEngine(Product product, const Environment& environment,
                                           const Limits& limits) {
  std::vector<Endpoint> places;
  if (product == Product::kPodman) {
    places = PodmanPlaces(environment);
  } else {
    TRY_ASSIGN(places, DockerPlaces(environment, limits));
  }
  const std::string api =
      product == Product::kDocker ? environment("DOCKER_API_VERSION") : std::string();
  std::optional<Error> failed;
  for (const Endpoint& place : places) {
    auto engine = Connect(place, product, api, limits);
    if (engine) {
      return engine;
    }
    Note(failed, std::move(engine).error());
  }
  if (product == Product::kPodman && environment("CONTAINER_HOST").empty()) {
    auto program = OpenPodmanProgram(limits);
    if (program) {
      return program;
    }
    Error error = std::move(program).error();
    error.code = error.code == Code::kDenied ? Code::kDenied : Code::kUnavailable;
    error.message = "no socket of Podman's service answers, and " + error.message;
    Note(failed, std::move(error));
  }
  return std::unexpected(*std::move(failed));
}

}  // namespace fathom::engine
