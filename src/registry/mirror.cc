#include "registry/mirror.h"

#include <algorithm>
#include <thread>

#include "base/glob.h"
#include "registry/mirror_image.h"
#include "registry/mirror_queue.h"
#include "registry/pages.h"

namespace fathom::registry {
namespace {

using Clock = std::chrono::steady_clock;

// So many blobs wait before the next image is asked for: enough to have a large one among them.
constexpr size_t kAhead = 64;
constexpr std::chrono::seconds kIndexEvery{30};

}  // namespace

// The threads and what they share.
class Mirror::Crew {
 public:
  Crew(Registries& registries, LayoutStore& store, const Limits& limits, MirrorOptions options)
      : registries_(registries), store_(store), limits_(limits), options_(std::move(options)) {}

  Status Run(const NextImage& next, MirrorFailures& failures) {
    TRY(registries_.holds().Read(HoldsPath()));
    next_ = &next;
    failures_ = &failures;
    {
      std::vector<std::jthread> threads;
      for (unsigned i = 0; i < std::max(options_.threads, 1u); ++i) {
        threads.emplace_back([this] { Work(); });
      }
    }
    TRY(WriteState());
    const MutexLock lock(mutex_);
    if (failed_) {
      return std::unexpected(*failed_);
    }
    return Stopped() ? Fail(Code::kCancelled, "it was asked to stop") : Status();
  }

  MirrorCounts counts_;
  std::optional<Quota> quota() const {
    const MutexLock lock(mutex_);
    return last_registry_ == nullptr ? std::nullopt : last_registry_->quota();
  }

 private:
  std::string HoldsPath() const { return store_.StatePath("not-before.csv"); }
  bool Stopped() const { return registries_.settings().stop.stop_requested(); }

  // What a thread does next.
  struct Step {
    enum class Kind { kImage, kBlob, kHelp, kWait, kEnd } kind = Kind::kEnd;
    std::optional<BlobTask> blob;
    std::shared_ptr<BlobDownload> download;
  };

  void Work() {
    while (true) {
      Step step = NextStep();
      switch (step.kind) {
        case Step::Kind::kImage:
          TakeImage();
          break;
        case Step::Kind::kBlob:
          StartBlob(*std::move(step.blob));
          break;
        case Step::Kind::kHelp:
          WorkOn(step.download);
          break;
        case Step::Kind::kWait:
          break;
        case Step::Kind::kEnd:
          return;
      }
      MaybeWriteIndex();
    }
  }

  Step NextStep() {
    const MutexLock lock(mutex_);
    if (Stopped() || failed_) {
      changed_.notify_all();
      return {};
    }
    const bool more = !ended_ || !pending_.empty();
    if (more && queue_.waiting() < kAhead) {
      ++resolving_;
      return {.kind = Step::Kind::kImage, .blob = {}, .download = {}};
    }
    if (auto task = queue_.TakeLargest()) {
      return {.kind = Step::Kind::kBlob, .blob = std::move(task), .download = {}};
    }
    if (auto download = queue_.FindShareable()) {
      return {.kind = Step::Kind::kHelp, .blob = {}, .download = std::move(download)};
    }
    if (resolving_ == 0 && queue_.idle()) {
      changed_.notify_all();
      return {};
    }
    // Parts that become large enough to be shared, and a stop, are seen now and then.
    changed_.wait_until(mutex_, Clock::now() + std::chrono::milliseconds(50));
    return {.kind = Step::Kind::kWait, .blob = {}, .download = {}};
  }

  std::optional<WantedImage> NextWanted() {
    {
      const MutexLock lock(mutex_);
      if (!pending_.empty()) {
        WantedImage image = std::move(pending_.back());
        pending_.pop_back();
        return image;
      }
    }
    const MutexLock reading(reading_);
    {
      const MutexLock lock(mutex_);
      if (ended_) {
        return std::nullopt;
      }
    }
    auto next = (*next_)();
    if (!next) {
      ++counts_.images_wanted;
      ++counts_.images_failed;
      failures_->Add({.reference = next.error().message.substr(0, 200),
                      .blob = "",
                      .kind = "request",
                      .status = 0,
                      .reason = next.error().message,
                      .bytes = 0,
                      .attempts = 1,
                      .code = next.error().code});
      return std::nullopt;
    }
    if (!*next) {
      const MutexLock lock(mutex_);
      ended_ = true;
    }
    return *std::move(next);
  }

