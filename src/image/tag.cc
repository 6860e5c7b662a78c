#include "image/tag.h"

#include <fmt/ranges.h>

#include <algorithm>

namespace fathom::image {
namespace {

constexpr std::string_view kHub = "docker.io/";

// The first component names a registry when it could be a host.
bool HasRegistry(std::string_view name) {
  const size_t slash = name.find('/');
  const std::string_view first = name.substr(0, slash);
  return slash != std::string_view::npos &&
         (first.find_first_of(".:") != std::string_view::npos || first == "localhost");
}

// The colon before the tag; a colon before a slash is a port.
size_t TagColon(std::string_view name) {
  const size_t colon = name.rfind(':');
  const size_t slash = name.rfind('/');
  const bool is_port =
      colon != std::string_view::npos && slash != std::string_view::npos && colon < slash;
  return is_port ? std::string_view::npos : colon;
}

std::string WithTag(std::string name) {
  if (TagColon(name) == std::string_view::npos) {
    name += ":latest";
  }
  return name;
}

}  // namespace

std::string FullName(std::string_view name) {
  constexpr std::string_view kOldHub = "index.docker.io/";
  if (name.starts_with(kOldHub)) {
    name.remove_prefix(kOldHub.size());
  } else if (name.starts_with(kHub)) {
    name.remove_prefix(kHub.size());
  } else if (HasRegistry(name)) {
    return WithTag(std::string(name));
  }
  const bool official = name.find('/') == std::string_view::npos;
  return WithTag(std::string(kHub) + (official ? "library/" : "") + std::string(name));
}

TagMatch MatchTag(std::string_view wanted, std::string_view name) {
  if (wanted.empty() || name.empty()) {
    return TagMatch::kNone;
  }
  if (wanted == name) {
    return TagMatch::kExact;
  }
  if (FullName(wanted) == FullName(name)) {
    return TagMatch::kSameName;
  }
  if (!HasRegistry(wanted) && "localhost/" + WithTag(std::string(wanted)) == name) {
    return TagMatch::kLocal;
  }
  const size_t colon = TagColon(name);
  return colon != std::string_view::npos && name.substr(colon + 1) == wanted ? TagMatch::kTagOnly
                                                                             : TagMatch::kNone;
}

TagMatch MatchTag(std::string_view wanted, std::span<const std::string> names) {
  TagMatch best = TagMatch::kNone;
  for (const std::string& name : names) {
    best = std::max(best, MatchTag(wanted, name));
  }
  return best;
}

bool LooksLikeReference(std::string_view text) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-' ||
           c == '/' || c == ':';
  };
  const std::string_view name = text.substr(0, text.find('@'));
  const std::string_view path = name.substr(0, TagColon(name));
  const bool is_path = path.starts_with('/') || path.starts_with('.') || path.ends_with('/') ||
                       path.find("//") != std::string_view::npos;
  return !path.empty() && !is_path && std::ranges::all_of(path, plain);
}

std::string ListNames(std::vector<std::string> names) {
  constexpr size_t kMost = 50;
  std::ranges::sort(names);
  const auto repeated = std::ranges::unique(names);
  names.erase(repeated.begin(), repeated.end());
  const size_t rest = names.size() > kMost ? names.size() - kMost : 0;
  names.resize(names.size() - rest);
  return fmt::format("{}{}", fmt::join(names, ", "),
                     rest > 0 ? fmt::format(" and {} more", rest) : "");
}

}  // namespace fathom::image
