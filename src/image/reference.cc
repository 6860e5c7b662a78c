#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <optional>

#include "image/open_source.h"
#include "image/tag.h"

namespace fathom::image {
namespace {

struct FormName {
  std::string_view scheme;
  Form form;
};

constexpr std::array kForms = {
    FormName{"docker-archive", Form::kDockerArchive},
    FormName{"docker-tar", Form::kDockerArchive},
    FormName{"oci", Form::kOciLayout},
    FormName{"oci-archive", Form::kOciArchive},
    FormName{"dir", Form::kRootfsDirectory},
    FormName{"rootfs", Form::kRootfs},
};

// Places that hold images under names. Those whose scheme could be an image's own name, as
// docker:dind, need the slashes.
struct PlaceName {
  std::string_view scheme;
  Form form;
  bool needs_slashes;
};

constexpr std::array kPlaces = {
    PlaceName{"docker", Form::kDocker, true},
    PlaceName{"docker-daemon", Form::kDocker, false},
    PlaceName{"docker-container", Form::kDockerContainer, true},
    PlaceName{"podman", Form::kPodman, true},
    PlaceName{"containers-storage", Form::kPodman, false},
    PlaceName{"podman-container", Form::kPodmanContainer, true},
    PlaceName{"containerd", Form::kContainerd, true},
    PlaceName{"registry", Form::kRegistry, true},
};

bool Exists(const std::string& path) {
  struct stat facts{};
  return ::stat(path.c_str(), &facts) == 0;
}

std::string_view WithoutSlashes(std::string_view text) {
  return text.starts_with("//") ? text.substr(2) : text;
}

// PATH[:TAG], where the longest path that exists is the path.
Reference SplitTag(Form form, std::string_view text) {
  Reference whole{form, std::string(text), ""};
  if (text.empty() || Exists(whole.path)) {
    return whole;
  }
  for (size_t colon = text.rfind(':'); colon != std::string_view::npos && colon > 0;
       colon = text.rfind(':', colon - 1)) {
    std::string path(text.substr(0, colon));
    if (path == "-" || Exists(path)) {
      return {form, std::move(path), std::string(text.substr(colon + 1))};
    }
  }
  return whole;
}

Result<Reference> PathWithForm(Form form, std::string_view text) {
  Reference reference = SplitTag(form, text);
  if (reference.path.empty()) {
    return Fail(Code::kInvalidArgument, "there is no path behind the colon");
  }
  if (reference.path == "-" && form != Form::kRootfs) {
    reference.form = Form::kStdin;
  }
  return reference;
}

Result<Reference> NameInPlace(Form form, std::string_view name) {
  if (name.empty() || name.starts_with('-')) {
    return Fail(Code::kInvalidArgument, "there is no name of an image behind the scheme");
  }
  return Reference{form, std::string(name), ""};
}

}  // namespace

bool IsFile(const Reference& reference) {
  if (reference.form == Form::kAny) {
    return Exists(reference.path) || !LooksLikeReference(reference.path);
  }
  return reference.form < Form::kDocker;
}

Result<Reference> ParseReference(std::string_view text) {
  if (text.empty()) {
    return Fail(Code::kInvalidArgument, "an empty name names no image");
  }
  if (text == "-") {
    return Reference{Form::kStdin, "-", ""};
  }
  if (Exists(std::string(text))) {
    return Reference{Form::kAny, std::string(text), ""};
  }
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos) {
    return Reference{Form::kAny, std::string(text), ""};
  }
  const std::string_view scheme = text.substr(0, colon);
  const std::string_view rest = text.substr(colon + 1);
  if (const auto* form = std::ranges::find(kForms, scheme, &FormName::scheme);
      form != kForms.end()) {
    return PathWithForm(form->form, WithoutSlashes(rest));
  }
  const bool slashes = rest.starts_with("//");
  if (const auto* place = std::ranges::find(kPlaces, scheme, &PlaceName::scheme);
      place != kPlaces.end() && (slashes || !place->needs_slashes)) {
    return NameInPlace(place->form, WithoutSlashes(rest));
  }
  if (!slashes) {
    return PathWithForm(Form::kAny, text);  // registry:2 and docker:dind are no paths
  }
  return Fail(Code::kInvalidArgument,
              "'{}' has a form that is not known; there are: docker-archive: docker-tar: oci: "
              "oci-archive: dir: rootfs: docker:// podman:// containerd:// registry:// "
              "docker-container:// podman-container://",
              text);
}

}  // namespace fathom::image
