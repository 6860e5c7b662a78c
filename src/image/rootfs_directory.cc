#include "image/rootfs_directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "archive/tar_writer.h"

namespace fathom::image {
namespace {

using archive::EntryType;
using archive::TarEntry;

std::unexpected<Error> At(const std::string& path) {
  Error error = SystemError(errno, fmt::format("'{}'", path));
  if (error.code == Code::kNotFound) {
    return Fail(Code::kIo, "'{}' went away while the directory was read", path);
  }
  if (error.code == Code::kDenied) {
    error.message += "; read it as root, or as a tar that root wrote";
  }
  return std::unexpected(std::move(error));
}

std::unexpected<Error> Changed(const std::string& path) {
  return Fail(Code::kIo, "'{}' changed while it was read; try again when nothing writes there",
              path);
}

bool SameTime(const timespec& a, const timespec& b) {
  return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

bool SameFile(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino && a.st_size == b.st_size &&
         SameTime(a.st_mtim, b.st_mtim) && SameTime(a.st_ctim, b.st_ctim);
}

// File systems whose files are the kernel's and no part of what is installed.
bool IsKernelFileSystem(int directory) {
  constexpr std::array<long, 14> kMagics = {
      PROC_SUPER_MAGIC, SYSFS_MAGIC,    CGROUP_SUPER_MAGIC, CGROUP2_SUPER_MAGIC, DEVPTS_SUPER_MAGIC,
      DEBUGFS_MAGIC,    TRACEFS_MAGIC,  SECURITYFS_MAGIC,   SELINUX_MAGIC,       BPF_FS_MAGIC,
      PSTOREFS_MAGIC,   EFIVARFS_MAGIC, BINFMTFS_MAGIC,     0x19800202 /* mqueue */};
  struct statfs facts{};
  return ::fstatfs(directory, &facts) == 0 &&
         std::ranges::find(kMagics, static_cast<long>(facts.f_type)) != kMagics.end();
}

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

// Names below a directory but `.` and `..`, sorted.
Result<std::vector<std::string>> ListNames(const Fd& directory, const std::string& path,
                                           uint64_t most, const Limits& limits) {
  const int again = ::openat(directory.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const std::unique_ptr<DIR, CloseDirectory> listing(again < 0 ? nullptr : ::fdopendir(again));
  if (listing == nullptr) {
    return At(path);
  }
  std::vector<std::string> names;
  while (true) {
    errno = 0;
    const dirent* const entry = ::readdir(listing.get());
    if (entry == nullptr && errno != 0) {
      return At(path);
    }
    if (entry == nullptr) {
      std::ranges::sort(names);
      return names;
    }
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") {
      continue;
    }
    if (names.size() >= most) {
      return OverLimit(&Limits::layer_entries, limits, "a directory with more files");
    }
    names.emplace_back(name);
  }
}

// The attributes of `name`, links not followed, which has no other way to be asked about links and
// devices than its path.
Status ReadAttributes(int directory, const std::string& name, TarEntry& entry) {
  const std::string path = fmt::format("/proc/self/fd/{}/{}", directory, name);
  std::string list(XATTR_LIST_MAX, '\0');
  const ssize_t size = ::llistxattr(path.c_str(), list.data(), list.size());
  if (size < 0) {
    return errno == ENOTSUP ? Status{} : At(entry.path);
  }
  list.resize(static_cast<size_t>(size));
  std::string value(size == 0 ? 0 : XATTR_SIZE_MAX, '\0');
  for (size_t at = 0; at < list.size();) {
    const std::string key(list.c_str() + at);
    at += key.size() + 1;
    if (key.starts_with("system.")) {
      continue;
    }
    const ssize_t got = ::lgetxattr(path.c_str(), key.c_str(), value.data(), value.size());
    if (got < 0) {
      return At(entry.path);
    }
    entry.xattrs.emplace_back(key, value.substr(0, static_cast<size_t>(got)));
  }
  std::ranges::sort(entry.xattrs);
  return {};
}

EntryType TypeOf(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFREG:
      return EntryType::kFile;
    case S_IFDIR:
      return EntryType::kDirectory;
    case S_IFLNK:
      return EntryType::kSymlink;
    case S_IFCHR:
      return EntryType::kCharDevice;
    case S_IFBLK:
      return EntryType::kBlockDevice;
    case S_IFIFO:
      return EntryType::kFifo;
    default:
      return EntryType::kOther;
  }
}

TarEntry EntryOf(std::string path, const struct stat& facts) {
  TarEntry entry;
  entry.path = std::move(path);
  entry.type = TypeOf(facts.st_mode);
  entry.mode = facts.st_mode & 07777;
  entry.uid = facts.st_uid;
  entry.gid = facts.st_gid;
  entry.mtime = facts.st_mtim.tv_sec;
  if (entry.type == EntryType::kCharDevice || entry.type == EntryType::kBlockDevice) {
    entry.dev_major = ::major(facts.st_rdev);
    entry.dev_minor = ::minor(facts.st_rdev);
  }
  return entry;
}

Result<std::string> ReadLink(int directory, const std::string& name, const std::string& path) {
  std::string target(PATH_MAX, '\0');
  const ssize_t size = ::readlinkat(directory, name.c_str(), target.data(), target.size());
  if (size < 0) {
    return At(path);
  }
  target.resize(static_cast<size_t>(size));
  return target;
}

}  // namespace

Result<std::unique_ptr<DirectoryTar>> DirectoryTar::Open(int root, const Limits& limits) {
  Fd again(::openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!again.valid()) {
    return At(".");
  }
  std::unique_ptr<DirectoryTar> tar(new DirectoryTar(limits));
  TRY(tar->Enter(std::move(again), ""));
  return tar;
}

Result<size_t> DirectoryTar::Read(ByteSpan out) {
  while (true) {
    if (position_ < ready_.size()) {
      const size_t count = std::min(out.size(), ready_.size() - position_);
      std::copy_n(AsBytes(ready_).begin() + static_cast<ptrdiff_t>(position_), count, out.begin());
      position_ += count;
      return count;
    }
    ready_.clear();
    position_ = 0;
    if (content_left_ > 0) {
      return ReadContent(out);
    }
    if (file_.valid()) {
      TRY(EndContent());
    } else if (ended_) {
      return 0;
    } else {
      TRY(Advance());
    }
  }
}

// Takes the next name, or leaves the directory that has no more.
Status DirectoryTar::Advance() {
  if (levels_.empty()) {
    ended_ = true;
    ready_ = archive::TarEnd();
    return {};
  }
  Level& level = levels_.back();
  if (level.next == level.names.size()) {
    return Leave();
  }
  // By value: entering a directory moves the levels.
  const std::string name = std::move(level.names[level.next++]);
  return AddEntry(level, name);
}

Status DirectoryTar::Enter(Fd directory, std::string path) {
  Level level;
  if (::fstat(directory.get(), &level.facts) != 0) {
    return At(path);
  }
  if (!IsKernelFileSystem(directory.get())) {
    TRY_ASSIGN(level.names, ListNames(directory, path, limits_.layer_entries - entries_, limits_));
  }
  entries_ += level.names.size();
  level.directory = std::move(directory);
  level.path = std::move(path);
  levels_.push_back(std::move(level));
  return {};
}

Status DirectoryTar::Leave() {
  const Level& level = levels_.back();
  struct stat facts{};
  if (::fstat(level.directory.get(), &facts) != 0) {
    return At(level.path);
  }
  if (!SameTime(facts.st_mtim, level.facts.st_mtim)) {
    return Changed(level.path.empty() ? "." : level.path);
  }
  levels_.pop_back();
  return {};
}

Status DirectoryTar::AddEntry(const Level& level, const std::string& name) {
  struct stat facts{};
  if (::fstatat(level.directory.get(), name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) != 0) {
    return At(level.path + name);
  }
  switch (facts.st_mode & S_IFMT) {
    case S_IFSOCK:
      return {};
    case S_IFREG:
      return AddFile(level, name, facts);
    case S_IFDIR:
      return AddDirectory(level, name, facts);
    default:
      return AddOther(level, name, facts);
  }
}

Status DirectoryTar::AddFile(const Level& level, const std::string& name,
                             const struct stat& facts) {
  TarEntry entry = EntryOf(level.path + name, facts);
  if (facts.st_nlink > 1) {
    const auto [place, first] = linked_.try_emplace({facts.st_dev, facts.st_ino}, entry.path);
    if (!first) {
      entry.type = EntryType::kHardLink;
      entry.link = place->second;
      ready_ = archive::TarHeaderBlocks(entry);
      return {};
    }
  }
  Fd file(::openat(level.directory.get(), name.c_str(),
                   O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!file.valid()) {
    return errno == ELOOP ? Changed(entry.path) : At(entry.path);
  }
  struct stat opened{};
  if (::fstat(file.get(), &opened) != 0) {
    return At(entry.path);
  }
  if (!S_ISREG(opened.st_mode) || !SameFile(facts, opened)) {
    return Changed(entry.path);
  }
  TRY(ReadAttributes(level.directory.get(), name, entry));
  entry.size = content_left_ = static_cast<uint64_t>(facts.st_size);
  ready_ = archive::TarHeaderBlocks(entry);
  file_ = std::move(file);
  file_path_ = std::move(entry.path);
  file_facts_ = opened;
  return {};
}

Status DirectoryTar::AddDirectory(const Level& level, const std::string& name,
                                  const struct stat& facts) {
  TarEntry entry = EntryOf(level.path + name + "/", facts);
  TRY(ReadAttributes(level.directory.get(), name, entry));
  ready_ = archive::TarHeaderBlocks(entry);
  Fd directory(::openat(level.directory.get(), name.c_str(),
                        O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!directory.valid()) {
    return At(entry.path);
  }
  return Enter(std::move(directory), std::move(entry.path));
}

Status DirectoryTar::AddOther(const Level& level, const std::string& name,
                              const struct stat& facts) {
  TarEntry entry = EntryOf(level.path + name, facts);
  TRY(ReadAttributes(level.directory.get(), name, entry));
  if (entry.type == EntryType::kSymlink) {
    TRY_ASSIGN(entry.link, ReadLink(level.directory.get(), name, entry.path));
  }
  ready_ = archive::TarHeaderBlocks(entry);
  return {};
}

Result<size_t> DirectoryTar::ReadContent(ByteSpan out) {
  const auto want = static_cast<size_t>(std::min<uint64_t>(out.size(), content_left_));
  ssize_t got = -1;
  do {
    got = ::read(file_.get(), out.data(), want);
  } while (got < 0 && errno == EINTR);
  if (got < 0) {
    return At(file_path_);
  }
  if (got == 0) {
    return Changed(file_path_);
  }
  content_left_ -= static_cast<uint64_t>(got);
  return static_cast<size_t>(got);
}

// What was read is what the header promised only if the file is still the same.
Status DirectoryTar::EndContent() {
  struct stat facts{};
  if (::fstat(file_.get(), &facts) != 0) {
    return At(file_path_);
  }
  if (!SameFile(facts, file_facts_)) {
    return Changed(file_path_);
  }
  ready_ = archive::TarPadding(static_cast<uint64_t>(facts.st_size));
  file_ = Fd();
  return {};
}

}  // namespace fathom::image
