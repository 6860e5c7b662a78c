#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>

#include "base/child_process.h"
#include "net/dialer.h"

namespace fathom::net {
namespace {

// A unix socket that listens under a name which the kernel chose.
struct Listener {
  Fd socket;
  std::string name;
};

Result<Listener> Listen() {
  Listener listener{Fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)), ""};
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  auto* const plain = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof(address);
  if (!listener.socket.valid() ||
      ::bind(listener.socket.get(), plain, offsetof(sockaddr_un, sun_path)) != 0 ||
      ::listen(listener.socket.get(), 4) != 0 ||
      ::getsockname(listener.socket.get(), plain, &size) != 0) {
    return std::unexpected(SystemError(errno, "a socket for a program"));
  }
  // Behind the zero byte that marks the abstract namespace.
  listener.name.assign(address.sun_path + 1, size - offsetof(sockaddr_un, sun_path) - 1);
  return listener;
}

bool IsFromThisProcess(int connection) {
  ucred peer{};
  socklen_t size = sizeof(peer);
  return ::getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
         peer.pid == ::getpid();
}

class ProgramDialer final : public Dialer {
 public:
  ProgramDialer(std::vector<std::string> arguments, Listener listener)
      : arguments_(std::move(arguments)), listener_(std::move(listener)) {}

  const std::string& socket_name() const override { return listener_.name; }

  std::vector<int> watched() const override {
    std::vector<int> descriptors = {listener_.socket.get()};
    for (const auto& child : children_) {
      if (child->error_pipe() >= 0) {
        descriptors.push_back(child->error_pipe());
      }
    }
    return descriptors;
  }

  Status Serve() override {
    for (const auto& child : children_) {
      child->DrainErrors();
    }
    while (true) {
      const Fd connection(::accept4(listener_.socket.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!connection.valid()) {
        return {};
      }
      if (IsFromThisProcess(connection.get())) {
        TRY_ASSIGN(auto child, ChildProcess::Start(arguments_, connection.get(), connection.get()));
        children_.push_back(std::move(child));
      }
    }
  }

  std::string Complaint() override {
    if (children_.empty()) {
      return "";
    }
    // It closes its connection before it has said why.
    const Status ended = children_.back()->WaitBriefly();
    return ended ? children_.back()->errors() : ended.error().message;
  }

 private:
  const std::vector<std::string> arguments_;
  const Listener listener_;
  std::vector<std::unique_ptr<ChildProcess>> children_;  // they end with their connections
};

}  // namespace

Result<std::unique_ptr<Dialer>> DialProgram(std::vector<std::string> arguments) {
  TRY_ASSIGN(Listener listener, Listen());
  return std::make_unique<ProgramDialer>(std::move(arguments), std::move(listener));
}

}  // namespace fathom::net
