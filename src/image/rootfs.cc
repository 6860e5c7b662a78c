#include "image/rootfs.h"

#include <algorithm>
#include <array>
#include <vector>

#include "archive/tar_parser.h"
#include "image/file_set.h"

namespace fathom::image {
namespace {

using archive::TarParser;

constexpr std::string_view kLayerName = "rootfs";

// Bytes of a stream that are held to judge it.
constexpr size_t kJudgedBytes = 1 << 20;

// True as far as the first headers tell; what cannot be parsed is no root file system.
bool BeginsLikeRootfs(ByteView beginning, const Limits& limits) {
  TarParser parser(limits);
  bool found = false;
  while (true) {
    const auto event = parser.Next(beginning);
    if (!event || *event == TarParser::Event::kNeedInput || *event == TarParser::Event::kEnd) {
      return found;
    }
    if (*event != TarParser::Event::kEntry) {
      continue;
    }
    const std::string name = CleanName(parser.entry().path).value_or("");
    if (IsPartOfImage(name)) {
      return false;
    }
    found = found || IsRootfsName(name);
  }
}

// Bytes that were read already, then the rest.
class HeldSource final : public ByteSource {
 public:
  HeldSource(std::vector<uint8_t> held, std::unique_ptr<ByteSource> rest)
      : held_(std::move(held)), rest_(std::move(rest)) {}

  Result<size_t> Read(ByteSpan out) override {
    const size_t count = std::min(out.size(), held_.size() - position_);
    if (count == 0) {
      return rest_->Read(out);
    }
    std::copy_n(held_.begin() + static_cast<ptrdiff_t>(position_), count, out.begin());
    position_ += count;
    return count;
  }

 private:
  std::vector<uint8_t> held_;
  size_t position_ = 0;
  std::unique_ptr<ByteSource> rest_;
};

// Passes bytes on and watches for parts of an image among the names.
class WatchedSource final : public ByteSource {
 public:
  WatchedSource(ByteSource& bytes, const Limits& limits) : bytes_(bytes), parser_(limits) {}

  Result<size_t> Read(ByteSpan out) override {
    TRY_ASSIGN(const size_t got, bytes_.Read(out));
    TRY(Watch(out.first(got)));
    return got;
  }

 private:
  // A tar that cannot be parsed is for the reader of the layer to refuse.
  Status Watch(ByteView bytes) {
    while (!stopped_) {
      const auto event = parser_.Next(bytes);
      stopped_ = !event || *event == TarParser::Event::kEnd;
      if (stopped_ || *event == TarParser::Event::kNeedInput) {
        return {};
      }
      if (*event == TarParser::Event::kEntry) {
        TRY(CheckName(CleanName(parser_.entry().path).value_or("")));
      }
    }
    return {};
  }

  static Status CheckName(std::string_view name) {
    if (!IsPartOfImage(name)) {
      return {};
    }
    return Fail(
        Code::kCorrupt,
        "it holds the files of a root file system and '{}', too; if they are what is meant, "
        "say so with rootfs:",
        name);
  }

  ByteSource& bytes_;
  TarParser parser_;
  bool stopped_ = false;
};

class RootfsSource : public ImageSource {
 public:
  explicit RootfsSource(std::string name) : name_(std::move(name)) {}

  std::string name() const override { return name_; }

  Result<Image> Open(const Selection& selection) override {
    if (!selection.tag.empty()) {
      return Fail(Code::kNotFound, "there is no tag '{}': a root file system has none",
                  selection.tag);
    }
    Image image;
    Layer layer;
    layer.name = kLayerName;
    layer.media_type = "application/vnd.oci.image.layer.v1.tar";
    image.layers.push_back(std::move(layer));
    return image;
  }

 private:
  std::string name_;
};

class RootfsFile final : public RootfsSource {
 public:
  RootfsFile(std::string name, uint64_t bytes, Reopener open)
      : RootfsSource(std::move(name)), bytes_(bytes), open_(std::move(open)) {}

