#include "gate/path_globs.h"

#include <algorithm>

namespace fathom::gate {
namespace {

constexpr std::string_view kWildcards = "*?[\\";
constexpr std::string_view kAnyNames = "**";

// The place after a "[...]" that begins at `at`; npos when it is not closed.
size_t EndOfSet(std::string_view glob, size_t at) {
  size_t end = at + 1;
  end += end < glob.size() && glob[end] == '!' ? 1 : 0;
  end += end < glob.size() && glob[end] == ']' ? 1 : 0;
  end = glob.find(']', end);
  return end == std::string_view::npos ? end : end + 1;
}

bool InSet(std::string_view set, char c) {  // between the brackets
  const bool negated = set.starts_with('!');
  set.remove_prefix(negated ? 1 : 0);
  bool in = false;
  for (size_t i = 0; i < set.size(); ++i) {
    if (i + 2 < set.size() && set[i + 1] == '-') {
      in = in || (static_cast<unsigned char>(set[i]) <= static_cast<unsigned char>(c) &&
                  static_cast<unsigned char>(c) <= static_cast<unsigned char>(set[i + 2]));
      i += 2;
    } else {
      in = in || set[i] == c;
    }
  }
  return in != negated;
}

// Matches one character of the name; returns how many characters of the glob did, 0 for none.
size_t MatchOne(std::string_view glob, char c) {
  if (glob[0] == '?') {
    return 1;
  }
  if (glob[0] == '[') {
    const size_t end = EndOfSet(glob, 0);
    return InSet(glob.substr(1, end - 2), c) ? end : 0;
  }
  if (glob[0] == '\\') {
    return glob[1] == c ? 2 : 0;
  }
  return glob[0] == c ? 1 : 0;
}

// Only the last '*' has to be taken back: what an earlier one could match, it can match, too.
bool MatchesName(std::string_view glob, std::string_view name) {
  size_t star = std::string_view::npos;
  size_t star_name = 0;
  size_t g = 0;
  size_t n = 0;
  while (n < name.size()) {
    if (g < glob.size() && glob[g] == '*') {
      star = g++;
      star_name = n;
      continue;
    }
    const size_t matched = g < glob.size() ? MatchOne(glob.substr(g), name[n]) : 0;
    if (matched > 0) {
      g += matched;
      ++n;
    } else if (star != std::string_view::npos) {
      g = star + 1;
      n = ++star_name;
    } else {
      return false;
    }
  }
  return glob.find_first_not_of('*', g) == std::string_view::npos;
}

std::vector<std::string> SplitAtSlashes(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const size_t slash = std::min(text.find('/'), text.size());
    if (slash > 0) {
      parts.emplace_back(text.substr(0, slash));
    }
    text.remove_prefix(std::min(slash + 1, text.size()));
  }
  return parts;
}

Status CheckComponent(std::string_view component) {
  for (size_t i = 0; i < component.size(); ++i) {
    if (component[i] == '\\' && ++i == component.size()) {
      return Fail(Code::kInvalidArgument, "it ends in '\\'");
    }
    if (component[i] == '[') {
      const size_t end = EndOfSet(component, i);
      if (end == std::string_view::npos) {
        return Fail(Code::kInvalidArgument, "'[' is not closed");
      }
      i = end - 1;
    }
  }
  if (component == "." || component == "..") {
    return Fail(Code::kInvalidArgument, "'{}' names no path", component);
  }
  return {};
}

struct Braces {
  size_t open = std::string_view::npos;
  size_t close = std::string_view::npos;
};

Result<Braces> FindBraces(std::string_view text) {
  Braces braces;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '{') {
      if (braces.open != std::string_view::npos) {
        return Fail(Code::kInvalidArgument, "'{{' within '{{'");
      }
      braces.open = i;
    } else if (text[i] == '}' && braces.open != std::string_view::npos) {
      braces.close = i;
      return braces;
    }
  }
  if (braces.open != std::string_view::npos) {
    return Fail(Code::kInvalidArgument, "'{{' is not closed");
  }
  return braces;
}

