#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <nlohmann/json.hpp>

#include "base/child_process.h"
#include "base/json.h"
#include "base/text.h"
#include "registry/credentials.h"

namespace fathom::registry {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kPatience{30};
constexpr size_t kMostBytes = 64 << 10;

// What the helper prints, until it closes its output.
Result<std::string> ReadOutput(ChildProcess& child, int output) {
  const auto deadline = Clock::now() + kPatience;
  std::string text;
  char buffer[4096];
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) {
      return Fail(Code::kUnavailable, "it has not ended after {} seconds", kPatience.count());
    }
    pollfd waiting[] = {{output, POLLIN, 0}, {child.error_pipe(), POLLIN, 0}};
    if (::poll(waiting, 2, static_cast<int>(left)) < 0 && errno != EINTR) {
      return std::unexpected(SystemError(errno, "poll"));
    }
    if (waiting[1].revents != 0) {
      child.DrainErrors();
    }
    if (waiting[0].revents == 0) {
      continue;
    }
    const ssize_t got = ::read(output, buffer, sizeof buffer);
    if (got < 0 && errno != EINTR) {
      return std::unexpected(SystemError(errno, "reading from it"));
    }
    if (got == 0) {
      return text;
    }
    text.append(buffer, static_cast<size_t>(std::max<ssize_t>(got, 0)));
    if (text.size() > kMostBytes) {
      return Fail(Code::kLimit, "it printed more than {} bytes", kMostBytes);
    }
  }
}

Result<Credentials> ParseAnswer(std::string_view text, const Limits& limits) {
  constexpr std::string_view kTokenUser = "<token>";
  TRY_ASSIGN(const nlohmann::json object, ParseJson(text, limits));
  Credentials credentials;
  TRY_ASSIGN(credentials.user, StringMember(object, "Username"));
  TRY_ASSIGN(credentials.password, StringMember(object, "Secret"));
  if (credentials.user == kTokenUser) {
    credentials.user.clear();
    credentials.identity_token = std::exchange(credentials.password, "");
  }
  return credentials;
}

bool IsSuffix(std::string_view suffix) {
  return !suffix.empty() && suffix.size() <= 64 && std::ranges::all_of(suffix, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

Result<std::optional<Credentials>> Ask(const std::string& program, const std::string& server,
                                       const Limits& limits) {
  TRY_ASSIGN(Pipe input, MakePipe());
  TRY_ASSIGN(Pipe output, MakePipe());
  TRY_ASSIGN(const auto child,
             ChildProcess::Start({program, "get"}, input.reading.get(), output.writing.get()));
  input.reading = Fd();
  output.writing = Fd();
  // One that does not read what it is asked for may answer all the same.
  static_cast<void>(WriteAll(input.writing.get(), AsBytes(server)));
  input.writing = Fd();
  TRY_ASSIGN(const std::string text, ReadOutput(*child, output.reading.get()));
  if (const Status ended = child->Wait(); !ended) {
    // Helpers say on their output what is wrong.
    const std::string said = Printable(std::string_view(text).substr(0, 300));
    if (said.find("credentials not found") != std::string::npos) {
      return std::nullopt;
    }
    return Fail(ended.error().code, "{}{}{}", ended.error().message, said.empty() ? "" : ": ",
                said);
  }
  TRY_ASSIGN(Credentials credentials, ParseAnswer(text, limits));
  return credentials.anonymous() ? std::nullopt : std::optional(std::move(credentials));
}

}  // namespace

Result<std::optional<Credentials>> AskHelper(const std::string& suffix, const std::string& server,
                                             const Limits& limits) {
  if (!IsSuffix(suffix)) {
    return Fail(Code::kInvalidArgument, "'{}' is no name of a credential helper",
                Printable(suffix.substr(0, 80)));
  }
  const std::string program = "docker-credential-" + suffix;
  auto asked = Ask(program, server, limits);
  return asked ? std::move(asked) : Wrap(std::move(asked).error(), "the helper {}", program);
}

}  // namespace fathom::registry
