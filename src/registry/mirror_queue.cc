#include "registry/mirror_queue.h"

#include <algorithm>
#include <tuple>

namespace fathom::registry {

bool MirrorQueue::Want(const BlobTask& task, const std::shared_ptr<WaitingImage>& image) {
  ++image->missing;
  const auto [found, is_new] = blobs_.try_emplace(task.digest);
  Blob& blob = found->second;
  blob.images.push_back(image);
  if (is_new) {
    blob.task = task;
    by_size_.emplace(task.size, task.digest);
  } else if (blob.task.registry != task.registry || blob.task.repository != task.repository) {
    constexpr size_t kMostPlaces = 8;
    if (blob.other_places.size() < kMostPlaces) {
      blob.other_places.emplace_back(task.registry, task.repository);
    }
  }
  return is_new;
}

std::optional<BlobTask> MirrorQueue::TakeLargest() {
  if (by_size_.empty()) {
    return std::nullopt;
  }
  const auto largest = std::prev(by_size_.end());
  const Digest digest = largest->second;
  by_size_.erase(largest);
  active_.insert(digest);
  return blobs_.at(digest).task;
}

void MirrorQueue::Activate(std::shared_ptr<BlobDownload> download) {
  blobs_.at(download->task().digest).download = std::move(download);
}

std::shared_ptr<BlobDownload> MirrorQueue::FindShareable() const {
  for (const Digest& digest : active_) {
    const auto& download = blobs_.at(digest).download;
    if (download != nullptr && download->HasRoom()) {
      return download;
    }
  }
  return nullptr;
}

bool MirrorQueue::Claim(const BlobDownload& download) {
  const auto found = blobs_.find(download.task().digest);
  if (found == blobs_.end() || found->second.download.get() != &download) {
    return false;
  }
  found->second.download = nullptr;
  return true;
}

std::vector<std::shared_ptr<WaitingImage>> MirrorQueue::Done(
    const Digest& digest, const std::expected<void, Refusal>& outcome, uint64_t bytes) {
  active_.erase(digest);
  Blob& blob = blobs_.at(digest);
  const bool stopped = !outcome && outcome.error().code == Code::kCancelled;
  if (!outcome && !stopped && !blob.other_places.empty()) {
    std::tie(blob.task.registry, blob.task.repository) = std::move(blob.other_places.back());
    blob.other_places.pop_back();
    by_size_.emplace(blob.task.size, digest);
    return {};
  }
  std::vector<std::shared_ptr<WaitingImage>> ended;
  for (const auto& image : blob.images) {
    if (!outcome && !image->failure) {
      image->failure = outcome.error();
      image->failed_blob = digest.ToString();
      image->failed_bytes = bytes;
    }
    if (--image->missing == 0) {
      ended.push_back(image);
    }
  }
  blobs_.erase(digest);
  return ended;
}

}  // namespace fathom::registry