  void TakeImage() {
    if (const auto wanted = NextWanted()) {
      if (wanted->all_tags) {
        Expand(wanted->name);
      } else {
        ++counts_.images_wanted;
        Resolve(wanted->name);
      }
    }
    const MutexLock lock(mutex_);
    --resolving_;
    changed_.notify_all();
  }

  // A repository becomes its tags.
  void Expand(const RemoteName& repository) {
    Registry& registry = registries_.Get(repository.registry);
    const auto fits = [this](const std::string& tag) {
      return options_.tags.empty() ||
             std::ranges::any_of(options_.tags,
                                 [&](const std::string& glob) { return Glob(glob).Matches(tag); });
    };
    const auto listed = ListTags(registry, repository.repository, 1000,
                                 [&](const std::vector<std::string>& tags) -> Status {
                                   const MutexLock lock(mutex_);
                                   for (const std::string& tag : tags) {
                                     if (fits(tag)) {
                                       WantedImage image{repository, false};
                                       image.name.tag = tag;
                                       pending_.push_back(std::move(image));
                                     }
                                   }
                                   changed_.notify_all();
                                   return {};
                                 });
    if (!listed) {
      ++counts_.images_wanted;
      FailImage(repository, listed.error(), "", 0);
    }
  }

  void Resolve(const RemoteName& name) {
    Registry& registry = registries_.Get(name.registry);
    {
      const MutexLock lock(mutex_);
      last_registry_ = &registry;
    }
    auto resolved = ResolveImage(registry, name, options_.platforms, store_, limits_);
    if (!resolved) {
      FailImage(name, resolved.error(), "", 0);
      return;
    }
    auto image = std::make_shared<WaitingImage>();
    image->name = name;
    image->root = resolved->root;
    const bool listed = [&] {
      const auto before = store_.Listed(name.ToString());
      return before && before->digest == resolved->root.digest;
    }();
    {
      const MutexLock lock(mutex_);
      image->missing = 1;  // so that it does not end before all are counted
      for (const NeededBlob& blob : resolved->blobs) {
        WantBlob(registry, name, blob, image);
      }
      if (--image->missing > 0) {
        return;
      }
    }
    counts_.images_there += listed ? 1 : 0;
    EndImage(*image);
  }

  void WantBlob(Registry& registry, const RemoteName& name, const NeededBlob& blob,
                const std::shared_ptr<WaitingImage>& image) REQUIRES(mutex_) {
    const bool there = store_.Has(blob.digest, blob.size);
    if (there || options_.finished_layers.contains(blob.digest)) {
      ++counts_.blobs_there;
      image->is_whole = image->is_whole && there;
      return;
    }
    if (queue_.Want({&registry, name.repository, blob.digest, blob.size, blob.urls}, image)) {
      ++counts_.blobs_wanted;
      counts_.bytes_wanted += blob.size;
    }
  }

  // Blobs that are on their way have their place on the disk already.
  Status CheckSpace(uint64_t size) {
    TRY_ASSIGN(const uint64_t available, store_.FreeBytes());
    if (available < size + options_.keep_free) {
      return Fail(Code::kIo,
                  "the disk has {} bytes free, a blob of {} bytes is to come, and --keep-free {} "
                  "leaves them to others",
                  available, size, options_.keep_free);
    }
    return {};
  }

  void StartBlob(BlobTask task) {
    const Digest digest = task.digest;
    auto download = std::make_shared<BlobDownload>(std::move(task), store_, counts_.bytes_fetched);
    Status ready = CheckSpace(download->task().size);
    if (ready) {
      ready = download->Prepare();
    }
    if (!ready) {
      EndBlob(digest, std::unexpected(Refusal(std::move(ready).error())), 0);
      return;
    }
    {
      const MutexLock lock(mutex_);
      queue_.Activate(download);
      changed_.notify_all();
    }
    WorkOn(download);
  }

