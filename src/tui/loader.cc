#include "tui/loader.h"

#include <algorithm>
#include <iterator>
#include <thread>

#include "tree/stack.h"

namespace fathom::tui {
namespace {

using Clock = std::chrono::steady_clock;

// A tree of what is there so far is worth a moment's wait for more, and, where it takes long to
// make, not more than a quarter of a core.
constexpr auto kMoment = std::chrono::milliseconds(30);
constexpr int kRest = 3;

}  // namespace

Result<std::shared_ptr<const SortedTree>> MakeTree(
    std::span<const std::shared_ptr<const layer::LayerIndex>> layers, const Limits& limits) {
  tree::Stack stack(limits);
  for (const auto& layer : layers) {
    TRY(stack.Add(layer));
  }
  return std::make_shared<const SortedTree>(std::make_shared<tree::FileTree>(stack.Finish()));
}

Status Loader::Run(image::ImageSource& source, analyze::Options options) {
  options.progress = this;
  std::jthread grower([this, &options] { GrowTrees(options.limits); });
  auto analysis = analyze::Analyze(source, options);
  {
    const MutexLock lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
  grower.join();
  if (cancelled_) {
    return {};
  }
  if (!analysis) {
    // What could be read can be looked at all the same.
    GrowTree(options.limits);
    return std::unexpected(std::move(analysis).error());
  }
  auto whole = std::make_shared<const analyze::Analysis>(*std::move(analysis));
  // The tree lives in the analysis, which it keeps alive.
  auto tree = std::make_shared<const SortedTree>(
      std::shared_ptr<const tree::FileTree>(whole, &whole->tree));
  ImageFacts facts = MakeImageFacts(*whole);
  sink_(Analyzed{std::move(whole), std::move(tree), std::move(facts)});
  return {};
}

void Loader::OnStart(size_t /*layers*/, uint64_t /*bytes*/) {}

void Loader::OnLayer(size_t layer, uint64_t /*bytes*/, bool cached) {
  sink_(LayerRead{layer, cached});
}

void Loader::OnImage(const image::Image& image) {
  {
    const MutexLock lock(mutex_);
    std::vector<Digest> diff_ids;
    std::ranges::transform(image.layers, std::back_inserter(diff_ids), &image::Layer::diff_id);
    // What was said of the image beforehand holds, as a rule.
    if (diff_ids != diff_ids_ || indexes_.size() != diff_ids.size()) {
      indexes_.assign(image.layers.size(), nullptr);
      diff_ids_ = std::move(diff_ids);
      grown_ = 0;
    }
    while (counts_.size() < image.layers.size()) {
      counts_.emplace_back(0);
    }
  }
  sink_(ImageKnown{std::make_shared<const image::Image>(image)});
}

void Loader::OnIndex(size_t layer, std::shared_ptr<const layer::LayerIndex> index) {
  {
    const MutexLock lock(mutex_);
    indexes_[layer] = std::move(index);
  }
  changed_.notify_all();
}

std::atomic<uint64_t>& Loader::CountOf(size_t layer) {
  const MutexLock lock(mutex_);
  return counts_[layer];
}

BytesRead Loader::Count() const {
  const MutexLock lock(mutex_);
  BytesRead count{{counts_.begin(), counts_.end()}, bytes_read};
  for (const uint64_t bytes : count.of_layers) {
    count.all += bytes;
  }
  return count;
}

std::vector<std::shared_ptr<const layer::LayerIndex>> Loader::indexes() const {
  const MutexLock lock(mutex_);
  return indexes_;
}

size_t Loader::LeadingCount() const {
  return static_cast<size_t>(std::ranges::find(indexes_, nullptr) - indexes_.begin());
}

bool Loader::WaitForMore() {
  while (!ended_ && LeadingCount() <= grown_) {
    changed_.wait(mutex_);
  }
  return !ended_;
}

bool Loader::WaitUntil(Clock::time_point time) {
  while (!ended_ && Clock::now() < time) {
    changed_.wait_until(mutex_, time);
  }
  return !ended_;
}

void Loader::GrowTrees(const Limits& limits) {
  Clock::duration rest = kMoment;
  while (true) {
    {
      const MutexLock lock(mutex_);
      if (!WaitForMore() || !WaitUntil(Clock::now() + rest) || LeadingCount() == indexes_.size()) {
        return;  // the whole tree is on its way
      }
    }
    const auto start = Clock::now();
    if (!GrowTree(limits)) {
      return;
    }
    rest = std::max<Clock::duration>(kMoment, kRest * (Clock::now() - start));
  }
}

bool Loader::GrowTree(const Limits& limits) {
  std::vector<std::shared_ptr<const layer::LayerIndex>> leading;
  {
    const MutexLock lock(mutex_);
    const size_t count = LeadingCount();
    if (count <= grown_) {
      return false;
    }
    grown_ = count;
    leading.assign(indexes_.begin(), indexes_.begin() + static_cast<ptrdiff_t>(count));
  }
  auto tree = MakeTree(leading, limits);
  if (!tree) {
    return false;  // the reading ends with the same error
  }
  sink_(TreeGrown{*std::move(tree), leading.size()});
  return true;
}

}  // namespace fathom::tui