  bool streams() const override { return false; }
  Status ReadThrough(const BlobVisitor&) override {
    return Fail(Code::kInvalidArgument, "{} is no stream", name());
  }
  uint64_t StoredBytes(const Layer&) const override { return bytes_; }
  Result<std::unique_ptr<ByteSource>> OpenLayer(const Layer&) const override { return open_(); }

 private:
  uint64_t bytes_;
  Reopener open_;
};

class RootfsStream final : public RootfsSource {
 public:
  RootfsStream(std::string name, std::unique_ptr<ByteSource> bytes, Reopener reopen, bool judged,
               const Limits& limits)
      : RootfsSource(std::move(name)),
        bytes_(std::move(bytes)),
        reopen_(std::move(reopen)),
        judged_(judged),
        limits_(limits) {}

  bool streams() const override { return true; }
  Status ReadThrough(const BlobVisitor& visitor) override {
    if (bytes_ == nullptr) {
      if (reopen_ == nullptr) {
        return Fail(Code::kInvalidArgument, "{} has gone by", name());
      }
      TRY_ASSIGN(bytes_, reopen_());
    }
    const auto bytes = std::move(bytes_);
    WatchedSource watched(*bytes, limits_);
    return visitor(std::string(kLayerName), judged_ ? watched : *bytes);
  }
  Result<std::unique_ptr<ByteSource>> OpenLayer(const Layer&) const override {
    return Fail(Code::kInvalidArgument, "{} has gone by", name());
  }

 private:
  std::unique_ptr<ByteSource> bytes_;  // null when they have been read
  Reopener reopen_;
  bool judged_;
  const Limits& limits_;
};

}  // namespace

bool IsPartOfImage(std::string_view name) {
  constexpr std::array<std::string_view, 5> kNames = {"manifest.json", "index.json", "oci-layout",
                                                      "blobs", "repositories"};
  constexpr std::string_view kAlgorithm = "sha256:";
  constexpr size_t kHexDigits = 64;
  std::string_view top = name.substr(0, name.find('/'));
  if (std::ranges::find(kNames, top) != kNames.end()) {
    return true;
  }
  if (top.starts_with(kAlgorithm)) {
    top.remove_prefix(kAlgorithm.size());
  }
  const std::string_view digest = top.substr(0, top.find('.'));
  return digest.size() == kHexDigits &&
         digest.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool IsRootfsName(std::string_view name) {
  constexpr std::array<std::string_view, 20> kNames = {
      ".dockerenv", "bin", "boot", "dev",  "etc",  "home", "lib",  "lib32", "lib64", "libx32",
      "media",      "mnt", "opt",  "proc", "root", "run",  "sbin", "sys",   "usr",   "var"};
  return std::ranges::find(kNames, name.substr(0, name.find('/'))) != kNames.end();
}

Result<JudgedStream> JudgeStream(std::unique_ptr<ByteSource> bytes, const Limits& limits) {
  std::vector<uint8_t> beginning(kJudgedBytes);
  TRY_ASSIGN(const size_t got, ReadFull(*bytes, beginning));
  beginning.resize(got);
  const bool is_rootfs = BeginsLikeRootfs(beginning, limits);
  return JudgedStream{is_rootfs,
                      std::make_unique<HeldSource>(std::move(beginning), std::move(bytes))};
}

std::unique_ptr<ImageSource> MakeRootfsSource(std::string name, uint64_t bytes, Reopener open) {
  return std::make_unique<RootfsFile>(std::move(name), bytes, std::move(open));
}

std::unique_ptr<ImageSource> MakeRootfsStream(std::string name, std::unique_ptr<ByteSource> bytes,
                                              Reopener reopen, bool judged, const Limits& limits) {
  return std::make_unique<RootfsStream>(std::move(name), std::move(bytes), std::move(reopen),
                                        judged, limits);
}

}  // namespace fathom::image
