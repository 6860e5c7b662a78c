// The terminal itself, under a pseudo-terminal, in a process of its own: there is one in each.
#include "tui/terminal.h"

#include <gtest/gtest.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

namespace fathom::tui {
namespace {

using namespace std::chrono_literals;

auto Soon() { return std::chrono::steady_clock::now() + 5s; }
auto Now() { return std::chrono::steady_clock::now(); }

// What a terminal was sent, and whether `use` said yes in the process that had it.
struct Outcome {
  std::string sent;
  bool well = false;
};

Outcome Under(bool (*use)(Terminal&)) {
  winsize size = {.ws_row = 24, .ws_col = 80, .ws_xpixel = 0, .ws_ypixel = 0};
  int master = -1;
  const pid_t child = ::forkpty(&master, nullptr, nullptr, &size);
  if (child == 0) {
    ::setenv("TERM", "xterm-256color", 1);
    ::setenv("LC_ALL", "C.UTF-8", 1);
    bool well = false;
    if (auto terminal = Terminal::Open({})) {
      well = use(**terminal);
    }
    ::_exit(well ? 0 : 1);
  }
  Outcome outcome;
  char bytes[4096];
  ssize_t got = 0;
  while ((got = ::read(master, bytes, sizeof bytes)) > 0) {
    outcome.sent.append(bytes, static_cast<size_t>(got));
  }
  ::close(master);
  int status = 0;
  ::waitpid(child, &status, 0);
  outcome.well = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  return outcome;
}

TEST(Terminal, IsGivenBack) {
  const Outcome outcome = Under([](Terminal& terminal) {
    Canvas canvas({80, 24});
    canvas.Put({0, 0}, "shown", Role::kText, {0, 0, 80, 24});
    terminal.Show(canvas);
    return terminal.size() == Size{80, 24} && !terminal.ascii();
  });
  EXPECT_TRUE(outcome.well);
  const size_t shown = outcome.sent.find("shown");
  ASSERT_NE(shown, std::string::npos);
  EXPECT_LT(outcome.sent.find("\x1b[?1049h"), shown) << "the alternate screen";
  EXPECT_NE(outcome.sent.find("\x1b[?1049l", shown), std::string::npos);
  EXPECT_NE(outcome.sent.find("\x1b[?2004l", shown), std::string::npos);
  EXPECT_NE(outcome.sent.find("\x1b[?1000l", shown), std::string::npos);
}

TEST(Terminal, WhatHappensWhileItIsLentIsToldLater) {
  EXPECT_TRUE(Under([](Terminal& terminal) {
                terminal.Lend([] { ::raise(SIGTERM); });
                return terminal.Wait(Soon()).closed && !terminal.Wait(Now()).closed;
              }).well);
  EXPECT_TRUE(Under([](Terminal& terminal) {
                terminal.Lend([&] { terminal.Wake(); });
                return terminal.Wait(Soon()).woken && !terminal.Wait(Now()).woken;
              }).well);
  EXPECT_TRUE(Under([](Terminal& terminal) {
                terminal.Lend([] {
                  const winsize other = {
                      .ws_row = 50, .ws_col = 132, .ws_xpixel = 0, .ws_ypixel = 0};
                  ::ioctl(STDIN_FILENO, TIOCSWINSZ, &other);
                });
                return terminal.Wait(Soon()).resized && terminal.size() == Size{132, 50};
              }).well);
}

TEST(Terminal, InterruptsEndItUnlessItIsLent) {
  EXPECT_TRUE(Under([](Terminal& terminal) {
                ::raise(SIGINT);
                return terminal.Wait(Soon()).closed;
              }).well);
  EXPECT_TRUE(Under([](Terminal& terminal) {
                terminal.Lend([] { ::raise(SIGINT); });
                return !terminal.Wait(Now()).closed;
              }).well);
}

TEST(Terminal, IsNotThere) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::setsid();
    const auto terminal = Terminal::Open({});
    ::_exit(!terminal && terminal.error().code == Code::kNotFound ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

}  // namespace
}  // namespace fathom::tui
