#include <fcntl.h>
#include <sys/socket.h>

#include <cerrno>

#include "base/child_process.h"
#include "net/dialer.h"

namespace fathom::net {
namespace {

class ProgramDialer final : public Dialer {
 public:
  explicit ProgramDialer(std::vector<std::string> arguments) : arguments_(std::move(arguments)) {}

  Result<Fd> Dial() override {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
      return std::unexpected(SystemError(errno, "socketpair"));
    }
    Fd ours(ends[0]);
    const Fd theirs(ends[1]);
    ::fcntl(ours.get(), F_SETFL, O_NONBLOCK);
    TRY_ASSIGN(auto child, ChildProcess::Start(arguments_, theirs.get(), theirs.get()));
    children_.push_back(std::move(child));
    return ours;
  }

  int watched() const override { return children_.empty() ? -1 : children_.back()->error_pipe(); }
  void OnReadable() override { children_.back()->DrainErrors(); }

  std::string Complaint() override {
    if (children_.empty()) {
      return "";
    }
    // It closes its connection before it has said why.
    const Status ended = children_.back()->WaitBriefly();
    return ended ? children_.back()->errors() : ended.error().message;
  }

 private:
  std::vector<std::string> arguments_;
  std::vector<std::unique_ptr<ChildProcess>> children_;  // they end with their connections
};

}  // namespace

std::unique_ptr<Dialer> DialProgram(std::vector<std::string> arguments) {
  return std::make_unique<ProgramDialer>(std::move(arguments));
}

}  // namespace fathom::net
