#include "tui/content_reader.h"

#include <algorithm>

#include "extract/extract.h"
#include "extract/layer_reader.h"

namespace fathom::tui {
namespace {

// Keeps the bytes of a window, and ends the reading when it has them all.
class WindowTarget final : public extract::Target {
 public:
  WindowTarget(uint64_t offset, uint64_t size, const std::atomic<bool>& stop)
      : begin_(offset), end_(offset + size), stop_(stop) {
    bytes_.reserve(size);
  }

  Status Begin(const extract::Plan&) override { return {}; }
  Status MakeDirectory(const extract::Item&) override { return {}; }
  Status BeginFile(const extract::Item&) override { return {}; }
  Status MakeLink(const extract::Item&, const extract::Item&) override { return {}; }
  Status MakeSpecial(const extract::Item&) override { return {}; }
  Status Finish() override { return {}; }

  Status Write(ByteView data) override {
    const auto [from, to] = Part(data.size());
    bytes_.append(reinterpret_cast<const char*>(data.data()) + from, to - from);
    return Advance(data.size());
  }
  Status WriteHole(uint64_t size) override {
    const auto [from, to] = Part(size);
    bytes_.append(to - from, '\0');
    return Advance(size);
  }
  Status EndFile() override {
    ended_ = true;
    return {};
  }

  bool full() const { return position_ >= end_; }
  bool ended() const { return ended_; }
  std::string Take() { return std::move(bytes_); }

 private:
  // Which of the next `size` bytes are within the window.
  std::pair<size_t, size_t> Part(uint64_t size) const {
    const uint64_t from = std::clamp(begin_, position_, position_ + size) - position_;
    const uint64_t to = std::clamp(end_, position_, position_ + size) - position_;
    return {static_cast<size_t>(from), static_cast<size_t>(to)};
  }

  Status Advance(uint64_t size) {
    position_ += size;
    if (stop_ || position_ > end_) {
      return Fail(Code::kCancelled, "enough was read");
    }
    return {};
  }

  const uint64_t begin_;
  const uint64_t end_;
  const std::atomic<bool>& stop_;
  uint64_t position_ = 0;
  bool ended_ = false;
  std::string bytes_;
};

// Where the window for an offset begins: at whole megabytes, with room to scroll back.
uint64_t WindowBegin(uint64_t offset) {
  constexpr uint64_t kStep = 1 << 20;
  constexpr uint64_t kBefore = ContentReader::kWindow / 4;
  return offset < kBefore ? 0 : (offset - kBefore) / kStep * kStep;
}

}  // namespace

Result<ContentWindow> ContentReader::Read(const tree::FileTree& tree, const tree::Version& version,
                                          uint64_t offset, const std::atomic<bool>& stop) {
  const tree::Inode& inode = tree.inodes()[version.inode];
  const uint64_t file_bytes = tree.size(inode);
  ContentWindow window;
  window.file_bytes = file_bytes;
  window.offset = file_bytes <= kWhole ? 0 : WindowBegin(std::min(offset, file_bytes - 1));
  const auto found = std::ranges::find_if(kept_, [&](const Kept& kept) {
    return kept.layer == inode.layer && kept.entry == inode.entry &&
           kept.window.offset == window.offset;
  });
  if (found != kept_.end()) {
    kept_.splice(kept_.begin(), kept_, found);
    return found->window;
  }
  const uint64_t size =
      file_bytes <= kWhole ? file_bytes : std::min(kWindow, file_bytes - window.offset);
  TRY_ASSIGN(window, ReadWindow(tree, inode, window, size, stop));
  kept_.push_front({inode.layer, inode.entry, window});
  kept_bytes_ += window.bytes->size();
  while (kept_bytes_ > kKept && kept_.size() > 1) {
    kept_bytes_ -= kept_.back().window.bytes->size();
    kept_.pop_back();
  }
  return window;
}

Result<ContentWindow> ContentReader::ReadWindow(const tree::FileTree& tree,
                                                const tree::Inode& inode, ContentWindow window,
                                                uint64_t size, const std::atomic<bool>& stop) {
  extract::Plan plan;
  plan.items.push_back({.node = tree::kRoot, .version = nullptr});
  plan.wants[inode.layer] = {{inode.entry, 0}};
  WindowTarget target(window.offset, size, stop);
  const image::Layer& layer = image_.layers[inode.layer];
  Status read;
  if (source_.streams() && source_.Streams(layer)) {
    read = extract::ReadContents(plan, tree, source_, image_, limits_, target);
  } else {
    TRY_ASSIGN(const auto blob, source_.OpenLayer(layer));
    read = extract::ReadLayer(
        std::make_unique<CancellableSource>(*blob, [&stop] { return stop.load(); }),
        tree.layer(inode.layer), plan.wants[inode.layer], plan, limits_, target);
  }
  if (!read && !(target.full() && read.error().code == Code::kCancelled)) {
    return std::unexpected(std::move(read).error());
  }
  window.verified = target.ended() && window.offset == 0 && size == window.file_bytes;
  window.bytes = std::make_shared<const std::string>(target.Take());
  return window;
}

}  // namespace fathom::tui
