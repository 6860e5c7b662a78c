// The port through which an image's bytes come.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/io.h"
#include "base/limits.h"
#include "image/image.h"

namespace fathom::image {

// Which image of several, and for which platform.
struct Selection {
  std::string tag;    // "" : the only one
  Platform platform;  // empty os: linux and this machine's architecture, else the only real one
};

// Sees each blob of a stream that may be a layer, in the order of the stream. `name` is what
// Layer::name will say. Reads `blob` as far as it wants. An error ends the reading.
using BlobVisitor = std::function<Status(const std::string& name, ByteSource& blob)>;

// Gives the bytes of an archive or a layer from their beginning.
using Reopener = std::function<Result<std::unique_ptr<ByteSource>>()>;

// One place that holds one image or several. Opened by OpenSource() in open_source.h.
// Errors leave out name(): whoever asked for the source knows it. Not thread-safe, except
// OpenLayer().
class ImageSource {
 public:
  virtual ~ImageSource() = default;

  // How people would name it: a path, or "standard input".
  virtual std::string name() const = 0;

  // A source that comes past only once (a pipe, a compressed archive). Its layers are read by
  // ReadThrough() before Open(), and OpenLayer() cannot be called.
  virtual bool streams() const = 0;

  // Only for a source that streams: reads it to its end.
  virtual Status ReadThrough(const BlobVisitor& visitor) = 0;

  // The chosen image. Errors: kInvalidArgument when a tag must be given (the message lists them),
  // kNotFound when there is no such tag or platform, kCorrupt, kLimit.
  virtual Result<Image> Open(const Selection& selection) = 0;

  // Another image that lies in the same place, by the digest of its manifest; what it costs must be
  // little, so a source that would have to ask somebody has none. Errors: kNotFound, and those of
  // Open().
  virtual Result<Image> OpenNeighbour(const Digest& manifest) {
    return Fail(Code::kNotFound, "no manifest {}", manifest.ToString());
  }

  // Size of a layer's blob as stored, to read the largest first; 0 when unknown.
  virtual uint64_t StoredBytes(const Layer& layer) const { return layer.size.value_or(0); }

  // The bytes of a layer's blob as stored. May be called from several threads.
  virtual Result<std::unique_ptr<ByteSource>> OpenLayer(const Layer& layer) const = 0;
};

}  // namespace fathom::image
