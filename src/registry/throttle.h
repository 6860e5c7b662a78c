// How many requests a host gets: at once, in a second, and not before it wants any again.
#pragma once

#include <chrono>
#include <memory>
#include <stop_token>

#include "base/mutex.h"
#include "base/result.h"

namespace fathom::registry {

// Thread-safe.
class Throttle {
 public:
  using Clock = std::chrono::steady_clock;

  // `per_second` 0: as many as there are.
  Throttle(unsigned at_once, double per_second)
      : state_(std::make_shared<State>()), at_once_(at_once), per_second_(per_second) {}

  // Leave to ask; gives it back when it goes. May outlive the throttle.
  class Permit {
   public:
    Permit() = default;
    Permit(Permit&&) = default;
    Permit& operator=(Permit&&) = default;
    ~Permit();

   private:
    friend class Throttle;
    struct Holder;
    std::shared_ptr<Holder> holder_;
  };

  // Waits for leave. Errors: kUnavailable when that would take longer than `patience`; kCancelled.
  Result<Permit> Enter(std::chrono::milliseconds patience, const std::stop_token& stop);

  // Nobody asks before then.
  void HoldUntil(Clock::time_point time);
  // How long nobody may ask; not positive when somebody may.
  std::chrono::seconds HeldFor() const;

 private:
  struct State {
    Mutex mutex;
    Condition changed;
    unsigned inside GUARDED_BY(mutex) = 0;
    Clock::time_point next GUARDED_BY(mutex);  // the next may go then
  };

  const std::shared_ptr<State> state_;
  const unsigned at_once_;
  const double per_second_;
};

// Waits that long; kCancelled when somebody asked to stop meanwhile.
Status Pause(std::chrono::milliseconds time, const std::stop_token& stop);

}  // namespace fathom::registry
