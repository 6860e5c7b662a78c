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
#include <string_view>
#include <vector>

namespace fathom {

// Compiled once; matching is thread-safe.
class Glob {
 public:
  enum class Case { kMatters, kIgnored };  // of ASCII letters

  explicit Glob(std::string_view pattern, Case letters = Case::kMatters);

  // Whether the whole of `path` matches. Slashes at its front and end do not count.
  bool Matches(std::string_view path) const;

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

  Component Compile(std::string_view text) const;
  bool CompileBracket(std::string_view& text, Token& token) const;
  bool MatchesOne(const Token& token, char32_t character) const;
  bool MatchesName(const Component& component, std::string_view name) const;

  Case letters_;
  std::vector<Component> components_;
};

}  // namespace fathom
