// What a mirror's threads do next: the blobs that are wanted, each once, the largest first, and the
// images that wait for them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "image/documents.h"
#include "registry/blob_download.h"
#include "registry/mirror_image.h"

namespace fathom::registry {

// An image some of whose blobs are still to come.
struct WaitingImage {
  RemoteName name;
  image::Descriptor root;
  size_t missing = 0;              // blobs
  bool is_whole = true;            // none of its blobs is left out as it is had elsewhere
  std::optional<Refusal> failure;  // of the first blob that could not be had
  std::string failed_blob;
  uint64_t failed_bytes = 0;
};

// Not thread-safe.
class MirrorQueue {
 public:
  // Adds a blob that the image lacks, or lets it wait for one that is wanted already. True when the
  // blob is new.
  bool Want(const BlobTask& task, const std::shared_ptr<WaitingImage>& image);

  size_t waiting() const { return by_size_.size(); }
  bool idle() const { return by_size_.empty() && active_.empty(); }

  // The largest one that waits; from here on it is active until Done().
  std::optional<BlobTask> TakeLargest();
  void Activate(std::shared_ptr<BlobDownload> download);
  // An active one where another thread can help; null when there is none.
  std::shared_ptr<BlobDownload> FindShareable() const;

  // True for one of the threads that see that a download has ended: it calls Done().
  bool Claim(const BlobDownload& download);

  // The blob has come to its end. One that failed is tried from another repository that has it, if
  // there is one; then nothing is returned. Else the images that waited for it and for nothing else
  // any more: complete, or with the failure.
  std::vector<std::shared_ptr<WaitingImage>> Done(const Digest& digest,
                                                  const std::expected<void, Refusal>& outcome,
                                                  uint64_t bytes);

 private:
  struct Blob {
    BlobTask task;
    std::vector<std::pair<Registry*, std::string>> other_places;  // not tried yet
    std::vector<std::shared_ptr<WaitingImage>> images;
    std::shared_ptr<BlobDownload> download;
  };

  std::map<Digest, Blob> blobs_;                   // that wait or are active
  std::set<std::pair<uint64_t, Digest>> by_size_;  // that wait
  std::set<Digest> active_;
};

}  // namespace fathom::registry
