#include "engine/places.h"

#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "base/io.h"
#include "base/json.h"

namespace fathom::engine {
namespace {

using nlohmann::json;

constexpr uint64_t kFileBytes = 1 << 20;

bool Exists(const std::string& path) {
  struct stat facts{};
  return ::stat(path.c_str(), &facts) == 0;
}

std::string IfThere(std::string path) { return Exists(path) ? std::move(path) : std::string(); }

// The files of a folder, each only where it is there.
net::TlsFiles FilesIn(const std::string& folder) {
  net::TlsFiles files;
  files.ca = IfThere(folder + "/ca.pem");
  files.certificate = IfThere(folder + "/cert.pem");
  files.key = IfThere(folder + "/key.pem");
  return files;
}

std::string ConfigFolder(const Environment& environment) {
  const std::string own = environment("DOCKER_CONFIG");
  return own.empty() ? environment("HOME") + "/.docker" : own;
}

Endpoint FromDockerHost(const Environment& environment, std::string host) {
  Endpoint endpoint{std::move(host), "DOCKER_HOST", false, {}};
  const bool verify = !environment("DOCKER_TLS_VERIFY").empty();
  endpoint.tls =
      verify || !environment("DOCKER_TLS").empty() || endpoint.host.starts_with("https://");
  if (endpoint.tls) {
    const std::string folder = environment("DOCKER_CERT_PATH");
    endpoint.files = FilesIn(folder.empty() ? ConfigFolder(environment) : folder);
    endpoint.files.verify = verify || endpoint.host.starts_with("https://");
  }
  return endpoint;
}

Result<json> ReadJsonFile(const std::string& path, const Limits& limits) {
  TRY_ASSIGN(const std::string text, ReadFile(path, kFileBytes));
  auto document = ParseJson(text, limits);
  return document ? std::move(document) : Wrap(std::move(document).error(), "'{}'", path);
}

// "" when the configuration names none.
Result<std::string> CurrentContext(const Environment& environment, const Limits& limits) {
  const std::string path = ConfigFolder(environment) + "/config.json";
  if (!Exists(path)) {
    return "";
  }
  TRY_ASSIGN(const json config, ReadJsonFile(path, limits));
  return StringMember(config, "currentContext");
}

Result<Endpoint> FromContext(const Environment& environment, const std::string& name,
                             const Limits& limits) {
  const std::string contexts = ConfigFolder(environment) + "/contexts";
  const std::string folder = DigestOf(AsBytes(name)).Hex();
  TRY_ASSIGN(const json meta,
             ReadJsonFile(fmt::format("{}/meta/{}/meta.json", contexts, folder), limits));
  TRY_ASSIGN(const json* endpoints, ObjectMember(meta, "Endpoints"));
  const json* docker = endpoints == nullptr ? nullptr : FindMember(*endpoints, "docker");
  if (docker == nullptr) {
    return Fail(Code::kInvalidArgument, "it has no endpoint 'docker'");
  }
  Endpoint endpoint;
  TRY_ASSIGN(endpoint.host, StringMember(*docker, "Host"));
  TRY_ASSIGN(const bool skip_verify, BoolMember(*docker, "SkipTLSVerify"));
  endpoint.origin = fmt::format("the context '{}'", name);
  const std::string tls = fmt::format("{}/tls/{}/docker", contexts, folder);
  endpoint.files = FilesIn(tls);
  endpoint.files.verify = !skip_verify;
  endpoint.tls = skip_verify || !endpoint.files.ca.empty() || !endpoint.files.certificate.empty() ||
                 endpoint.host.starts_with("https://");
  return endpoint;
}

void AddIfThere(std::vector<Endpoint>& endpoints, const std::string& path) {
  if (Exists(path)) {
    endpoints.push_back({"unix://" + path, "", false, {}});
  }
}

// Rootless Docker, Docker Desktop on Linux and macOS, colima, Rancher Desktop, OrbStack.
std::vector<Endpoint> UsualDockerSockets(const Environment& environment) {
  std::vector<Endpoint> endpoints = {{"unix:///var/run/docker.sock", "", false, {}}};
  if (const std::string runtime = environment("XDG_RUNTIME_DIR"); !runtime.empty()) {
    AddIfThere(endpoints, runtime + "/docker.sock");
  }
  if (const std::string home = environment("HOME"); !home.empty()) {
    for (const char* path : {"/.docker/run/docker.sock", "/.docker/desktop/docker.sock",
                             "/.colima/default/docker.sock", "/.config/colima/default/docker.sock",
                             "/.rd/docker.sock", "/.orbstack/run/docker.sock"}) {
      AddIfThere(endpoints, home + path);
    }
  }
  return endpoints;
}

}  // namespace

Result<std::vector<Endpoint>> DockerPlaces(const Environment& environment, const Limits& limits) {
  if (std::string host = environment("DOCKER_HOST"); !host.empty()) {
    return std::vector{FromDockerHost(environment, std::move(host))};
  }
  std::string context = environment("DOCKER_CONTEXT");
  if (context.empty()) {
    TRY_ASSIGN(context, CurrentContext(environment, limits));
  }
  if (context.empty() || context == "default") {
    return UsualDockerSockets(environment);
  }
  auto endpoint = FromContext(environment, context, limits);
  if (!endpoint) {
    endpoint.error().code = Code::kInvalidArgument;
    return Wrap(std::move(endpoint).error(), "the context '{}' of Docker", context);
  }
  return std::vector{*std::move(endpoint)};
}

std::vector<Endpoint> PodmanPlaces(const Environment& environment) {
  if (std::string host = environment("CONTAINER_HOST"); !host.empty()) {
    return {{std::move(host), "CONTAINER_HOST", false, {}}};
  }
  std::vector<Endpoint> endpoints;
  if (const std::string runtime = environment("XDG_RUNTIME_DIR"); !runtime.empty()) {
    AddIfThere(endpoints, runtime + "/podman/podman.sock");
  }
  AddIfThere(endpoints, "/run/podman/podman.sock");
  return endpoints;
}

}  // namespace fathom::engine
