#include "base/glob.h"

#include <algorithm>
#include <optional>
#include <string>

#include "base/text.h"

namespace fathom {
namespace {

constexpr char32_t kBadBytes = 0x110000;  // bytes that are no UTF-8 come after all characters

// Takes a character from the front of `text`, which is not empty.
char32_t TakeCharacter(std::string_view& text) {
  const auto lead = static_cast<uint8_t>(text[0]);
  const size_t length = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (lead < 0x80 || length > text.size() || !IsUtf8(text.substr(0, length))) {
    text.remove_prefix(1);
    return lead < 0x80 ? lead : kBadBytes + lead;
  }
  char32_t character = lead & (0xffu >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    character = character << 6 | (static_cast<uint8_t>(text[i]) & 0x3fu);
  }
  text.remove_prefix(length);
  return character;
}

char32_t LowerCase(char32_t c) { return c >= 'A' && c <= 'Z' ? c | 0x20 : c; }

// The characters of [:name:], of ASCII.
struct Class {
  std::string_view name;
  std::string_view ranges;  // first and last in turn
};
constexpr Class kClasses[] = {
    {"alpha", "AZaz"},   {"digit", "09"},     {"alnum", "09AZaz"},
    {"upper", "AZ"},     {"lower", "az"},     {"xdigit", "09AFaf"},
    {"space", "\t\r  "}, {"blank", "\t\t  "}, {"punct", "!/:@[`{~"},
};

std::vector<std::string_view> SplitPath(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const size_t slash = path.find('/');
    if (slash != 0) {
      parts.push_back(path.substr(0, slash));
    }
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
  }
  return parts;
}

// Bytes of the character at the front of `text`, which is not empty.
size_t CharacterBytes(std::string_view text) {
  const size_t size = text.size();
  TakeCharacter(text);
  return size - text.size();
}

// Whether a pattern matches the whole of a text: of the stars only the latest is ever tried again,
// as an earlier one could take nothing that a later one cannot. `match(at, i)` says how much of the
// text from `i` on the pattern's part `at` takes, 0 for nothing; `step(i)`, how much a star does.
template <typename IsStar, typename Match, typename Step>
bool MatchWithStars(size_t pattern_size, size_t text_size, IsStar is_star, Match match, Step step) {
  size_t at = 0;
  size_t i = 0;
  std::optional<size_t> star;
  size_t star_text = 0;
  while (i < text_size) {
    if (at < pattern_size && is_star(at)) {
      star = at++;
      star_text = i;
      continue;
    }
    const size_t taken = at < pattern_size ? match(at, i) : 0;
    if (taken > 0) {
      ++at;
      i += taken;
    } else if (star) {
      at = *star + 1;
      i = star_text += step(star_text);
    } else {
      return false;
    }
  }
  while (at < pattern_size && is_star(at)) {
    ++at;
  }
  return at == pattern_size;
}

}  // namespace

Glob::Glob(std::string_view pattern, Case letters) : letters_(letters) {
  for (const std::string_view part : SplitPath(pattern)) {
    components_.push_back(Compile(part));
    if (part == "." || part == "..") {
      doubt_ = "'.' and '..' name no path";
    }
  }
  if (components_.empty()) {
    doubt_ = "it names no path";
  }
  // What lies below a directory is at least one component.
  if (!components_.empty() && components_.back().any_depth) {
    components_.push_back({false, {{Token::Kind::kStar, {}}}});
  }
  if (!components_.empty() && letters_ == Case::kMatters) {
    NotePlainEnds();
  }
}

void Glob::NotePlainEnds() {
  const std::vector<Token>& tokens = components_.back().tokens;
  const auto is_plain = [](const Token& token) {
    return token.kind == Token::Kind::kOneOf && token.ranges.size() == 1 &&
           token.ranges[0].first == token.ranges[0].last && token.ranges[0].first < 0x80;
  };
  const auto first_other = std::ranges::find_if_not(tokens, is_plain);
  for (auto token = tokens.begin(); token != first_other; ++token) {
    plain_beginning_ += static_cast<char>(token->ranges[0].first);
  }
  for (auto token = tokens.end(); token != first_other && is_plain(*(token - 1)); --token) {
    plain_end_.insert(plain_end_.begin(), static_cast<char>((token - 1)->ranges[0].first));
  }
}

