// Tells on stderr how far the reading of an image is.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "analyze/analyze.h"

namespace fathom::cli {

// On a terminal one line that is redrawn; elsewhere, or with `plain`, a line for each layer, when
// the reading takes longer than a moment. Draws from a thread of its own.
class StderrProgress final : public analyze::Progress {
 public:
  enum class Style { kNone, kPlain, kLine };

  explicit StderrProgress(Style style);
  ~StderrProgress() override;

  void OnStart(size_t layers, uint64_t bytes) override;
  void OnLayer(size_t layer, uint64_t bytes, bool cached) override;

 private:
  void Draw();

  const Style style_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::mutex mutex_;
  std::condition_variable_any wake_;
  size_t layers_ = 0;
  size_t done_ = 0;
  uint64_t bytes_ = 0;
  bool drawn_ = false;
  std::jthread drawer_;  // last, so that it ends first
};

}  // namespace fathom::cli
