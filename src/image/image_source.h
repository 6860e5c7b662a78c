// The port through which an image's bytes come.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/io.h"
#include "base/limits.h"
#include "image/image.h"

namespace fathom::image {

// Which image of several, and for which platform.
struct Selection {
  std::string tag;     // "" : the only one
  Platform platform;   // empty os: linux and this machine's architecture, else the only real one
  Digest config = {};  // empty, or of the image's config: where a docker archive has it, that one
};

// Sees each blob of a stream that may be a layer, in the order of the stream. `name` is what
// Layer::name will say. Reads `blob` as far as it wants. An error ends the reading.
using BlobVisitor = std::function<Status(const std::string& name, ByteSource& blob)>;

// Gives the bytes of an archive or a layer from their beginning.
using Reopener = std::function<Result<std::unique_ptr<ByteSource>>()>;

// Where sources keep what they learned of an image by reading all of it, so that another time they
// need not be asked for its bytes. `key` tells everything that the answer depends on.
class ImageMemory {
 public:
  virtual ~ImageMemory() = default;

  // The image as it was kept, but for its `reference`. Its config has the digest it should have.
  virtual std::optional<Image> Find(std::string_view key) const = 0;

  // Only for an image whose blobs and config were verified.
  virtual void Keep(std::string_view key, const Image& image) = 0;
};

// One place that holds one image or several. Opened by OpenSource() in open_source.h.
// Errors leave out name(): whoever asked for the source knows it. Not thread-safe, except
// OpenLayer().
class ImageSource {
 public:
  virtual ~ImageSource() = default;

  // How people would name it: a path, or "standard input".
  virtual std::string name() const = 0;

  // A source whose blobs come past in an order that is not ours to choose (a pipe, a compressed
  // archive, an engine). They are read by ReadThrough() before Open(). The steps, in their order:
  //
  //   Recall()       the image, when it is known already: if every layer that streams is in the
  //                  cache, nothing more is asked
  //   Preview()      what can be shown meanwhile
  //   ReadThrough()  all bytes, each blob shown to the visitor
  //   Open()         the image
  //   Remember()     once every layer has been verified
  virtual bool streams() const = 0;

  // Of a source that streams: whether this layer comes past in the stream. One that does not is
  // read by OpenLayer() as in any other source.
  virtual bool Streams(const Layer& layer) const;

  // Of a source that streams: what Open() would say after ReadThrough(), from what Remember() kept.
  // Nothing when that is not known. May ask for as much as tells which image is meant now. Errors:
  // those of Open(), and of the peer.
  virtual Result<std::optional<Image>> Recall(const Selection& selection,
                                              const ImageMemory& memory);

  // Of a source that streams: what its peer says of the image before any of its bytes come, its
  // layers by diff ID and its history, for whoever waits. Not verified; Open() has the last word.
  // Nothing when the peer says nothing.
  virtual std::optional<Image> Preview() { return std::nullopt; }

  // Of a source that streams: keeps what Open() said. The caller has verified all layers.
  virtual void Remember(ImageMemory& memory) const;

  // Only for a source that streams: reads it to its end. May be called again, also after Open():
  // the bytes are asked for anew. A source whose bytes are gone then (a pipe) fails with
  // kInvalidArgument.
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
