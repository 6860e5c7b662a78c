#include "analyze/image_fold.h"

#include <utility>

namespace fathom::analyze {

void ImageFold::Put(size_t number, std::shared_ptr<const layer::LayerIndex> layer) {
  const MutexLock lock(mutex_);
  layers_[number] = std::move(layer);
}

void ImageFold::Work() {
  const MutexLock lock(mutex_);
  for (size_t fold = 0; fold < kFolds;) {
    FoldState& state = folds_[fold];
    if (!CanStep(state)) {
      ++fold;
      continue;
    }
    state.busy = true;
    auto layer = state.done < layers_.size() ? layers_[state.done] : nullptr;
    mutex_.unlock();
    Step(static_cast<FoldName>(fold), std::move(layer));
    mutex_.lock();
    ++state.done;
    state.busy = false;
    fold = 0;
  }
}

bool ImageFold::CanStep(const FoldState& fold) const {
  const bool next_is_there = fold.done < layers_.size() && layers_[fold.done] != nullptr;
  return !fold.busy && (next_is_there || fold.done == layers_.size());
}

// Folds one layer, or concludes when there is none left.
void ImageFold::Step(FoldName fold, std::shared_ptr<const layer::LayerIndex> layer) {
  const bool last = layer == nullptr;
  if (fold == kClassic) {
    if (last) {
      result_.classic = std::exchange(classic_, {}).Finish();
    } else {
      classic_.Add(std::move(layer));
    }
  } else if (last) {
    result_.tree = stack_.Finish();
  } else if (stack_status_) {
    stack_status_ = stack_.Add(std::move(layer));
  }
}

Result<FoldedImage> ImageFold::Finish() {
  Work();
  TRY(stack_status_);
  return std::move(result_);
}

}  // namespace fathom::analyze
