#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <optional>

#include "image/open_source.h"

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

// Places that hold images but are no files, and how to get a file out of them.
struct Engine {
  std::string_view scheme;
  std::string_view what;
  std::string_view command;
};

constexpr std::array kEngines = {
    Engine{"docker", "the Docker engine", "docker save {} | fathom analyze -"},
    Engine{"docker-daemon", "the Docker engine", "docker save {} | fathom analyze -"},
    Engine{"docker-container", "containers of Docker",
           "docker commit {} NAME && docker save NAME | fathom analyze -"},
    Engine{"podman", "podman's storage", "podman save {} | fathom analyze -"},
    Engine{"containers-storage", "podman's storage", "podman save {} | fathom analyze -"},
    Engine{"containerd", "containerd", "ctr images export - {} | fathom analyze -"},
    Engine{"registry", "registries",
           "skopeo copy docker://{} oci-archive:image.tar && fathom analyze image.tar"},
};

bool Exists(const std::string& path) {
  struct stat facts{};
  return ::stat(path.c_str(), &facts) == 0;
}

std::string_view WithoutSlashes(std::string_view text) {
  return text.starts_with("//") ? text.substr(2) : text;
}

std::unexpected<Error> NotYet(const Engine& engine, std::string_view name) {
  return Fail(Code::kNotFound, "{} cannot be read yet; instead: {}", engine.what,
              fmt::format(fmt::runtime(engine.command), name));
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

}  // namespace

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
  if (!rest.starts_with("//")) {
    return PathWithForm(Form::kAny, text);  // registry:2 and docker:dind are no paths
  }
  if (const auto* engine = std::ranges::find(kEngines, scheme, &Engine::scheme);
      engine != kEngines.end()) {
    return NotYet(*engine, WithoutSlashes(rest));
  }
  return Fail(Code::kInvalidArgument,
              "'{}' has a form that is not known; there are: docker-archive: docker-tar: oci: "
              "oci-archive: dir: rootfs:",
              text);
}

}  // namespace fathom::image
