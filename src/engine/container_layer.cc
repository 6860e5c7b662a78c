#include "engine/container_layer.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <unordered_set>

#include "archive/tar_reader.h"
#include "base/text.h"
#include "image/file_set.h"

namespace fathom::engine {
namespace {

constexpr size_t kBlock = archive::kTarBlock;

// Keeps what is read as the headers of an entry, so that they can be handed on as they are.
class HeaderTap final : public ByteSource {
 public:
  explicit HeaderTap(std::unique_ptr<ByteSource> source) : source_(std::move(source)) {}

  Result<size_t> Read(ByteSpan out) override {
    TRY_ASSIGN(const size_t got, source_->Read(out));
    if (keeping_) {
      kept_.append(AsText(out.first(got)));
    }
    return got;
  }
  Result<uint64_t> Skip(uint64_t count) override { return source_->Skip(count); }

  void Start() { keeping_ = true; }
  std::string Take() {
    keeping_ = false;
    return std::exchange(kept_, {});
  }

 private:
  std::unique_ptr<ByteSource> source_;
  bool keeping_ = false;
  std::string kept_;
};

// A path as JSON of an engine carries it: U+FFFD for each byte that is not UTF-8.
std::string AsInJson(std::string_view path) {
  if (IsUtf8(path)) {
    return std::string(path);
  }
  std::string text;
  for (size_t at = 0; at < path.size();) {
    size_t size = 1;
    while (size <= 4 && !IsUtf8(path.substr(at, size))) {
      ++size;
    }
    const bool valid = size <= 4 && at + size <= path.size();
    text += valid ? path.substr(at, size) : "\xEF\xBF\xBD";
    at += valid ? size : 1;
  }
  return text;
}

// A header block of the ustar format; `name` has at most 100 bytes.
std::string HeaderBlock(std::string_view name, char type, size_t size) {
  std::string block(kBlock, '\0');
  const auto put = [&block](size_t offset, std::string_view text) {
    std::ranges::copy(text, block.begin() + static_cast<ptrdiff_t>(offset));
  };
  put(0, name);
  put(100, "0000644");
  put(108, "0000000");
  put(116, "0000000");
  put(124, fmt::format("{:011o}", size));
  put(136, "00000000000");
  put(148, "        ");
  block[156] = type;
  put(257, std::string_view("ustar\00000", 8));
  unsigned sum = 0;
  for (const char c : block) {
    sum += static_cast<unsigned char>(c);
  }
  put(148, fmt::format("{:06o}", sum));
  block[154] = '\0';
  return block;
}

std::string PaddingFor(uint64_t size) {
  return std::string(static_cast<size_t>((kBlock - size % kBlock) % kBlock), '\0');
}

// The whiteout of a path, as the OCI image specification has it; a long name stands in a record of
// GNU's before it.
std::string Whiteout(std::string_view path) {
  const size_t slash = path.rfind('/') + 1;  // 0 when there is none
  const std::string name =
      std::string(path.substr(0, slash)) + ".wh." + std::string(path.substr(slash));
  constexpr size_t kNameBytes = 100;
  std::string records;
  if (name.size() > kNameBytes) {
    records = HeaderBlock("././@LongLink", 'L', name.size() + 1) + name + '\0' +
              PaddingFor(name.size() + 1);
  }
  return records + HeaderBlock(name.substr(0, kNameBytes), '0', 0);
}

class ContainerLayerSource final : public ByteSource {
 public:
  ContainerLayerSource(std::unique_ptr<ByteSource> exported, const std::vector<Change>& changes,
                       const Limits& limits)
      : tap_(std::move(exported)), reader_(tap_, limits) {
    for (const Change& change : changes) {
      auto path = image::CleanName(change.path);
      if (!path) {
        continue;
      }
      if (change.kind == Change::Kind::kDeleted) {
        deleted_.push_back(*std::move(path));
      } else {
        kept_.insert(*std::move(path));
      }
    }
  }

  Result<size_t> Read(ByteSpan out) override {
    while (pending_at_ == pending_.size()) {
      if (in_content_) {
        TRY_ASSIGN(const size_t got, reader_.content().Read(out));
        if (got > 0) {
          content_bytes_ += got;
          return got;
        }
        in_content_ = false;
        SetPending(PaddingFor(content_bytes_));
        continue;
      }
      if (ended_) {
        return 0;
      }
      TRY(NextEntry());
    }
    const size_t count = std::min(out.size(), pending_.size() - pending_at_);
    std::memcpy(out.data(), pending_.data() + pending_at_, count);
    pending_at_ += count;
    return count;
  }

 private:
  void SetPending(std::string bytes) {
    pending_ = std::move(bytes);
    pending_at_ = 0;
  }

  Status NextEntry() {
    tap_.Start();
    const auto entry = reader_.Next();
    std::string headers = tap_.Take();
    if (!entry) {
      return Wrap(entry.error(), "the exported file system");
    }
    if (*entry == nullptr) {
      SetPending(Ending());
      ended_ = true;
      return {};
    }
    const auto path = image::CleanName((*entry)->path);
    if (path && kept_.contains(AsInJson(*path))) {
      SetPending(std::move(headers));
      in_content_ = true;
      content_bytes_ = 0;
    }
    return {};
  }

  std::string Ending() const {
    std::string bytes;
    for (const std::string& path : deleted_) {
      bytes += Whiteout(path);
    }
    return bytes + std::string(2 * kBlock, '\0');
  }

  HeaderTap tap_;
  archive::TarReader reader_;
  std::unordered_set<std::string> kept_;
  std::vector<std::string> deleted_;
  std::string pending_;  // to be handed out next
  size_t pending_at_ = 0;
  bool in_content_ = false;
  uint64_t content_bytes_ = 0;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<ByteSource> ContainerLayer(std::unique_ptr<ByteSource> exported,
                                           const std::vector<Change>& changes,
                                           const Limits& limits) {
  return std::make_unique<ContainerLayerSource>(std::move(exported), changes, limits);
}

}  // namespace fathom::engine
