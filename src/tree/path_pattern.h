// Which paths a person asks for: a shell pattern, or a regular expression.
#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"

namespace fathom::tree {

// Matching takes time linear in the path, whatever the pattern, and is thread-safe.
class PathPattern {
 public:
  struct Options {
    bool regex = false;
    bool ignore_case = false;  // of ASCII letters in a shell pattern
  };

  // A shell pattern (base/glob.h) that holds a slash must match the whole path; one that holds none
  // the last name. A regular expression (RE2's syntax) may match anywhere in the path.
  // Errors: kInvalidArgument.
  static Result<PathPattern> Compile(std::string_view text, Options options);

  // `path` is "/a/b", `name` its last component.
  bool Matches(std::string_view path, std::string_view name) const;

 private:
  struct State;
  explicit PathPattern(std::shared_ptr<const State> state) : state_(std::move(state)) {}

  std::shared_ptr<const State> state_;
};

}  // namespace fathom::tree
