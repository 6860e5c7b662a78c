// Copies images of registries into one OCI layout: many blobs at once, each once however many
// images share it, all verified. What is killed goes on where it was.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/limits.h"
#include "image/image.h"
#include "registry/layout_store.h"
#include "registry/mirror_failures.h"
#include "registry/registry.h"
#include "registry/remote_name.h"

namespace fathom::registry {

// Gives the images, one at a time; nothing when there are no more. An error is recorded and the
// next one asked for. Called by one thread at a time.
struct WantedImage {
  RemoteName name;
  bool all_tags = false;  // the name's repository is meant
};
using NextImage = std::function<Result<std::optional<WantedImage>>()>;

struct MirrorOptions {
  unsigned threads = 16;
  std::vector<image::Platform> platforms = {};  // none: all
  std::vector<std::string> tags = {};           // globs, where all tags of a repository are meant
  uint64_t keep_free = 1ull << 30;              // bytes of the disk that are left to others
  std::set<Digest> finished_layers = {};        // had elsewhere: not fetched
  std::function<void(const Digest&)> on_layer = {};      // each one that was fetched
  std::function<void(const RemoteName&)> on_image = {};  // each image that is complete
};

// What a mirror has done so far. Read by any thread.
struct MirrorCounts {
  std::atomic<uint64_t> images_wanted = 0;
  std::atomic<uint64_t> images_done = 0;   // complete now, those that were there already included
  std::atomic<uint64_t> images_there = 0;  // nothing was to be done
  std::atomic<uint64_t> images_failed = 0;
  std::atomic<uint64_t> blobs_wanted = 0;
  std::atomic<uint64_t> blobs_done = 0;
  std::atomic<uint64_t> blobs_there = 0;
  std::atomic<uint64_t> bytes_wanted = 0;  // of blobs that are known to be needed
  std::atomic<uint64_t> bytes_fetched = 0;
};

class Mirror {
 public:
  // All of them outlive it.
  Mirror(Registries& registries, LayoutStore& store, const Limits& limits, MirrorOptions options);
  ~Mirror();

  const MirrorCounts& counts() const;
  std::optional<Quota> quota() const;  // of the registry that told one last

  // Blocks until all is done, or until the settings' stop was asked for: then what is there is
  // listed, and the outcome is kCancelled. Failures of single images are no error: they are in
  // `failures`.
  Status Run(const NextImage& next, MirrorFailures& failures);

 private:
  class Crew;
  std::unique_ptr<Crew> run_;
};

}  // namespace fathom::registry
