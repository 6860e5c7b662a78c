// What a person types to see only some paths: a regular expression or plain text.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace fathom::tui {

// A regular expression (RE2's syntax) that matches just this text.
std::string QuoteExpression(std::string_view text);

// Found anywhere in a path. A value; cheap to copy; matching takes time linear in the path.
class PathFilter {
 public:
  struct Options {
    bool regex = true;  // RE2's syntax, as dive has it; else the text as it stands
    bool ignore_case = false;
    friend bool operator==(const Options&, const Options&) = default;
  };

  PathFilter() = default;  // every path
  PathFilter(std::string text, Options options);

  const std::string& text() const { return text_; }
  Options options() const { return options_; }
  bool empty() const { return text_.empty(); }
  // What is wrong with the expression; "" when nothing is. A wrong one matches what the text itself
  // is found in.
  const std::string& complaint() const { return complaint_; }

  bool Matches(std::string_view path) const;

  friend bool operator==(const PathFilter& a, const PathFilter& b) {
    return a.text_ == b.text_ && a.options_ == b.options_;
  }

 private:
  std::string text_;
  Options options_;
  std::string complaint_;
  std::shared_ptr<const re2::RE2> expression_;  // null for plain text whose case matters
};

}  // namespace fathom::tui