  void WorkOn(const std::shared_ptr<BlobDownload>& download) {
    if (download->Work() && download->ended() && Claim(*download)) {
      EndBlob(download->task().digest, download->outcome(), download->bytes_there());
    }
  }

  bool Claim(const BlobDownload& download) {
    const MutexLock lock(mutex_);
    return queue_.Claim(download);
  }

  void EndBlob(const Digest& digest, const std::expected<void, Refusal>& outcome, uint64_t bytes) {
    std::vector<std::shared_ptr<WaitingImage>> ended;
    {
      const MutexLock lock(mutex_);
      ended = queue_.Done(digest, outcome, bytes);
      changed_.notify_all();
    }
    if (outcome) {
      ++counts_.blobs_done;
      if (options_.on_layer) {
        const MutexLock telling(telling_);
        options_.on_layer(digest);
      }
    }
    for (const auto& image : ended) {
      EndImage(*image);
    }
  }

  void EndImage(const WaitingImage& image) {
    if (image.failure) {
      FailImage(image.name, *image.failure, image.failed_blob, image.failed_bytes);
      return;
    }
    if (image.is_whole) {
      store_.List(image.root);
    }
    failures_->Remove(image.name.ToString());
    ++counts_.images_done;
    if (options_.on_image) {
      const MutexLock telling(telling_);
      options_.on_image(image.name);
    }
  }

  void FailImage(const RemoteName& name, const Refusal& refusal, const std::string& blob,
                 uint64_t bytes) {
    if (refusal.code == Code::kCancelled) {
      return;
    }
    ++counts_.images_failed;
    failures_->Add({.reference = name.ToString(),
                    .blob = blob,
                    .kind = std::string(KindOf(refusal)),
                    .status = refusal.status,
                    .reason = refusal.message,
                    .bytes = bytes,
                    .attempts = 1,
                    .code = refusal.code});
  }

  Status WriteState() {
    TRY(store_.WriteIndex());
    TRY(failures_->Write());
    return registries_.holds().Write(HoldsPath());
  }

  // Now and then, so that a process that is killed has listed most of what it did, and a machine
  // that goes down has it on its disk.
  void MaybeWriteIndex() {
    {
      const MutexLock lock(mutex_);
      const auto now = Clock::now();
      if (now < next_index_) {
        return;
      }
      next_index_ = now + kIndexEvery;
    }
    Status written = store_.Sync();
    if (written) {
      written = WriteState();
    }
    if (!written) {
      const MutexLock lock(mutex_);
      failed_ = std::move(written).error();
    }
  }

  Registries& registries_;
  LayoutStore& store_;
  const Limits limits_;
  const MirrorOptions options_;
  const NextImage* next_ = nullptr;
  MirrorFailures* failures_ = nullptr;

  Mutex reading_;  // the list of images
  Mutex telling_;
  mutable Mutex mutex_;
  Condition changed_;
  MirrorQueue queue_ GUARDED_BY(mutex_);
  std::vector<WantedImage> pending_ GUARDED_BY(mutex_);  // tags of repositories
  bool ended_ GUARDED_BY(mutex_) = false;                // the list
  unsigned resolving_ GUARDED_BY(mutex_) = 0;
  Registry* last_registry_ GUARDED_BY(mutex_) = nullptr;
  std::optional<Error> failed_ GUARDED_BY(mutex_);
  Clock::time_point next_index_ GUARDED_BY(mutex_) = Clock::now() + kIndexEvery;
};

Mirror::Mirror(Registries& registries, LayoutStore& store, const Limits& limits,
               MirrorOptions options)
    : run_(std::make_unique<Crew>(registries, store, limits, std::move(options))) {}
Mirror::~Mirror() = default;

const MirrorCounts& Mirror::counts() const { return run_->counts_; }
std::optional<Quota> Mirror::quota() const { return run_->quota(); }

Status Mirror::Run(const NextImage& next, MirrorFailures& failures) {
  return run_->Run(next, failures);
}

}  // namespace fathom::registry
