// Shell patterns over names and paths, in time that grows with the pattern times the path.
//
//   *      any characters of one component        ?      one character of a component
//   [a-z]  one of these; [!a] and [^a] any other  \x     the character x itself
//   **     as a whole component: any number of components, none included; at the end at least one
//
// As POSIX glob(7), but a leading period is no different from any other character, and a bracket
// that nothing closes stands for itself. A character is one of UTF-8, or a byte that is none.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace fathom {

// Compiled once; matching is thread-safe.
class Glob {
 public:
  enum class Case { kMatters, kIgnored };  // of ASCII letters

  explicit Glob(std::string_view pattern, Case letters = Case::kMatters);

  // Whether the whole of `path` matches. Slashes at its front and end do not count.
  bool Matches(std::string_view path) const;
  // The same of a path that was split: its components from the front, none of them empty.
  bool Matches(std::span<const std::string_view> names) const;
  // False only when no path that ends in this name matches.
  bool MayEndIn(std::string_view name) const;

  // Errors: kInvalidArgument where the pattern is hardly what somebody meant: it names no path, a
  // bracket is not closed, a backslash has nothing to follow it.
  Status Check() const;

 private:
  struct Range {
    char32_t first;
    char32_t last;
  };
  // One character that matches, or a star.
  struct Token {
    enum class Kind { kOneOf, kNoneOf, kAny, kStar } kind;
    std::vector<Range> ranges;
  };
  struct Component {
    bool any_depth = false;  // "**"
    std::vector<Token> tokens;
  };

  Component Compile(std::string_view text);
  bool CompileBracket(std::string_view& text, Token& token) const;
  bool MatchesOne(const Token& token, char32_t character) const;
  bool MatchesName(const Component& component, std::string_view name) const;

  // The plain ASCII characters that a path's last name has at its ends: most names are told from
  // them alone to match no pattern.
  void NotePlainEnds();

  Case letters_;
  const char* doubt_ = nullptr;  // what Check() says
  std::vector<Component> components_;
  std::string plain_beginning_;
  std::string plain_end_;
};

}  // namespace fathom
