#include "registry/throttle.h"

#include <algorithm>

namespace fathom::registry {
namespace {

std::unexpected<Error> Stopped() { return Fail(Code::kCancelled, "it was asked to stop"); }

}  // namespace

struct Throttle::Permit::Holder {
  explicit Holder(std::shared_ptr<State> of) : state(std::move(of)) {}
  ~Holder() {
    {
      const MutexLock lock(state->mutex);
      --state->inside;
    }
    state->changed.notify_one();
  }
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;

  std::shared_ptr<State> state;
};

Throttle::Permit::~Permit() = default;

Result<Throttle::Permit> Throttle::Enter(std::chrono::milliseconds patience,
                                         const std::stop_token& stop) {
  const std::stop_callback wake(stop, [this] { state_->changed.notify_all(); });
  const MutexLock lock(state_->mutex);
  while (true) {
    if (stop.stop_requested()) {
      return Stopped();
    }
    const Clock::time_point now = Clock::now();
    if (state_->next > now + patience) {
      return Fail(Code::kUnavailable, "it wants no requests for another {} seconds",
                  std::chrono::ceil<std::chrono::seconds>(state_->next - now).count());
    }
    if (state_->inside >= at_once_) {
      // Woken often enough to see a stop that came before the wait.
      state_->changed.wait_until(state_->mutex, now + std::chrono::seconds(1));
    } else if (state_->next > now) {
      state_->changed.wait_until(state_->mutex,
                                 std::min(state_->next, now + std::chrono::seconds(1)));
    } else {
      break;
    }
  }
  ++state_->inside;
  if (per_second_ > 0) {
    const auto gap =
        std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(1 / per_second_));
    state_->next = std::max(state_->next, Clock::now()) + gap;
  }
  Permit permit;
  permit.holder_ = std::make_shared<Permit::Holder>(state_);
  return permit;
}

void Throttle::HoldUntil(Clock::time_point time) {
  const MutexLock lock(state_->mutex);
  state_->next = std::max(state_->next, time);
}

std::chrono::seconds Throttle::HeldFor() const {
  const MutexLock lock(state_->mutex);
  return std::chrono::ceil<std::chrono::seconds>(state_->next - Clock::now());
}

Status Pause(std::chrono::milliseconds time, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait_for(lock, stop, time, [] { return false; });
  return stop.stop_requested() ? Status(Stopped()) : Status();
}

}  // namespace fathom::registry
