#include "image/choose.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "image/platform.h"
#include "image/tag.h"

namespace fathom::image {
namespace {

TagMatch Match(const Choice& choice, const std::string& tag) {
  if (tag == choice.id || "@" + tag == choice.id) {
    return TagMatch::kExact;
  }
  return MatchTag(tag, choice.names);
}

std::string ListOf(std::span<const Choice> choices) {
  std::vector<std::string> names;
  for (const Choice& choice : choices) {
    if (choice.names.empty()) {
      names.push_back(choice.id);
    }
    std::ranges::copy(choice.names, std::back_inserter(names));
  }
  return ListNames(std::move(names));
}

std::unexpected<Error> Several(const std::string& list) {
  return Fail(Code::kInvalidArgument,
              "several images; say which one behind the path, as in docker-archive:PATH:TAG or "
              "oci:PATH:TAG: {}",
              list);
}

// Those that match best.
std::vector<size_t> BestMatches(std::span<const Choice> choices, const std::string& tag) {
  TagMatch best = TagMatch::kTagOnly;
  std::vector<size_t> found;
  for (size_t i = 0; i < choices.size(); ++i) {
    const TagMatch match = Match(choices[i], tag);
    if (match > best) {
      found.clear();
      best = match;
    }
    if (match == best) {
      found.push_back(i);
    }
  }
  return found;
}

// Those that have a tag, or all when none has.
std::vector<size_t> NamedOnes(std::span<const Choice> choices) {
  std::vector<size_t> all;
  std::vector<size_t> named;
  for (size_t i = 0; i < choices.size(); ++i) {
    all.push_back(i);
    if (!choices[i].names.empty()) {
      named.push_back(i);
    }
  }
  return named.empty() ? all : named;
}

std::set<std::string> FullNames(const Choice& choice) {
  std::set<std::string> names;
  for (const std::string& name : choice.names) {
    names.insert(FullName(name));
  }
  return names;
}

bool ShareAName(std::span<const Choice> choices, std::span<const size_t> chosen) {
  std::set<std::string> shared = FullNames(choices[chosen[0]]);
  const bool nameless = shared.empty();
  for (const size_t i : chosen.subspan(1)) {
    const std::set<std::string> names = FullNames(choices[i]);
    if (nameless != names.empty()) {
      return false;
    }
    std::erase_if(shared, [&names](const std::string& name) { return !names.contains(name); });
  }
  return nameless || !shared.empty();
}

}  // namespace

Result<std::vector<size_t>> ChooseByTag(std::span<const Choice> choices, const std::string& tag) {
  std::vector<size_t> chosen = tag.empty() ? NamedOnes(choices) : BestMatches(choices, tag);
  if (chosen.empty()) {
    return Fail(Code::kNotFound, "no image is called '{}'; there are: {}", tag, ListOf(choices));
  }
  if (!ShareAName(choices, chosen)) {
    std::vector<Choice> meant;
    std::ranges::transform(chosen, std::back_inserter(meant),
                           [&choices](size_t i) { return choices[i]; });
    return Several(ListOf(meant));
  }
  return chosen;
}

Result<size_t> ChooseByPlatform(std::span<const Choice> choices, const Platform& wanted) {
  std::vector<Platform> platforms;
  std::ranges::transform(choices, std::back_inserter(platforms), &Choice::platform);
  TRY_ASSIGN(const size_t chosen, ChoosePlatform(platforms, wanted));
  std::vector<std::string> ids;
  bool one_origin = true;
  for (const Choice& choice : choices) {
    if (choice.platform == choices[chosen].platform) {
      ids.push_back(choice.id);
      one_origin = one_origin && choice.origin == choices[chosen].origin;
    }
  }
  if (!one_origin) {
    return Several(ListNames(std::move(ids)));
  }
  return chosen;
}

std::string NameOf(const Choice& choice, const std::string& tag) {
  if (choice.names.empty()) {
    return "";
  }
  const auto best = std::ranges::max_element(
      choice.names, {}, [&tag](const std::string& name) { return MatchTag(tag, name); });
  return *best;
}

}  // namespace fathom::image
