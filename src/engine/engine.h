// The port to a container engine: what it says of images and containers, and their bytes.
//
// Terms are those of the Docker Engine API, which Podman speaks too.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/io.h"
#include "image/image.h"

namespace fathom::engine {

// What an engine says of one image.
struct ImageFacts {
  std::string id;                 // "sha256:..."
  std::vector<std::string> tags;  // all its names
  std::vector<Digest> diff_ids;   // of its layers, base first; empty when it does not say
};

// What an engine says of one container.
struct ContainerFacts {
  std::string id;     // 64 hex digits
  std::string name;   // without a slash in front
  std::string image;  // id of the image it was made from
};

// A path that differs from the container's image.
struct Change {
  enum class Kind { kModified, kAdded, kDeleted };
  Kind kind;
  std::string path;
};

// Not thread-safe; one of its streams at a time. Errors: kNotFound when it has no such image or
// container; kUnavailable when it does not answer; kDenied; kCorrupt for an answer that is not what
// the API says; kInvalidArgument for what this engine cannot do.
class Engine {
 public:
  virtual ~Engine() = default;

  // As people would say where it is: "Docker at unix:///var/run/docker.sock".
  virtual std::string name() const = 0;

  // Its program and version, which the form of a saved image depends on.
  virtual std::string version() const = 0;

  // `platform` chooses within a multi-platform image; without an os the engine's own choice.
  virtual Result<ImageFacts> InspectImage(const std::string& image,
                                          const image::Platform& platform) = 0;

  // Its history, oldest first, as the engine tells it: which entries made no layer is a guess by
  // their instructions and sizes. Empty from engines that tell none.
  virtual Result<std::vector<image::HistoryEntry>> HistoryOf(const std::string& image) = 0;

  // The image as `docker save` writes it.
  virtual Result<std::unique_ptr<ByteSource>> SaveImage(const std::string& image,
                                                        const image::Platform& platform) = 0;

  virtual Result<ContainerFacts> InspectContainer(const std::string& container) = 0;
  virtual Result<std::vector<Change>> ChangesOf(const std::string& container) = 0;

  // The container's merged file system as a tar archive.
  virtual Result<std::unique_ptr<ByteSource>> ExportContainer(const std::string& container) = 0;
};

}  // namespace fathom::engine
