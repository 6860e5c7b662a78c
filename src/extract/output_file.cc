#include "extract/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>

namespace fathom::extract {
namespace {

constexpr size_t kBufferBytes = 256 << 10;

Status WriteNamed(int descriptor, ByteView bytes, const std::string& name) {
  Status status = WriteAll(descriptor, bytes);
  return status ? status : Wrap(std::move(status).error(), "{}", name);
}

}  // namespace

Result<std::unique_ptr<OutputFile>> OutputFile::Open(const std::string& path, bool overwrite) {
  std::unique_ptr<OutputFile> file(new OutputFile());
  file->overwrite_ = overwrite;
  if (path == "-") {
    file->name_ = "standard output";
    file->descriptor_ = STDOUT_FILENO;
    return file;
  }
  file->name_ = fmt::format("'{}'", path);
  struct stat found{};
  const bool there = ::stat(path.c_str(), &found) == 0;
  if (there && !S_ISREG(found.st_mode)) {
    file->owned_ = Fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  } else if (there && !overwrite) {
    return Fail(Code::kDenied, "'{}' is there already; --overwrite replaces it", path);
  } else {
    file->final_ = path;
    file->temporary_ = fmt::format("{}.{}.tmp", path, ::getpid());
    file->owned_ = Fd(::open(file->temporary_.c_str(),
                             O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
  }
  if (!file->owned_.valid()) {
    file->temporary_.clear();
    return std::unexpected(SystemError(errno, fmt::format("cannot write {}", file->name_)));
  }
  file->descriptor_ = file->owned_.get();
  return file;
}

OutputFile::~OutputFile() {
  if (!temporary_.empty()) {
    ::unlink(temporary_.c_str());
  }
}

Status OutputFile::Flush() {
  TRY(WriteNamed(descriptor_, buffer_, name_));
  buffer_.clear();
  return {};
}

Status OutputFile::Write(ByteView bytes) {
  if (buffer_.size() + bytes.size() > kBufferBytes) {
    TRY(Flush());
  }
  if (bytes.size() >= kBufferBytes) {
    return WriteNamed(descriptor_, bytes, name_);
  }
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
  return {};
}

Status OutputFile::WriteZeros(uint64_t count) {
  static constexpr std::array<uint8_t, 64 << 10> kZeros{};
  while (count > 0) {
    const auto piece = static_cast<size_t>(std::min<uint64_t>(count, kZeros.size()));
    TRY(Write({kZeros.data(), piece}));
    count -= piece;
  }
  return {};
}

Status OutputFile::Commit() {
  TRY(Flush());
  if (final_.empty()) {
    return {};
  }
  const unsigned flags = overwrite_ ? 0 : RENAME_NOREPLACE;
  int failed = ::renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, final_.c_str(), flags);
  if (failed != 0 && (errno == EINVAL || errno == ENOSYS)) {
    failed = ::rename(temporary_.c_str(), final_.c_str());
  }
  if (failed != 0) {
    return std::unexpected(SystemError(errno, fmt::format("cannot write {}", name_)));
  }
  temporary_.clear();
  return {};
}

}  // namespace fathom::extract
