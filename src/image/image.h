// What an image says of itself: its manifest, config and history, independent of the form that the
// image is kept in. Terms are those of the OCI image specification, version 1.1.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "archive/compression.h"
#include "base/digest.h"

namespace fathom::image {

struct Platform {
  std::string os;
  std::string architecture;
  std::string variant;

  // "linux/arm64/v8"; "" when nothing is known.
  std::string ToString() const;
  friend bool operator==(const Platform&, const Platform&) = default;
};

// One entry of the config's history, oldest first.
struct HistoryEntry {
  std::string created_by;
  std::string created;  // RFC 3339, as written; "" when absent
  std::string author;
  std::string comment;
  bool empty_layer = false;
  std::optional<size_t> layer;  // the layer it made
};

// The parts of an image config that fathom shows or uses.
struct Config {
  Platform platform;
  std::string created;
  std::string author;
  std::vector<Digest> diff_ids;
  std::vector<HistoryEntry> history;
};

// A layer as manifest and config declare it; nothing here has been verified yet.
struct Layer {
  std::string name;               // of its blob within the source: archive member, path in a layout
  Digest diff_id;                 // from the config; empty when the config has none
  Digest digest;                  // of the blob as stored; empty when the source declares none
  std::optional<uint64_t> size;   // declared size of the blob
  std::string media_type;         // declared, or told by the first bytes; "" when unknown
  std::optional<size_t> history;  // index of the history entry that made it
};

// The image that an image says it was built from: the OCI annotations
// org.opencontainers.image.base.name and .digest of its manifest. A claim; nothing is verified.
struct DeclaredBase {
  std::string name;  // a reference; "" when absent
  Digest digest;     // of its manifest or index; empty when absent or malformed
};

struct Image {
  std::string reference;  // a tag or name that the source gives; "" when none
  Digest digest;          // of the image manifest; empty when the source has none
  Digest config_digest;   // computed
  std::string config_json;
  Config config;
  std::vector<Layer> layers;  // base first
  DeclaredBase base;
};

}  // namespace fathom::image
