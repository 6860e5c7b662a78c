// Observers look at file contents while a layer is read, so that nobody has to read it again.
//
// An observer says for each regular file how many of its first bytes it wants, sees them, and at
// the layer's end leaves a facet: a string of bytes in a format of its own, kept in the cache
// beside the index under (diff ID, facet name, version).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "layer/layer_index.h"

namespace fathom::layer {

// A regular file as an observer meets it. `index` grows while the layer is read; only rows up to
// `id` exist.
struct ObservedFile {
  const LayerIndex& index;
  EntryId id;
  std::string_view path;  // as the tar has it
  uint64_t size;          // bytes of content
};

// One observer serves one layer. Called by one thread at a time.
class ContentObserver {
 public:
  virtual ~ContentObserver() = default;

  // How many of the file's first bytes See() is to be given; 0 for none. The engine buffers them
  // when they arrive in pieces, so ask for no more than you need, and never for more than
  // kMostObservedBytes.
  virtual uint64_t Wants(const ObservedFile& file) = 0;

  // `content` has min(wanted, size) bytes and is valid during the call.
  virtual void See(const ObservedFile& file, ByteView content) = 0;

  // The facet. The layer is complete.
  virtual std::string Finish(const LayerIndex& index) = 0;
};

constexpr uint64_t kMostObservedBytes = 64ull << 20;

// A sort of facet: its name and version, and what makes observers for it. A new version makes
// cached facets of the old one unusable.
struct FacetKind {
  std::string name;  // [a-z-]+, part of a file name in the cache
  uint32_t version;
  std::function<std::unique_ptr<ContentObserver>()> observe;
};

struct Facet {
  std::string name;
  uint32_t version;
  std::string bytes;
};

}  // namespace fathom::layer
