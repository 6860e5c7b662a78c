// What is kept of an image so that it can be told again without its source: all of it but its
// reference, which depends on how it was asked for, and its config, which is kept by its digest.
//
// The form is JSON: {"config", "digest", "layers": [{"name", "diffId", "digest", "size",
// "mediaType"}]}, where empty values are left out.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/limits.h"
#include "image/image.h"

namespace fathom::image {

// Nothing for an image that JSON cannot carry: a name in it is not UTF-8.
std::optional<std::string> WriteRecord(const Image& image);

// `find_config` gives the text of the config with a digest, which it has verified. kCorrupt for a
// record that is damaged or does not fit its config; kNotFound without the config.
Result<Image> ReadRecord(
    std::string_view record,
    const std::function<std::optional<std::string>(const Digest&)>& find_config,
    const Limits& limits);

}  // namespace fathom::image
