// Which image is meant, where a source holds several: by tag, then by platform.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "image/image.h"

namespace fathom::image {

// One image of a source, as far as a choice needs to know it.
struct Choice {
  std::vector<std::string> names;  // tags
  std::string id;      // names it where no tag does: "@0", "@sha256:..."; a person may give it
  std::string origin;  // choices of one origin are one image for several platforms
  Platform platform;   // for ChooseByPlatform()
};

// The indices of those that `tag` means: the best matches; with "", all that have a tag, or all.
// They have a tag in common, or none has one. Errors: kNotFound, and kInvalidArgument when more
// than one image is meant; both list the tags.
Result<std::vector<size_t>> ChooseByTag(std::span<const Choice> choices, const std::string& tag);

// The index of the one for a platform. Errors: kNotFound with the platforms that there are;
// kInvalidArgument, with ids, when several images are for the same one.
Result<size_t> ChooseByPlatform(std::span<const Choice> choices, const Platform& wanted);

// The name that stands for the chosen one: what `tag` matches best, else the first, else "".
std::string NameOf(const Choice& choice, const std::string& tag);

}  // namespace fathom::image
