#include "image/open_source.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "archive/open_stream.h"
#include "image/directory_file_set.h"
#include "image/docker_archive.h"
#include "image/oci_layout.h"
#include "image/stream_file_set.h"
#include "image/tar_file_set.h"

namespace fathom::image {
namespace {

constexpr std::string_view kDockerDocument = "manifest.json";
constexpr std::string_view kOciDocument = "index.json";

// True when the files look like those of an operating system rather than like an image.
bool LooksLikeRootfs(const FileSet& files) {
  constexpr std::array<std::string_view, 5> kFolders = {"etc", "usr", "bin", "lib", "var"};
  return std::ranges::count_if(kFolders, [&](auto name) { return files.HasFolder(name); }) >= 2;
}

// The document that says what the image is. In an archive that has both, manifest.json does.
Result<std::string_view> EntryDocument(const FileSet& files, Form form) {
  const bool docker = form != Form::kOciLayout && form != Form::kOciArchive;
  const bool oci = form != Form::kDockerArchive;
  if (docker && HasFile(files, kDockerDocument)) {
    return kDockerDocument;
  }
  if (oci && HasFile(files, kOciDocument)) {
    return kOciDocument;
  }
  const std::string_view wanted = !oci      ? "no manifest.json"
                                  : !docker ? "no index.json"
                                            : "neither manifest.json nor index.json";
  return Fail(Code::kCorrupt, "it is no image: it has {}{}", wanted,
              LooksLikeRootfs(files)
                  ? "; it looks like the files of a root file system (docker export); "
                    "use docker save, which keeps the layers"
                  : "");
}

// Whatever holds the files of an image.
class FileSetSource final : public ImageSource {
 public:
  FileSetSource(std::string name, Form form, const Limits& limits, std::unique_ptr<FileSet> files)
      : name_(std::move(name)), form_(form), limits_(limits), files_(std::move(files)) {}
  FileSetSource(std::string name, Form form, const Limits& limits,
                std::unique_ptr<StreamFileSet> files)
      : name_(std::move(name)),
        form_(form),
        limits_(limits),
        stream_(files.get()),
        files_(std::move(files)) {}

  std::string name() const override { return name_; }
  bool streams() const override { return stream_ != nullptr; }

  Status ReadThrough(const BlobVisitor& visitor) override {
    if (stream_ == nullptr) {
      return Fail(Code::kInvalidArgument, "{} is no stream", name_);
    }
    return stream_->ReadThrough(visitor);
  }

  Result<Image> Open(const Selection& selection) override {
    if (stream_ != nullptr && stream_->empty()) {
      return Fail(Code::kCorrupt, "it is empty");
    }
    TRY_ASSIGN(const std::string_view document, EntryDocument(*files_, form_));
    return document == kDockerDocument ? OpenDockerArchive(*files_, selection, limits_)
                                       : OpenOciLayout(*files_, selection, limits_);
  }

  uint64_t StoredBytes(const Layer& layer) const override {
    const auto info = files_->Find(layer.name);
    return info ? info->size : layer.size.value_or(0);
  }

  Result<std::unique_ptr<ByteSource>> OpenLayer(const Layer& layer) const override {
    return files_->Open(layer.name);
  }

 private:
  std::string name_;
  Form form_;
  const Limits& limits_;
  StreamFileSet* stream_ = nullptr;  // files_, when it streams
  std::unique_ptr<FileSet> files_;
};

// A descriptor that cannot seek, owned.
class OwnedPipe final : public ByteSource {
 public:
  explicit OwnedPipe(Fd file) : file_(std::move(file)), pipe_(file_.get()) {}
  Result<size_t> Read(ByteSpan out) override { return pipe_.Read(out); }

 private:
  Fd file_;
  PipeSource pipe_;
};

// The parts of a path on its way to a source.
struct Opening {
  std::string name;  // for messages
  Form form;
  const Limits& limits;
};

Result<std::unique_ptr<ImageSource>> OpenAsStream(const Opening& opening,
                                                  std::unique_ptr<ByteSource> bytes) {
  TRY_ASSIGN(auto decoded, archive::OpenStream(std::move(bytes), opening.limits));
  auto files = std::make_unique<StreamFileSet>(std::move(decoded.bytes), opening.limits);
  return std::make_unique<FileSetSource>(opening.name, opening.form, opening.limits,
                                         std::move(files));
}

// Files that can be found at once are looked at before anything else is done.
Result<std::unique_ptr<ImageSource>> OpenFiles(const Opening& opening,
                                               std::unique_ptr<FileSet> files) {
  TRY(EntryDocument(*files, opening.form));
  return std::make_unique<FileSetSource>(opening.name, opening.form, opening.limits,
                                         std::move(files));
}

Result<std::unique_ptr<ImageSource>> OpenRegular(const Opening& opening, Fd descriptor,
                                                 uint64_t size) {
  if (size == 0) {
    return Fail(Code::kCorrupt, "it is empty");
  }
  const auto file = std::make_shared<const Fd>(std::move(descriptor));
  std::array<uint8_t, archive::kSniffBytes> first{};
  FileSource beginning(file, 0, size);
  TRY_ASSIGN(const size_t got, ReadFull(beginning, first));
  if (archive::Sniff({first.data(), got}) != archive::Compression::kNone) {
    return OpenAsStream(opening, std::make_unique<FileSource>(file, 0, size));
  }
  TRY_ASSIGN(auto files, TarFileSet::Read(file, size, opening.limits));
  return OpenFiles(opening, std::move(files));
}

Result<std::unique_ptr<ImageSource>> OpenPath(const Opening& opening, Fd file) {
  struct stat facts{};
  if (::fstat(file.get(), &facts) != 0) {
    return std::unexpected(SystemError(errno, "fstat"));
  }
  if (S_ISDIR(facts.st_mode)) {
    return OpenFiles(opening, std::make_unique<DirectoryFileSet>(std::move(file)));
  }
  if (S_ISREG(facts.st_mode)) {
    return OpenRegular(opening, std::move(file), static_cast<uint64_t>(facts.st_size));
  }
  return OpenAsStream(opening, std::make_unique<OwnedPipe>(std::move(file)));
}

}  // namespace

Result<std::unique_ptr<ImageSource>> OpenSource(const Reference& reference, const Limits& limits) {
  if (reference.form >= Form::kDocker) {
    return Fail(Code::kInvalidArgument, "'{}' is in no file", reference.path);
  }
  if (reference.form == Form::kStdin) {
    const Opening opening{"standard input", Form::kAny, limits};
    auto source = OpenAsStream(opening, std::make_unique<PipeSource>(STDIN_FILENO));
    return source ? std::move(source) : Wrap(source.error(), "{}", opening.name);
  }
  auto file = OpenFile(reference.path);
  if (!file && file.error().code == Code::kNotFound) {
    return Fail(Code::kNotFound, "'{}' does not exist", reference.path);
  }
  if (!file) {
    return std::unexpected(file.error());
  }
  const Opening opening{reference.path, reference.form, limits};
  auto source = OpenPath(opening, std::move(*file));
  return source ? std::move(source) : Wrap(source.error(), "{}", opening.name);
}

}  // namespace fathom::image
