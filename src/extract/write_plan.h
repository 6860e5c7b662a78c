// Writes a plan to where a person wants it: below a directory, or as a tar archive.
#pragma once

#include <string>

#include "extract/extract.h"

namespace fathom::extract {

struct Output {
  std::string place;  // directory, FILE.tar, or "-" for a tar on standard output
  bool overwrite = false;
  bool keep_owner = false;  // below a directory; needs root

  bool is_tar() const { return place == "-" || place.ends_with(".tar"); }
};

// `source` is open with `image`, from which `tree` was made. What was left out and what could not
// be kept. Errors: those of Extract() and of the targets.
Result<Losses> WritePlan(const Plan& plan, const tree::FileTree& tree, image::ImageSource& source,
                         const image::Image& image, const Limits& limits, const Output& output);

}  // namespace fathom::extract
