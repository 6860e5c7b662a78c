// The threads behind the explorer: one reads the image, one does what is wanted of its bytes. What
// they find out waits here for the one that draws.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <variant>
#include <vector>

#include "base/mutex.h"
#include "tui/jobs.h"
#include "tui/loader.h"

namespace fathom::tui {

// An image to be read, in the way that a person asked for.
struct ImageRequest {
  // Opens it; called by the reading thread.
  std::function<Result<std::unique_ptr<image::ImageSource>>()> open;
  analyze::Options options;  // progress is set here
  // What `options` and the source point to.
  std::shared_ptr<const void> keeps_alive = {};
};

// Thread-safe. Shared by its threads, so that one that hangs on a peer can be left behind.
class Workshop : public std::enable_shared_from_this<Workshop> {
 public:
  static std::shared_ptr<Workshop> Start(ImageRequest request);

  // Called, from any thread, when there is something to take. Empty: nobody wants to know.
  void OnEvents(std::function<void()> wake);
  std::vector<Event> TakeEvents();
  // Waits until there is something to take, at most so long.
  void WaitForEvents(std::chrono::milliseconds at_most);

  // Wants something done; its answer will be an event.
  void Want(Effect effect);

  BytesRead Count() const { return loader_.Count(); }

  // Ends the threads; false when one has not ended after a moment, and is left behind.
  bool Finish();

  // Why the image could not be read, once that is known.
  std::optional<Error> failure() const;

 private:
  using Job = std::variant<Effect, OpenedSource>;

  explicit Workshop(ImageRequest request);
  void ReadImage();
  void WorkOnJobs();
  void Put(Event event);
  void Offer(const std::shared_ptr<const image::Image>& image);

  ImageRequest request_;
  Loader loader_;
  Jobs jobs_;
  std::unique_ptr<image::ImageSource> source_;  // the reading thread's, until it is offered

  mutable Mutex mutex_;
  Condition changed_;
  std::function<void()> wake_ GUARDED_BY(mutex_);
  std::vector<Event> events_ GUARDED_BY(mutex_);
  std::deque<Job> waiting_ GUARDED_BY(mutex_);
  bool looks_ GUARDED_BY(mutex_) = false;  // the job at work only looks
  bool ends_ GUARDED_BY(mutex_) = false;
  int threads_ GUARDED_BY(mutex_) = 0;  // that have not ended
  std::optional<Error> failure_ GUARDED_BY(mutex_);
};

}  // namespace fathom::tui
