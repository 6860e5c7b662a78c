#include "image/open_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>

#include "archive/open_stream.h"
#include "image/directory_file_set.h"
#include "image/docker_archive.h"
#include "image/oci_layout.h"
#include "image/rootfs.h"
#include "image/rootfs_directory.h"
#include "image/stream_file_set.h"
#include "image/tar_file_set.h"

namespace fathom::image {
namespace {

constexpr std::string_view kDockerDocument = "manifest.json";
constexpr std::string_view kOciDocument = "index.json";

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
              files.LooksLikeRootfs()
                  ? "; it looks like the files of a root file system, which rootfs: reads"
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

  Result<Image> OpenNeighbour(const Digest& manifest) override {
    return OpenOciLayout(*files_, {.tag = "@" + manifest.ToString(), .platform = {}}, limits_);
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
  Passes passes;
};

Result<std::unique_ptr<ByteSource>> Decoded(std::unique_ptr<ByteSource> bytes,
                                            const Limits& limits) {
  TRY_ASSIGN(auto decoded, archive::OpenStream(std::move(bytes), limits));
  return std::move(decoded.bytes);
}

Result<std::unique_ptr<ImageSource>> OpenAsStream(const Opening& opening,
                                                  std::unique_ptr<ByteSource> bytes,
                                                  Reopener reopen = nullptr) {
  TRY_ASSIGN(auto decoded, Decoded(std::move(bytes), opening.limits));
  if (opening.form == Form::kRootfs) {
    return MakeRootfsStream(opening.name, std::move(decoded), std::move(reopen), false,
                            opening.limits);
  }
  if (opening.form == Form::kAny) {
    TRY_ASSIGN(JudgedStream judged, JudgeStream(std::move(decoded), opening.limits));
    decoded = std::move(judged.bytes);
    if (judged.is_rootfs) {
      return MakeRootfsStream(opening.name, std::move(decoded), std::move(reopen), true,
                              opening.limits);
    }
  }
  auto files =
      std::make_unique<StreamFileSet>(std::move(decoded), opening.limits, std::move(reopen));
  return std::make_unique<FileSetSource>(opening.name, opening.form, opening.limits,
                                         std::move(files));
}

// Files that can be found at once are looked at before anything else is done. What is no image but
// looks like a root file system is read by `open_rootfs`.
Result<std::unique_ptr<ImageSource>> OpenFiles(const Opening& opening,
                                               std::unique_ptr<FileSet> files, uint64_t size,
                                               Reopener open_rootfs) {
  const auto document = EntryDocument(*files, opening.form);
  if (!document && opening.form == Form::kAny && files->LooksLikeRootfs()) {
    return MakeRootfsSource(opening.name, size, std::move(open_rootfs));
  }
  TRY(document);
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
    return OpenAsStream(opening, std::make_unique<FileSource>(file, 0, size),
                        [file, size, &limits = opening.limits] {
                          return Decoded(std::make_unique<FileSource>(file, 0, size), limits);
                        });
  }
  const Reopener open_whole = [file, size]() -> Result<std::unique_ptr<ByteSource>> {
    return std::make_unique<FileSource>(file, 0, size);
  };
  if (opening.form == Form::kRootfs) {
    return MakeRootfsSource(opening.name, size, open_whole);
  }
  TRY_ASSIGN(auto files, TarFileSet::Read(file, size, opening.limits));
  return OpenFiles(opening, std::move(files), size, open_whole);
}

Result<std::unique_ptr<ImageSource>> OpenDirectory(const Opening& opening, Fd directory) {
  const auto root = std::make_shared<const Fd>(std::move(directory));
  const Limits& limits = opening.limits;
  const Reopener open_tar = [root, &limits]() -> Result<std::unique_ptr<ByteSource>> {
    TRY_ASSIGN(auto tar, DirectoryTar::Open(root->get(), limits));
    return tar;
  };
  if (opening.form == Form::kRootfs || opening.form == Form::kRootfsDirectory) {
    return MakeRootfsSource(opening.name, 0, open_tar);
  }
  Fd again(::openat(root->get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!again.valid()) {
    return std::unexpected(SystemError(errno, "opening the directory"));
  }
  return OpenFiles(opening, std::make_unique<DirectoryFileSet>(std::move(again)), 0, open_tar);
}

// A file without a name that goes away with its descriptor.
Result<Fd> TemporaryFile() {
  const char* const wished = std::getenv("TMPDIR");
  const std::string folder = wished == nullptr || *wished == '\0' ? "/tmp" : wished;
  Fd file(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (file.valid()) {
    return file;
  }
  // A file system that does not know how.
  std::string name = folder + "/fathom-XXXXXX";
  file = Fd(::mkostemp(name.data(), O_CLOEXEC));
  if (!file.valid()) {
    return std::unexpected(SystemError(errno, fmt::format("cannot make a file in '{}'", folder)));
  }
  ::unlink(name.c_str());
  return file;
}

// Copies a pipe so that it can be read again, and opens the copy.
Result<std::unique_ptr<ImageSource>> OpenSpooled(const Opening& opening, const Fd& pipe) {
  TRY_ASSIGN(Fd copy, TemporaryFile());
  PipeSource source(pipe.get());
  std::vector<uint8_t> buffer(256 << 10);
  uint64_t size = 0;
  while (true) {
    TRY_ASSIGN(const size_t got, source.Read(buffer));
    if (got == 0) {
      return OpenRegular(opening, std::move(copy), size);
    }
    if (size + got > opening.limits.layer_bytes) {
      return OverLimit(&Limits::layer_bytes, opening.limits, "what the pipe brings");
    }
    if (Status status = WriteAll(copy.get(), ByteView(buffer).first(got)); !status) {
      return Wrap(status.error(), "copying it to a temporary file ($TMPDIR says where)");
    }
    size += got;
  }
}

Result<std::unique_ptr<ImageSource>> OpenPath(const Opening& opening, Fd file) {
  struct stat facts{};
  if (::fstat(file.get(), &facts) != 0) {
    return std::unexpected(SystemError(errno, "fstat"));
  }
  if (S_ISDIR(facts.st_mode)) {
    return OpenDirectory(opening, std::move(file));
  }
  if (opening.form == Form::kRootfsDirectory) {
    return Fail(Code::kInvalidArgument, "it is no directory, which dir: reads");
  }
  // A file that somebody has begun to read is no more than a pipe.
  if (S_ISREG(facts.st_mode) && ::lseek(file.get(), 0, SEEK_CUR) == 0) {
    return OpenRegular(opening, std::move(file), static_cast<uint64_t>(facts.st_size));
  }
  if (opening.passes == Passes::kAgain) {
    return OpenSpooled(opening, file);
  }
  return OpenAsStream(opening, std::make_unique<OwnedPipe>(std::move(file)));
}

}  // namespace

Result<std::unique_ptr<ImageSource>> OpenSource(const Reference& reference, const Limits& limits,
                                                Passes passes) {
  if (reference.form >= Form::kDocker) {
    return Fail(Code::kInvalidArgument, "'{}' is in no file", reference.path);
  }
  if (reference.path == "-") {
    const Form form = reference.form == Form::kStdin ? Form::kAny : reference.form;
    const Opening opening{"standard input", form, limits, passes};
    auto source = OpenPath(opening, Fd(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)));
    return source ? std::move(source) : Wrap(source.error(), "{}", opening.name);
  }
  auto file = OpenFile(reference.path);
  if (!file && file.error().code == Code::kNotFound) {
    return Fail(Code::kNotFound, "'{}' does not exist", reference.path);
  }
  if (!file) {
    return std::unexpected(file.error());
  }
  const Opening opening{reference.path, reference.form, limits, passes};
  auto source = OpenPath(opening, std::move(*file));
  return source ? std::move(source) : Wrap(source.error(), "{}", opening.name);
}

}  // namespace fathom::image
