// For tests: a peer that says what a script has it say, whatever it is asked.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "base/io.h"

namespace fathom::net {

// Serves one connection after another on a unix socket of its own, until it is destroyed.
class ScriptedPeer {
 public:
  // One connection of the peer.
  class Connection {
   public:
    explicit Connection(int socket) : socket_(socket) {}

    // A request without a body, up to its empty line; "" when the client is gone.
    std::string Ask() const {
      std::string request;
      char c = 0;
      while (!request.ends_with("\r\n\r\n") && ::recv(socket_, &c, 1, 0) == 1) {
        request += c;
      }
      return request;
    }

    // False when the client is gone.
    bool Say(std::string_view text) const {
      while (!text.empty()) {
        const ssize_t put = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
        if (put <= 0) {
          return false;
        }
        text.remove_prefix(static_cast<size_t>(put));
      }
      return true;
    }

   private:
    int socket_;
  };
  using Script = std::function<void(const Connection&)>;

  explicit ScriptedPeer(Script script) : script_(std::move(script)) {
    std::string pattern = (std::filesystem::temp_directory_path() / "peer-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    listener_ = Fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path().c_str(), sizeof(address.sun_path) - 1);
    if (::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0 ||
        ::listen(listener_.get(), 8) != 0) {
      std::abort();
    }
    thread_ = std::thread([this] { Serve(); });
  }

  // One that answers every request with the same bytes and then closes.
  explicit ScriptedPeer(std::string answer)
      : ScriptedPeer([answer](const Connection& connection) {
          connection.Ask();
          connection.Say(answer);
        }) {}

  ~ScriptedPeer() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
    std::filesystem::remove_all(folder_);
  }

  std::string path() const { return (folder_ / "s").string(); }

 private:
  void Serve() {
    while (true) {
      const Fd connection(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!connection.valid()) {
        return;
      }
      script_(Connection(connection.get()));
    }
  }

  Script script_;
  std::filesystem::path folder_;
  Fd listener_;
  std::thread thread_;
};

}  // namespace fathom::net
