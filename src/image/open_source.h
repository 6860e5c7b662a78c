// From the string a person types to an ImageSource.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/limits.h"
#include "image/image_source.h"

namespace fathom::image {

enum class Form {
  kAny,
  kDockerArchive,
  kOciLayout,
  kOciArchive,
  kStdin,
  kRootfs,          // a tar of a root file system, or the files themselves
  kRootfsDirectory  // the files themselves
};

// An IMAGE argument, taken apart.
struct Reference {
  Form form = Form::kAny;
  std::string path;  // of the file or directory
  std::string tag;   // after the path; "" when none
};

// Takes apart `image.tar[:TAG]`, `docker-archive:PATH[:TAG]`, `docker-tar:`, `oci:`, `oci-archive:`
// `dir:`, `rootfs:` (each with or without `//`), `-`. An existing path is taken whole even if it
// holds a colon. Errors: kInvalidArgument for a form that is not known, kNotFound for one whose
// engine or registry fathom does not read yet; the message says what to do instead.
Result<Reference> ParseReference(std::string_view text);

// How often the layers will be read. For kAgain a pipe is copied, as it comes, into a temporary
// file that has no name (in $TMPDIR, else /tmp).
enum class Passes { kOnce, kAgain };

// Opens what `reference` names. Standard input that is a plain file is taken as that file. The
// source keeps `limits`, which must outlive it.
// Errors: kNotFound, kDenied, kCorrupt (it is no image), kLimit; kIo when a copy does not fit.
Result<std::unique_ptr<ImageSource>> OpenSource(const Reference& reference, const Limits& limits,
                                                Passes passes = Passes::kOnce);

}  // namespace fathom::image
