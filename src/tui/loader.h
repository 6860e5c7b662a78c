// Reads an image for the explorer and tells what is known as soon as it is.
#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "analyze/analyze.h"
#include "base/mutex.h"
#include "tui/event.h"

namespace fathom::tui {

// Where events go. Thread-safe.
using EventSink = std::function<void(Event)>;

// One reading. Run() blocks; the other members may be called from any thread meanwhile.
class Loader final : public analyze::Progress {
 public:
  explicit Loader(EventSink sink) : sink_(std::move(sink)) {}

  // Reads the image of `source`, which ends with Analyzed or an error. `options.progress` is set
  // here. An end that Cancel() wished for is none.
  Status Run(image::ImageSource& source, analyze::Options options);

  // Lets Run() end soon.
  void Cancel() { cancelled_ = true; }

  // How far it is.
  BytesRead Count() const;

  void OnStart(size_t layers, uint64_t bytes) override;
  void OnLayer(size_t layer, uint64_t bytes, bool cached) override;
  void OnImage(const image::Image& image) override;
  bool WantsPreview() const override { return true; }
  void OnIndex(size_t layer, std::shared_ptr<const layer::LayerIndex> index) override;
  std::atomic<uint64_t>& CountOf(size_t layer) override;
  bool IsCancelled() const override { return cancelled_; }

  // The indexes of the layers that have been read; null for the others.
  std::vector<std::shared_ptr<const layer::LayerIndex>> indexes() const;

 private:
  // Makes trees of what is there until all is, each when there is more than in the one before.
  void GrowTrees(const Limits& limits);
  // The same once: false when there is nothing more.
  bool GrowTree(const Limits& limits);
  size_t LeadingCount() const REQUIRES(mutex_);
  // Waits; false when the reading has ended.
  bool WaitForMore() REQUIRES(mutex_);
  bool WaitUntil(std::chrono::steady_clock::time_point time) REQUIRES(mutex_);

  EventSink sink_;
  std::atomic<bool> cancelled_ = false;

  mutable Mutex mutex_;
  Condition changed_;
  std::deque<std::atomic<uint64_t>> counts_ GUARDED_BY(mutex_);  // of layers; they stay in place
  std::vector<Digest> diff_ids_ GUARDED_BY(mutex_);              // of the layers
  std::vector<std::shared_ptr<const layer::LayerIndex>> indexes_ GUARDED_BY(mutex_);
  size_t grown_ GUARDED_BY(mutex_) = 0;  // layers of the last tree
  bool ended_ GUARDED_BY(mutex_) = false;
};

// The tree of some layers, none of which is null. Errors: kLimit.
Result<std::shared_ptr<const SortedTree>> MakeTree(
    std::span<const std::shared_ptr<const layer::LayerIndex>> layers, const Limits& limits);

}  // namespace fathom::tui
