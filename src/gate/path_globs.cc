#include "gate/path_globs.h"

#include <algorithm>

namespace fathom::gate {
namespace {

constexpr std::string_view kWildcards = "*?[\\";

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
    const size_t end = variant.find_last_not_of('/') + 1;
    const std::string path = variant.substr(0, end);
    if (path.empty()) {
      return Fail(Code::kInvalidArgument, "it names no path");
    }
    const size_t slash = path.rfind('/');
    Glob pattern(slash == std::string::npos ? "**/" + path : path);
    TRY(pattern.Check());
    const std::string last = path.substr(slash == std::string::npos ? 0 : slash + 1);
    const auto number = static_cast<uint32_t>(variants_.size());
    if (last.find_first_of(kWildcards) == std::string::npos) {
      by_last_name_[last].push_back(number);
    } else {
      others_.push_back(number);
    }
    variants_.push_back({std::move(pattern), glob});
  }
  return {};
}

bool PathGlobs::MayMatch(std::string_view name) const {
  return by_last_name_.contains(std::string(name)) ||
         std::ranges::any_of(
             others_, [&](uint32_t number) { return variants_[number].pattern.MayEndIn(name); });
}

void PathGlobs::Match(std::span<const std::string_view> path, std::vector<uint32_t>& found) const {
  found.clear();
  const auto look_at = [&](uint32_t number) {
    if (variants_[number].pattern.Matches(path)) {
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

}  // namespace fathom::gate
