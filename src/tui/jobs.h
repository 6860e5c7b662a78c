// Does what the explorer wants of the image's bytes: contents, comparisons, searches, extraction.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>

#include "image/image_source.h"
#include "layer/layer_index.h"
#include "tui/content_reader.h"
#include "tui/event.h"

namespace fathom::tui {

// Where an image's bytes can be had again.
struct OpenedSource {
  image::ImageSource* source = nullptr;
  std::shared_ptr<const image::Image> image;
};

// Works for one image. One thread at a time, but for Stop().
class Jobs {
 public:
  // The indexes of the layers read so far, null for the others.
  using Indexes = std::function<std::vector<std::shared_ptr<const layer::LayerIndex>>()>;
  Jobs(const Limits& limits, Indexes indexes) : limits_(limits), indexes_(std::move(indexes)) {}

  // From here on contents can be had. The source outlives the jobs.
  void SetSource(OpenedSource opened);

  // Does one and gives its answer; nothing for effects that are the terminal's.
  std::optional<Event> Do(const Effect& effect);

  // Ends the job that is at work soon. From any thread; until Resume().
  void Stop() { stop_ = true; }
  void Resume() { stop_ = false; }

 private:
  Event Make(const MakeLoneTree& job);
  Event Make(const ShowContent& job);
  Event Make(const CompareContents& job);
  Event Make(const FindPaths& job);
  Event Make(const ExtractPaths& job);
  Event Make(const OpenInPager& job);

  Result<ContentWindow> Read(const SortedTree& tree, tree::NodeId node, size_t layer,
                             uint64_t offset);
  Result<std::string> ReadWhole(const SortedTree& tree, tree::NodeId node, size_t layer);
  Result<std::string> Extract(const ExtractPaths& job);

  const Limits& limits_;
  Indexes indexes_;
  OpenedSource opened_;
  std::unique_ptr<ContentReader> contents_;
  std::atomic<bool> stop_ = false;
};

}  // namespace fathom::tui
