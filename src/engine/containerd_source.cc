#include "engine/containerd_source.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>

#include "base/text.h"
#include "engine/containerd_images.h"
#include "image/directory_file_set.h"
#include "image/documents.h"
#include "image/oci_layout.h"
#include "image/tag.h"

namespace fathom::engine {
namespace {

constexpr std::string_view kIndexName = "index.json";
constexpr uint64_t kMetadataBytes = 1ull << 30;

// The content store is an OCI layout but for index.json, which says here that there is one image.
class ContentStore final : public image::FileSet {
 public:
  ContentStore(std::unique_ptr<image::DirectoryFileSet> files, std::string index)
      : files_(std::move(files)), index_(std::move(index)) {}

  Result<image::FileInfo> Find(std::string_view name) const override {
    if (name == kIndexName) {
      return image::FileInfo{std::string(name), index_.size(), archive::Compression::kNone, true};
    }
    return files_->Find(name);
  }
  Result<std::unique_ptr<ByteSource>> Open(std::string_view name) const override {
    if (name == kIndexName) {
      return std::make_unique<MemorySource>(AsBytes(index_));
    }
    return files_->Open(name);
  }
  Result<std::string> Read(std::string_view name, uint64_t most) const override {
    return name == kIndexName ? Result<std::string>(index_) : files_->Read(name, most);
  }
  bool LooksLikeRootfs() const override { return false; }

 private:
  std::unique_ptr<image::DirectoryFileSet> files_;
  const std::string index_;
};

class ContainerdSource final : public image::ImageSource {
 public:
  ContainerdSource(std::string name, std::unique_ptr<ContentStore> files, const Limits& limits)
      : name_(std::move(name)), files_(std::move(files)), limits_(limits) {}

  std::string name() const override { return name_; }
  bool streams() const override { return false; }
  Status ReadThrough(const image::BlobVisitor& /*visitor*/) override {
    return Fail(Code::kInvalidArgument, "{} is no stream", name_);
  }
  Result<image::Image> Open(const image::Selection& selection) override {
    return image::OpenOciLayout(*files_, {"", selection.platform}, limits_);
  }
  Result<std::unique_ptr<ByteSource>> OpenLayer(const image::Layer& layer) const override {
    return files_->Open(layer.name);
  }

 private:
  const std::string name_;
  const std::unique_ptr<ContentStore> files_;
  const Limits& limits_;
};

// Where it was looked and what is there, for the message that it is not.
std::string Describe(const ContainerdImages& found) {
  constexpr size_t kShown = 10;
  std::vector<std::string> names;
  for (const ContainerdImage& image : found.images) {
    names.push_back(image.name);
  }
  return fmt::format("looked at {} ({} images{})",
                     found.spaces.empty() ? "no namespace: there is none"
                                          : "the namespaces " + image::ListNames(found.spaces),
                     names.size(),
                     names.empty() || names.size() > kShown ? "" : ": " + image::ListNames(names));
}

// containerd has the file in use and locked, so it may change while it is read.
Result<BoltFile> ReadMetadata(const std::string& path) {
  constexpr int kAttempts = 3;
  for (int attempt = 1;; ++attempt) {
    TRY_ASSIGN(std::string bytes, ReadFile(path, kMetadataBytes));
    TRY_ASSIGN(BoltFile file, BoltFile::Parse(std::move(bytes)));
    TRY_ASSIGN(std::string again, ReadFile(path, kMetadataBytes));
    TRY_ASSIGN(const BoltFile after, BoltFile::Parse(std::move(again)));
    if (after.transaction() == file.transaction() || attempt == kAttempts) {
      return file;
    }
  }
}

Result<ContainerdImage> FindByName(const std::string& root, const std::string& name,
                                   const std::string& space) {
  TRY_ASSIGN(const BoltFile metadata,
             ReadMetadata(root + "/io.containerd.metadata.v1.bolt/meta.db"));
  TRY_ASSIGN(const ContainerdImages found, ListContainerdImages(metadata, space));
  const auto match = [&name](const ContainerdImage& image) {
    return image::MatchTag(name, image.name);
  };
  const auto best = std::ranges::max_element(found.images, {}, match);
  if (best == found.images.end() || match(*best) <= image::TagMatch::kTagOnly) {
    return Fail(Code::kNotFound, "no such image; {}", Describe(found));
  }
  for (const ContainerdImage& other : found.images) {
    if (match(other) == match(*best) && other.digest != best->digest) {
      return Fail(Code::kInvalidArgument,
                  "'{}' means one image in the namespace {} and another in {}; set "
                  "CONTAINERD_NAMESPACE",
                  name, best->space, other.space);
    }
  }
  return *best;
}

std::string IndexOf(const ContainerdImage& image, uint64_t size) {
  image::Descriptor descriptor;
  descriptor.media_type = image.media_type;
  descriptor.digest = image.digest;
  descriptor.size = size;
  descriptor.name = image.name;
  return image::WriteIndex({&descriptor, 1});
}

Result<std::unique_ptr<image::ImageSource>> OpenBelow(const std::string& root,
                                                      const std::string& name,
                                                      const std::string& space,
                                                      const Limits& limits) {
  const std::string content = root + "/io.containerd.content.v1.content";
  Fd folder(::open(content.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.valid()) {
    Error error = SystemError(errno, fmt::format("'{}'", content));
    if (error.code == Code::kDenied) {
      error.message += "; its files belong to root: run fathom with sudo";
    } else {
      error.code = Code::kUnavailable;
      error.message += "; CONTAINERD_ROOT says where it lies";
    }
    return std::unexpected(std::move(error));
  }
  ContainerdImage chosen;
  if (const auto digest = Digest::Parse(name)) {
    chosen.digest = *digest;
  } else {
    TRY_ASSIGN(chosen, FindByName(root, name, space));
  }
  auto files = std::make_unique<image::DirectoryFileSet>(std::move(folder));
  const auto info = files->Find(image::BlobPath(chosen.digest));
  if (!info) {
    return Fail(info.error().code, "the manifest {} is not in its content store",
                chosen.digest.ToString());
  }
  auto store = std::make_unique<ContentStore>(std::move(files), IndexOf(chosen, info->size));
  return std::make_unique<ContainerdSource>(fmt::format("'{}' of containerd at {}", name, root),
                                            std::move(store), limits);
}

}  // namespace

Result<std::unique_ptr<image::ImageSource>> OpenContainerdImage(const std::string& name,
                                                                const Environment& environment,
                                                                const Limits& limits) {
  std::string root = environment("CONTAINERD_ROOT");
  if (root.empty()) {
    root = "/var/lib/containerd";
  }
  auto source = OpenBelow(root, name, environment("CONTAINERD_NAMESPACE"), limits);
  return source ? std::move(source) : Wrap(std::move(source).error(), "containerd at {}", root);
}

}  // namespace fathom::engine