// The globs without braces that this one stands for.
Result<std::vector<std::string>> Expand(std::string_view text) {
  std::vector<std::string> done = {""};
  while (true) {
    TRY_ASSIGN(const Braces braces, FindBraces(text));
    const std::string_view before = text.substr(0, std::min(braces.open, text.size()));
    for (std::string& variant : done) {
      variant += before;
    }
    if (braces.open == std::string_view::npos) {
      return done;
    }
    std::vector<std::string> more;
    std::string_view choices = text.substr(braces.open + 1, braces.close - braces.open - 1);
    while (true) {
      const size_t comma = std::min(choices.find(','), choices.size());
      for (const std::string& variant : done) {
        more.push_back(variant + std::string(choices.substr(0, comma)));
      }
      if (more.size() > PathGlobs::kMostVariants) {
        return Fail(Code::kInvalidArgument, "its braces stand for more than {} globs",
                    PathGlobs::kMostVariants);
      }
      if (comma == choices.size()) {
        break;
      }
      choices.remove_prefix(comma + 1);
    }
    done = std::move(more);
    text.remove_prefix(braces.close + 1);
  }
}

}  // namespace

Result<PathGlobs> PathGlobs::Make(std::span<const std::string> globs) {
  PathGlobs made;
  for (size_t i = 0; i < globs.size(); ++i) {
    if (Status status = made.Add(globs[i], static_cast<uint32_t>(i)); !status) {
      return Wrap(status.error(), "glob '{}'", globs[i]);
    }
  }
  return made;
}

Status PathGlobs::Add(std::string_view text, uint32_t glob) {
  if (text.size() > kMostBytes) {
    return Fail(Code::kInvalidArgument, "it has more than {} bytes", kMostBytes);
  }
  TRY_ASSIGN(const std::vector<std::string> expanded, Expand(text));
  for (const std::string& variant : expanded) {
    std::vector<std::string> components = SplitAtSlashes(variant);
    if (components.empty()) {
      return Fail(Code::kInvalidArgument, "it names no path");
    }
    for (const std::string& component : components) {
      TRY(CheckComponent(component));
    }
    const bool name_alone = components.size() == 1 && !variant.starts_with('/');
    if (name_alone) {
      components.insert(components.begin(), std::string(kAnyNames));
    }
    // All that is below: something is.
    if (components.back() == kAnyNames) {
      components.emplace_back("*");
    }
    const auto number = static_cast<uint32_t>(variants_.size());
    if (components.back().find_first_of(kWildcards) == std::string::npos) {
      by_last_name_[components.back()].push_back(number);
    } else {
      others_.push_back(number);
    }
    variants_.push_back({std::move(components), glob});
  }
  return {};
}

bool PathGlobs::MayMatch(std::string_view name) const {
  return by_last_name_.contains(std::string(name)) ||
         std::ranges::any_of(others_, [&](uint32_t number) {
           return MatchesName(variants_[number].components.back(), name);
         });
}

void PathGlobs::Match(std::span<const std::string_view> path, std::vector<uint32_t>& found) const {
  found.clear();
  const auto look_at = [&](uint32_t number) {
    if (Matches(variants_[number], path)) {
      found.push_back(variants_[number].glob);
    }
  };
  if (const auto named = by_last_name_.find(std::string(path.back()));
      named != by_last_name_.end()) {
    std::ranges::for_each(named->second, look_at);
  }
  std::ranges::for_each(others_, look_at);
  std::ranges::sort(found);
  found.erase(std::ranges::unique(found).begin(), found.end());
}

// As MatchesName(), one name at a time.
bool PathGlobs::Matches(const Variant& variant, std::span<const std::string_view> path) {
  const std::vector<std::string>& glob = variant.components;
  constexpr size_t kNo = static_cast<size_t>(-1);
  size_t any = kNo;
  size_t any_path = 0;
  size_t g = 0;
  size_t p = 0;
  while (p < path.size()) {
    if (g < glob.size() && glob[g] == kAnyNames) {
      any = g++;
      any_path = p;
    } else if (g < glob.size() && MatchesName(glob[g], path[p])) {
      ++g;
      ++p;
    } else if (any != kNo) {
      g = any + 1;
      p = ++any_path;
    } else {
      return false;
    }
  }
  return g == glob.size();
}

}  // namespace fathom::gate
