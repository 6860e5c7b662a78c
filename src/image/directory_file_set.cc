#include "image/directory_file_set.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace fathom::image {
namespace {

// Opening a FIFO must not wait for somebody to write to it.
constexpr int kOpenFlags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

std::unexpected<Error> OpenError(int number, std::string_view name) {
  if (number == EXDEV || number == ELOOP) {
    return Fail(Code::kCorrupt, "'{}' is a link that leads out of the directory or in circles",
                name);
  }
  return std::unexpected(SystemError(number, fmt::format("'{}'", name)));
}

bool IsEmpty(int directory) {
  const int again = ::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const std::unique_ptr<DIR, decltype([](DIR* listing) { ::closedir(listing); })> listing(
      again < 0 ? nullptr : ::fdopendir(again));
  int names = 0;  // `.` and `..` among them
  while (listing != nullptr && names < 3 && ::readdir(listing.get()) != nullptr) {
    ++names;
  }
  return names < 3;
}

}  // namespace

std::expected<Fd, int> OpenBeneathWithoutLinks(int root, std::string_view name, int flags) {
  Fd folder;
  while (true) {
    const int at = folder.valid() ? folder.get() : root;
    const size_t slash = name.find('/');
    const bool last = slash == std::string_view::npos;
    const std::string part(name.substr(0, slash));
    const int part_flags = last ? flags : O_PATH | O_DIRECTORY | O_CLOEXEC;
    Fd next(::openat(at, part.c_str(), part_flags | O_NOFOLLOW));
    if (!next.valid()) {
      return std::unexpected(errno);
    }
    if (last) {
      return next;
    }
    folder = std::move(next);
    name.remove_prefix(slash + 1);
  }
}

std::expected<Fd, int> OpenBeneath(int root, const std::string& name, int flags) {
  open_how how{};
  how.flags = static_cast<uint64_t>(flags);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  int error = EAGAIN;  // a rename elsewhere disturbed the kernel's check; it asks to try again
  for (int tries = 0; tries < 8 && (error == EAGAIN || error == EINTR); ++tries) {
    const long number = ::syscall(SYS_openat2, root, name.c_str(), &how, sizeof(how));
    if (number >= 0) {
      return Fd(static_cast<int>(number));
    }
    error = errno;
  }
  // A kernel before 5.6, or a sandbox that does not know the call.
  if (error == ENOSYS || error == EPERM) {
    return OpenBeneathWithoutLinks(root, name, flags);
  }
  return std::unexpected(error);
}

Result<DirectoryFileSet::OpenFile> DirectoryFileSet::OpenRegular(std::string_view name) const {
  std::optional<std::string> clean = CleanName(name);
  if (!clean || name.starts_with('/') || name.find('\0') != std::string_view::npos) {
    return Fail(Code::kCorrupt, "'{}' is no name of a file below the directory", name);
  }
  auto file = OpenBeneath(directory_.get(), *clean, kOpenFlags);
  if (!file) {
    return OpenError(file.error(), name);
  }
  struct stat facts{};
  if (::fstat(file->get(), &facts) != 0) {
    return OpenError(errno, name);
  }
  if (!S_ISREG(facts.st_mode)) {
    return Fail(Code::kCorrupt, "'{}' is not a regular file", name);
  }
  return OpenFile{std::move(*clean), std::make_shared<const Fd>(std::move(*file)),
                  static_cast<uint64_t>(facts.st_size)};
}

Result<FileInfo> DirectoryFileSet::Find(std::string_view name) const {
  TRY_ASSIGN(OpenFile open, OpenRegular(name));
  FileSource content(open.file, 0, open.size);
  std::array<uint8_t, archive::kSniffBytes> first{};
  TRY_ASSIGN(const size_t got, ReadFull(content, first));
  return FileInfo{std::move(open.name), open.size, archive::Sniff({first.data(), got}), false};
}

Result<std::unique_ptr<ByteSource>> DirectoryFileSet::Open(std::string_view name) const {
  TRY_ASSIGN(OpenFile open, OpenRegular(name));
  return std::make_unique<FileSource>(std::move(open.file), 0, open.size);
}

Result<std::string> DirectoryFileSet::Read(std::string_view name, uint64_t most) const {
  TRY_ASSIGN(const auto source, Open(name));
  auto text = ReadAll(*source, most);
  if (!text) {
    return Wrap(text.error(), "'{}'", name);
  }
  return text;
}

bool DirectoryFileSet::LooksLikeRootfs() const {
  constexpr std::array kParts = {"manifest.json", "index.json", "oci-layout", "blobs",
                                 "repositories"};
  const bool has_part = std::ranges::any_of(kParts, [this](const char* part) {
    struct stat facts{};
    return ::fstatat(directory_.get(), part, &facts, AT_SYMLINK_NOFOLLOW) == 0;
  });
  return !has_part && !IsEmpty(directory_.get());
}

}  // namespace fathom::image
