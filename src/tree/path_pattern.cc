#include "tree/path_pattern.h"

#include <re2/re2.h>

#include <optional>

#include "base/glob.h"
#include "base/text.h"

namespace fathom::tree {

struct PathPattern::State {
  std::optional<Glob> glob;
  bool whole_path = false;
  std::unique_ptr<re2::RE2> regex;
};

Result<PathPattern> PathPattern::Compile(std::string_view text, Options options) {
  auto state = std::make_shared<State>();
  if (!options.regex) {
    state->glob.emplace(text, options.ignore_case ? Glob::Case::kIgnored : Glob::Case::kMatters);
    state->whole_path = text.contains('/');
    return PathPattern(std::move(state));
  }
  re2::RE2::Options how;
  how.set_log_errors(false);
  how.set_case_sensitive(!options.ignore_case);
  if (!IsUtf8(text)) {
    how.set_encoding(re2::RE2::Options::EncodingLatin1);
  }
  state->regex = std::make_unique<re2::RE2>(re2::StringPiece(text.data(), text.size()), how);
  if (!state->regex->ok()) {
    return Fail(Code::kInvalidArgument, "'{}' is no regular expression: {}", text,
                state->regex->error());
  }
  return PathPattern(std::move(state));
}

bool PathPattern::Matches(std::string_view path, std::string_view name) const {
  if (state_->regex != nullptr) {
    return re2::RE2::PartialMatch(re2::StringPiece(path.data(), path.size()), *state_->regex);
  }
  return state_->glob->Matches(state_->whole_path ? path : name);
}

}  // namespace fathom::tree
