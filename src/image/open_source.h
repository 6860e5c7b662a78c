// From the string a person types to an ImageSource.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/limits.h"
#include "image/image_source.h"

namespace fathom::image {

enum class Form {
  kAny,  // a path, or else the name of an image wherever one is kept
  // Files:
  kDockerArchive,
  kOciLayout,
  kOciArchive,
  kStdin,
  kRootfs,           // a tar of a root file system, or the files themselves
  kRootfsDirectory,  // the files themselves
  // Places that hold images under names:
  kDocker,
  kDockerContainer,
  kPodman,
  kPodmanContainer,
  kContainerd,
  kRegistry,
};

// An IMAGE argument, taken apart.
struct Reference {
  Form form = Form::kAny;
  std::string path;  // of the file or directory; of other forms the name
  std::string tag;   // after the path; "" when none
};

// Takes apart `image.tar[:TAG]`, `docker-archive:PATH[:TAG]`, `docker-tar:`, `oci:`, `oci-archive:`
// `dir:`, `rootfs:` (each with or without `//`), `-`; `docker://NAME`, `docker-daemon:`,
// `podman://`, `containers-storage:`, `containerd://`, `registry://`, `docker-container://`,
// `podman-container://`. An existing path is taken whole even if it holds a colon.
// Errors: kInvalidArgument for a form that is not known, or with no name behind it.
Result<Reference> ParseReference(std::string_view text);

// True when it may be a file: its form is one of files, or none and its path exists or could not be
// the name of an image.
bool IsFile(const Reference& reference);

// How often the layers will be read. For kAgain a pipe is copied, as it comes, into a temporary
// file that has no name (in $TMPDIR, else /tmp).
enum class Passes { kOnce, kAgain };

// Opens the file or directory that `reference` names. Standard input that is a plain file is taken
// as that file. The source keeps `limits`, which must outlive it.
// Errors: kNotFound, kDenied, kCorrupt (it is no image), kLimit; kIo when a copy does not fit;
// kInvalidArgument for a form that is not one of files.
Result<std::unique_ptr<ImageSource>> OpenSource(const Reference& reference, const Limits& limits,
                                                Passes passes = Passes::kOnce);

}  // namespace fathom::image
