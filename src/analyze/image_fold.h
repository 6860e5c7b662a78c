// Folds the layers of an image, base first, into what is known of the image as a whole, while later
// layers are still being read.
//
// There are two folds, the tree and the classic numbers, and each takes one layer after another.
// Whoever brings a layer, or has nothing better to do, takes the next steps of the folds that
// nobody is at; so the folds run beside each other and beside the reading, on no thread of their
// own.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "base/mutex.h"
#include "tree/classic.h"
#include "tree/stack.h"

namespace fathom::analyze {

struct FoldedImage {
  tree::FileTree tree;
  tree::ClassicNumbers classic;
};

// Thread-safe.
class ImageFold {
 public:
  explicit ImageFold(size_t layers, const Limits& limits = {}) : layers_(layers), stack_(limits) {}

  // Hands over a layer, once each, in any order.
  void Put(size_t number, std::shared_ptr<const layer::LayerIndex> layer);

  // Takes steps until there are none that can be taken now.
  void Work();

  // When all layers were put and all threads are back from Work(). The fold is spent.
  Result<FoldedImage> Finish();

 private:
  enum FoldName { kTree, kClassic, kFolds };
  struct FoldState {
    size_t done = 0;  // layers, and one more step when all are done
    bool busy = false;
  };

  bool CanStep(const FoldState& fold) const REQUIRES(mutex_);
  void Step(FoldName fold, std::shared_ptr<const layer::LayerIndex> layer);

  Mutex mutex_;
  std::vector<std::shared_ptr<const layer::LayerIndex>> layers_ GUARDED_BY(mutex_);
  std::array<FoldState, kFolds> folds_ GUARDED_BY(mutex_);

  // Of the thread that is at the fold.
  tree::Stack stack_;
  Status stack_status_;
  tree::ClassicCounter classic_;
  FoldedImage result_;
};

}  // namespace fathom::analyze
