#include "registry/challenge.h"

#include <algorithm>
#include <optional>

#include "base/ascii.h"

namespace fathom::registry {
namespace {

// RFC 9110 section 5.6.2.
bool IsTokenCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").contains(c);
}

// Reads a header from its front.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool ended() const { return rest_.empty(); }

  void SkipBlanks() {
    while (!rest_.empty() && (rest_[0] == ' ' || rest_[0] == '\t')) {
      rest_.remove_prefix(1);
    }
  }
  bool Take(char wanted) {
    SkipBlanks();
    if (rest_.empty() || rest_[0] != wanted) {
      return false;
    }
    rest_.remove_prefix(1);
    return true;
  }
  std::string_view Token() {
    SkipBlanks();
    const auto end = std::ranges::find_if_not(rest_, IsTokenCharacter);
    const auto size = static_cast<size_t>(end - rest_.begin());
    const std::string_view token = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return token;
  }
  // A quoted string or a token, which registries also write with characters that no token has.
  std::optional<std::string> Value() {
    if (Take('"')) {
      return Quoted();
    }
    SkipBlanks();
    const size_t size = std::min(rest_.find_first_of(", \t"), rest_.size());
    std::string value(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return value;
  }
  // `name=value` stands next: a parameter, and not the scheme of another challenge.
  bool AtParameter() const {
    Scanner ahead = *this;
    return !ahead.Token().empty() && ahead.Take('=');
  }

 private:
  std::optional<std::string> Quoted() {
    std::string value;
    while (!rest_.empty()) {
      char c = rest_[0];
      rest_.remove_prefix(1);
      if (c == '"') {
        return value;
      }
      if (c == '\\' && !rest_.empty()) {
        c = rest_[0];
        rest_.remove_prefix(1);
      }
      value += c;
    }
    return std::nullopt;
  }

  std::string_view rest_;
};

}  // namespace

std::string_view Challenge::Parameter(std::string_view name) const {
  const auto found = std::ranges::find_if(
      parameters, [name](const auto& parameter) { return parameter.first == name; });
  return found == parameters.end() ? std::string_view() : std::string_view(found->second);
}

std::vector<Challenge> ParseChallenges(std::string_view header) {
  std::vector<Challenge> challenges;
  Scanner scanner(header);
  while (true) {
    while (scanner.Take(',')) {
    }
    const std::string_view scheme = scanner.Token();
    if (scheme.empty()) {
      return challenges;
    }
    Challenge challenge;
    challenge.scheme = ToLower(scheme);
    while (scanner.AtParameter()) {
      const std::string name = ToLower(scanner.Token());
      scanner.Take('=');
      auto value = scanner.Value();
      if (!value) {
        return challenges;
      }
      challenge.parameters.emplace_back(name, *std::move(value));
      while (scanner.Take(',')) {
      }
    }
    challenges.push_back(std::move(challenge));
  }
}

}  // namespace fathom::registry
