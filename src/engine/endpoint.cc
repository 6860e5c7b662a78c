#include "engine/endpoint.h"

#include <algorithm>

#include "engine/http_engine.h"

namespace fathom::engine {
namespace {

constexpr std::string_view kUnix = "unix://";
constexpr std::string_view kSsh = "ssh://";

// [USER@]HOST[:PORT][/PATH]
struct SshHost {
  std::string user;
  std::string host;
  std::string port;
  std::string path;
};

Result<SshHost> ParseSshHost(std::string_view text) {
  SshHost parts;
  std::string_view rest = text.substr(kSsh.size());
  if (const size_t slash = rest.find('/'); slash != std::string_view::npos) {
    parts.path = rest.substr(slash) == "/" ? "" : rest.substr(slash);
    rest = rest.substr(0, slash);
  }
  if (const size_t at = rest.rfind('@'); at != std::string_view::npos) {
    parts.user = rest.substr(0, at);
    rest = rest.substr(at + 1);
  }
  const size_t bracket = rest.find(']');
  const size_t colon = rest.find(':', bracket == std::string_view::npos ? 0 : bracket);
  parts.host = rest.substr(0, colon);
  if (bracket != std::string_view::npos && parts.host.starts_with('[')) {
    parts.host = parts.host.substr(1, bracket - 1);
  }
  parts.port = colon == std::string_view::npos ? "" : rest.substr(colon + 1);
  const bool number = std::ranges::all_of(parts.port, [](char c) { return c >= '0' && c <= '9'; });
  // What begins with a dash would be an option of ssh.
  if (parts.host.empty() || parts.host.starts_with('-') || parts.user.starts_with('-') || !number ||
      parts.user.contains(':')) {
    return Fail(Code::kInvalidArgument, "'{}' is not of the form ssh://[USER@]HOST[:PORT]", text);
  }
  return parts;
}

// The address of requests, and what reaches it.
struct Route {
  std::string base_url;
  net::ClientOptions options;
};

Result<Route> RouteByTcp(const Endpoint& endpoint, std::string_view address) {
  Route route;
  std::string host(address);
  while (host.ends_with('/')) {
    host.pop_back();
  }
  if (host.empty() || host.contains('/')) {
    return Fail(Code::kInvalidArgument, "'{}' is not of the form tcp://HOST:PORT", endpoint.host);
  }
  const size_t bracket = host.find(']');
  if (host.find(':', bracket == std::string::npos ? 0 : bracket) == std::string::npos) {
    host += endpoint.tls ? ":2376" : ":2375";
  }
  route.base_url = (endpoint.tls ? "https://" : "http://") + host;
  route.options.tls = endpoint.files;
  return route;
}

Result<Route> MakeRoute(const Endpoint& endpoint, Product product) {
  const std::string_view host = endpoint.host;
  Route route;
  // No request leaves the socket: the host only stands in its header.
  route.base_url = "http://127.0.0.1";
  if (host.starts_with(kUnix)) {
    route.options.unix_socket = host.substr(kUnix.size());
    return route;
  }
  if (host.starts_with(kSsh)) {
    TRY_ASSIGN(std::vector<std::string> command, SshCommand(endpoint.host, product));
    TRY_ASSIGN(route.options.dialer, net::DialProgram(std::move(command)));
    return route;
  }
  for (const std::string_view scheme : {"tcp://", "http://", "https://"}) {
    if (host.starts_with(scheme)) {
      return RouteByTcp(endpoint, host.substr(scheme.size()));
    }
  }
  return Fail(Code::kInvalidArgument, "'{}' is not of the form unix://, tcp:// or ssh://",
              endpoint.host);
}

std::string Advice(const Endpoint& endpoint, Product product, Code code) {
  if (!endpoint.host.starts_with(kUnix)) {
    return "";
  }
  if (code == Code::kDenied) {
    return product == Product::kDocker
               ? "; your user may not use this socket: ask to be made a member of its group (sudo "
                 "usermod -aG docker $USER, then log in again), or run fathom with sudo"
               : "; your user may not use this socket: start your own with systemctl --user start "
                 "podman.socket, or run fathom with sudo";
  }
  if (code == Code::kUnavailable) {
    return product == Product::kDocker ? "; is Docker running? (docker info)"
                                       : "; is its service running? (podman system service)";
  }
  return "";
}

}  // namespace

std::string_view NameOf(Product product) {
  return product == Product::kDocker ? "Docker" : "Podman";
}

Result<std::vector<std::string>> SshCommand(const std::string& host, Product product) {
  TRY_ASSIGN(const SshHost parts, ParseSshHost(host));
  std::vector<std::string> command = {"ssh", "-o", "ConnectTimeout=30", "-T"};
  if (!parts.user.empty()) {
    command.insert(command.end(), {"-l", parts.user});
  }
  if (!parts.port.empty()) {
    command.insert(command.end(), {"-p", parts.port});
  }
  command.insert(command.end(), {"--", parts.host});
  command.emplace_back(product == Product::kDocker ? "docker" : "podman");
  if (!parts.path.empty()) {
    command.insert(command.end(), {product == Product::kDocker ? "--host" : "--url",
                                   std::string(kUnix) + parts.path});
  }
  command.insert(command.end(), {"system", "dial-stdio"});
  return command;
}

Result<std::unique_ptr<Engine>> Connect(const Endpoint& endpoint, Product product,
                                        const std::string& api_version, const Limits& limits) {
  const std::string name = fmt::format("{} at {}", NameOf(product), endpoint.host);
  const auto connect = [&]() -> Result<std::unique_ptr<Engine>> {
    TRY_ASSIGN(Route route, MakeRoute(endpoint, product));
    TRY_ASSIGN(auto client, net::MakeCurlClient(std::move(route.options)));
    return OpenHttpEngine(std::move(client), {name, route.base_url, api_version}, limits);
  };
  auto engine = connect();
  if (engine) {
    return engine;
  }
  Error error = std::move(engine).error();
  error.message += Advice(endpoint, product, error.code);
  return endpoint.origin.empty() ? Wrap(std::move(error), "{}", name)
                                 : Wrap(std::move(error), "{} (from {})", name, endpoint.origin);
}

}  // namespace fathom::engine