Glob::Component Glob::Compile(std::string_view text) {
  Component component;
  if (text == "**") {
    component.any_depth = true;
    return component;
  }
  while (!text.empty()) {
    Token token{Token::Kind::kOneOf, {}};
    if (text[0] == '[' && CompileBracket(text, token)) {
      component.tokens.push_back(std::move(token));
      continue;
    }
    if (text[0] == '[') {
      doubt_ = "'[' is not closed";
    } else if (text == "\\") {
      doubt_ = "it ends in '\\'";
    } else if (text[0] == '\\') {
      text.remove_prefix(1);
    } else if (text[0] == '*' || text[0] == '?') {
      token.kind = text[0] == '*' ? Token::Kind::kStar : Token::Kind::kAny;
    }
    const char32_t character = TakeCharacter(text);
    token.ranges.push_back({character, character});
    component.tokens.push_back(std::move(token));
  }
  return component;
}

// Takes "[...]" from the front; false, and nothing taken, when it is not closed.
bool Glob::CompileBracket(std::string_view& text, Token& token) const {
  std::string_view rest = text.substr(1);
  if (rest.starts_with('!') || rest.starts_with('^')) {
    token.kind = Token::Kind::kNoneOf;
    rest.remove_prefix(1);
  }
  for (bool first = true; !rest.empty(); first = false) {
    if (rest[0] == ']' && !first) {
      text = rest.substr(1);
      return true;
    }
    if (const size_t end = rest.find(":]"); rest.starts_with("[:") && end != rest.npos) {
      const auto* const known = std::ranges::find(kClasses, rest.substr(2, end - 2), &Class::name);
      for (size_t i = 0; known != std::end(kClasses) && i < known->ranges.size(); i += 2) {
        token.ranges.push_back(
            {static_cast<char32_t>(known->ranges[i]), static_cast<char32_t>(known->ranges[i + 1])});
      }
      rest.remove_prefix(end + 2);
      continue;
    }
    const auto take = [&rest] {
      if (rest[0] == '\\' && rest.size() > 1) {
        rest.remove_prefix(1);
      }
      return TakeCharacter(rest);
    };
    const char32_t from = take();
    char32_t to = from;
    if (rest.size() > 1 && rest[0] == '-' && rest[1] != ']') {
      rest.remove_prefix(1);
      to = take();
    }
    token.ranges.push_back({from, to});
  }
  token = {Token::Kind::kOneOf, {}};
  return false;
}

bool Glob::MatchesOne(const Token& token, char32_t character) const {
  const auto in = [&token](char32_t c) {
    return std::ranges::any_of(token.ranges,
                               [c](const Range& r) { return c >= r.first && c <= r.last; });
  };
  switch (token.kind) {
    case Token::Kind::kAny:
      return true;
    case Token::Kind::kStar:
      return false;
    default:
      break;
  }
  bool found = in(character);
  if (!found && letters_ == Case::kIgnored) {
    const char32_t lower = LowerCase(character);
    found = in(lower) || (lower >= 'a' && lower <= 'z' && in(lower - 0x20));
  }
  return found == (token.kind == Token::Kind::kOneOf);
}

bool Glob::MatchesName(const Component& component, std::string_view name) const {
  const std::vector<Token>& tokens = component.tokens;
  return MatchWithStars(
      tokens.size(), name.size(), [&](size_t at) { return tokens[at].kind == Token::Kind::kStar; },
      [&](size_t at, size_t i) {
        std::string_view rest = name.substr(i);
        return MatchesOne(tokens[at], TakeCharacter(rest)) ? name.size() - i - rest.size() : 0;
      },
      [&](size_t i) { return CharacterBytes(name.substr(i)); });
}

bool Glob::Matches(std::string_view path) const { return Matches(SplitPath(path)); }

bool Glob::Matches(std::span<const std::string_view> names) const {
  // Cheap, and most often enough.
  if (!names.empty() && !MayEndIn(names.back())) {
    return false;
  }
  return MatchWithStars(
      components_.size(), names.size(), [&](size_t at) { return components_[at].any_depth; },
      [&](size_t at, size_t i) { return MatchesName(components_[at], names[i]) ? 1 : 0; },
      [](size_t) { return 1; });
}

bool Glob::MayEndIn(std::string_view name) const {
  return !components_.empty() && name.starts_with(plain_beginning_) && name.ends_with(plain_end_) &&
         MatchesName(components_.back(), name);
}

Status Glob::Check() const {
  return doubt_ == nullptr ? Status() : Fail(Code::kInvalidArgument, "{}", doubt_);
}

}  // namespace fathom
