// Errors are values: every call that can fail returns Result<T> or Status.
//
// An Error has a code, which decides the exit code and whether trying again can help, and a message
// that says what went wrong and where. Context is added on the way up with Wrap(); the message is
// shown once, by the program, never by a library.
#pragma once

#include <fmt/format.h>

#include <expected>
#include <string>
#include <utility>

namespace fathom {

enum class Code {
  kInvalidArgument,  // the request is wrong: an option, a rule, a reference
  kNotFound,         // the thing asked for is not there
  kDenied,           // it is there, but may not be read
  kIo,               // reading or writing failed for a reason outside the data
  kUnavailable,      // a peer did not answer; trying again may help
  kCorrupt,          // the data contradict their format or their digest
  kLimit,            // the data ask for more than a safety limit allows
  kCancelled,        // somebody asked to stop
};

struct Error {
  Code code;
  std::string message;
};

template <typename T>
using Result = std::expected<T, Error>;
using Status = std::expected<void, Error>;

// Exit code of the program for an error; the table is part of the command-line contract.
constexpr int ExitCode(Code code) {
  switch (code) {
    case Code::kInvalidArgument:
      return 2;
    case Code::kNotFound:
    case Code::kDenied:
    case Code::kIo:
      return 3;
    case Code::kUnavailable:
      return 4;
    case Code::kCorrupt:
      return 5;
    case Code::kLimit:
      return 6;
    case Code::kCancelled:
      return 130;
  }
  return 2;
}

// return Fail(Code::kCorrupt, "entry '{}' ends early", name);
template <typename... Args>
std::unexpected<Error> Fail(Code code, fmt::format_string<Args...> format, Args&&... args) {
  return std::unexpected(Error{code, fmt::format(format, std::forward<Args>(args)...)});
}

// Adds where it happened in front of what happened; the code stays.
template <typename... Args>
std::unexpected<Error> Wrap(Error error, fmt::format_string<Args...> format, Args&&... args) {
  error.message =
      fmt::format("{}: {}", fmt::format(format, std::forward<Args>(args)...), error.message);
  return std::unexpected(std::move(error));
}

// An Error for the errno of the system call that just failed.
Error SystemError(int number, std::string_view what);

}  // namespace fathom

#define FATHOM_CONCAT_INNER(a, b) a##b
#define FATHOM_CONCAT(a, b) FATHOM_CONCAT_INNER(a, b)

// Returns the error of `expression` from the enclosing function, if it has one.
#define TRY(expression)                                      \
  do {                                                       \
    if (auto try_status = (expression); !try_status) {       \
      return std::unexpected(std::move(try_status).error()); \
    }                                                        \
  } while (false)

// TRY_ASSIGN(auto x, F()): returns F's error, or declares x with its value.
#define TRY_ASSIGN(declaration, expression)                                          \
  auto FATHOM_CONCAT(try_result_, __LINE__) = (expression);                          \
  if (!FATHOM_CONCAT(try_result_, __LINE__)) {                                       \
    return std::unexpected(std::move(FATHOM_CONCAT(try_result_, __LINE__)).error()); \
  }                                                                                  \
  declaration = std::move(*FATHOM_CONCAT(try_result_, __LINE__))
