// Tags that people give, against the names that archives and layouts hold.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fathom::image {

// How well `name` is what somebody means by `wanted`.
enum class TagMatch {
  kNone,
  kTagOnly,   // "1.0" for "example/app:1.0"
  kLocal,     // "app" for "localhost/app:latest", as podman names what it builds
  kSameName,  // "busybox" for "docker.io/library/busybox:latest"
  kExact,
};

TagMatch MatchTag(std::string_view wanted, std::string_view name);

// The best match among several names.
TagMatch MatchTag(std::string_view wanted, std::span<const std::string> names);

// The full form: registry, `library/` where Docker implies it, tag. "busybox" is
// "docker.io/library/busybox:latest".
std::string FullName(std::string_view name);

// Whether `text` could be the reference of an image: lower-case path, optional tag and digest.
bool LooksLikeReference(std::string_view text);

// For messages: sorted, each once, at most fifty, between commas.
std::string ListNames(std::vector<std::string> names);

}  // namespace fathom::image
