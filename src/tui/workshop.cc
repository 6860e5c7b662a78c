#include "tui/workshop.h"

#include <thread>

namespace fathom::tui {
namespace {

// How long the end of a thread is waited for: reading stops at the next piece of a blob.
constexpr auto kPatience = std::chrono::milliseconds(300);

bool OnlyLooks(const Effect& effect) {
  return std::holds_alternative<MakeLoneTree>(effect) ||
         std::holds_alternative<ShowContent>(effect) ||
         std::holds_alternative<CompareContents>(effect) ||
         std::holds_alternative<FindPaths>(effect);
}

}  // namespace

Workshop::Workshop(ImageRequest request)
    : request_(std::move(request)),
      loader_([this](Event event) { Put(std::move(event)); }),
      jobs_(request_.options.limits, [this] { return loader_.indexes(); }) {}

std::shared_ptr<Workshop> Workshop::Start(ImageRequest request) {
  std::shared_ptr<Workshop> workshop(new Workshop(std::move(request)));
  const auto run = [&](void (Workshop::*work)()) {
    {
      const MutexLock lock(workshop->mutex_);
      ++workshop->threads_;
    }
    std::thread([workshop, work] {
      (workshop.get()->*work)();
      const MutexLock lock(workshop->mutex_);
      --workshop->threads_;
      workshop->changed_.notify_all();
    }).detach();
  };
  run(&Workshop::ReadImage);
  run(&Workshop::WorkOnJobs);
  return workshop;
}

void Workshop::OnEvents(std::function<void()> wake) {
  const MutexLock lock(mutex_);
  wake_ = std::move(wake);
}

std::vector<Event> Workshop::TakeEvents() {
  const MutexLock lock(mutex_);
  return std::exchange(events_, {});
}

void Workshop::WaitForEvents(std::chrono::milliseconds at_most) {
  const auto until = std::chrono::steady_clock::now() + at_most;
  const MutexLock lock(mutex_);
  while (events_.empty() && std::chrono::steady_clock::now() < until) {
    changed_.wait_until(mutex_, until);
  }
}

void Workshop::Put(Event event) {
  if (const auto* known = std::get_if<ImageKnown>(&event)) {
    // A source that streams is read from front to back, so nobody else may ask it meanwhile.
    if (!source_->streams()) {
      Offer(known->image);
    }
  } else if (const auto* analyzed = std::get_if<Analyzed>(&event)) {
    if (source_->streams()) {
      Offer({analyzed->analysis, &analyzed->analysis->image});
    }
  }
  const MutexLock lock(mutex_);
  events_.push_back(std::move(event));
  changed_.notify_all();
  if (wake_) {
    wake_();
  }
}

void Workshop::Offer(const std::shared_ptr<const image::Image>& image) {
  const MutexLock lock(mutex_);
  waiting_.emplace_back(OpenedSource{source_.get(), image});
  changed_.notify_all();
}

void Workshop::Want(Effect effect) {
  const MutexLock lock(mutex_);
  if (OnlyLooks(effect)) {
    std::erase_if(waiting_, [](const Job& job) {
      const auto* other = std::get_if<Effect>(&job);
      return other != nullptr && OnlyLooks(*other);
    });
    if (looks_) {
      jobs_.Stop();
    }
  }
  waiting_.emplace_back(std::move(effect));
  changed_.notify_all();
}

void Workshop::ReadImage() {
  auto source = request_.open();
  std::optional<Error> failure;
  if (source) {
    source_ = *std::move(source);
    if (auto read = loader_.Run(*source_, request_.options); !read) {
      failure = Wrap(std::move(read).error(), "{}", source_->name()).error();
    }
  } else {
    failure = std::move(source).error();
  }
  if (failure) {
    {
      const MutexLock lock(mutex_);
      failure_ = failure;
    }
    Put(ReadingFailed{failure->message});
  }
}

void Workshop::WorkOnJobs() {
  while (true) {
    std::optional<Job> job;
    {
      const MutexLock lock(mutex_);
      looks_ = false;
      while (waiting_.empty() && !ends_) {
        changed_.wait(mutex_);
      }
      if (ends_) {
        return;
      }
      job = std::move(waiting_.front());
      waiting_.pop_front();
      const auto* effect = std::get_if<Effect>(&*job);
      looks_ = effect != nullptr && OnlyLooks(*effect);
      jobs_.Resume();
    }
    if (auto* opened = std::get_if<OpenedSource>(&*job)) {
      jobs_.SetSource(std::move(*opened));
    } else if (auto answer = jobs_.Do(std::get<Effect>(*job))) {
      Put(*std::move(answer));
    }
  }
}

bool Workshop::Finish() {
  loader_.Cancel();
  jobs_.Stop();
  const auto until = std::chrono::steady_clock::now() + kPatience;
  const MutexLock lock(mutex_);
  wake_ = nullptr;
  ends_ = true;
  changed_.notify_all();
  while (threads_ > 0 && std::chrono::steady_clock::now() < until) {
    changed_.wait_until(mutex_, until);
  }
  return threads_ == 0;
}

std::optional<Error> Workshop::failure() const {
  const MutexLock lock(mutex_);
  return failure_;
}

}  // namespace fathom::tui
