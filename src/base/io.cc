#include "base/io.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>

namespace fathom {

Fd::~Fd() {
  if (number_ >= 0) {
    ::close(number_);
  }
}

Fd& Fd::operator=(Fd&& other) noexcept {
  std::swap(number_, other.number_);
  return *this;
}

Result<Fd> OpenFile(const std::string& path) {
  const int number = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (number < 0) {
    return std::unexpected(SystemError(errno, fmt::format("cannot open '{}'", path)));
  }
  return Fd(number);
}

Result<uint64_t> ByteSource::Skip(uint64_t count) {
  std::array<uint8_t, 64 << 10> scratch;
  uint64_t skipped = 0;
  while (skipped < count) {
    const auto want = static_cast<size_t>(std::min<uint64_t>(scratch.size(), count - skipped));
    TRY_ASSIGN(const size_t got, Read({scratch.data(), want}));
    if (got == 0) {
      break;
    }
    skipped += got;
  }
  return skipped;
}

Result<size_t> CancellableSource::Read(ByteSpan out) {
  if (cancelled_()) {
    return Fail(Code::kCancelled, "reading was ended");
  }
  return source_.Read(out);
}

Result<size_t> FileSource::Read(ByteSpan out) {
  const auto want = static_cast<size_t>(std::min<uint64_t>(out.size(), end_ - position_));
  while (want > 0) {
    const ssize_t got = ::pread(file_->get(), out.data(), want, static_cast<off_t>(position_));
    if (got >= 0) {
      position_ += static_cast<uint64_t>(got);
      return static_cast<size_t>(got);
    }
    if (errno != EINTR) {
      return std::unexpected(SystemError(errno, fmt::format("reading at byte {}", position_)));
    }
  }
  return 0;
}

Result<uint64_t> FileSource::Skip(uint64_t count) {
  const uint64_t step = std::min(count, end_ - position_);
  position_ += step;
  return step;
}

Result<size_t> PipeSource::Read(ByteSpan out) {
  while (true) {
    const ssize_t got = ::read(descriptor_, out.data(), out.size());
    if (got >= 0) {
      return static_cast<size_t>(got);
    }
    if (errno != EINTR) {
      return std::unexpected(SystemError(errno, "reading"));
    }
  }
}

Result<size_t> MemorySource::Read(ByteSpan out) {
  const size_t count = std::min(out.size(), rest_.size());
  std::copy_n(rest_.begin(), count, out.begin());
  rest_ = rest_.subspan(count);
  return count;
}

Result<uint64_t> MemorySource::Skip(uint64_t count) {
  const auto step = static_cast<size_t>(std::min<uint64_t>(count, rest_.size()));
  rest_ = rest_.subspan(step);
  return step;
}

Result<size_t> ReadFull(ByteSource& source, ByteSpan out) {
  size_t filled = 0;
  while (filled < out.size()) {
    TRY_ASSIGN(const size_t got, source.Read(out.subspan(filled)));
    if (got == 0) {
      break;
    }
    filled += got;
  }
  return filled;
}

Result<std::string> ReadAll(ByteSource& source, uint64_t most) {
  constexpr size_t kPiece = 64 << 10;
  std::string text;
  while (true) {
    const size_t before = text.size();
    text.resize(before + kPiece);
    TRY_ASSIGN(const size_t got,
               source.Read({reinterpret_cast<uint8_t*>(text.data()) + before, kPiece}));
    text.resize(before + got);
    if (got == 0) {
      return text;
    }
    if (text.size() > most) {
      return Fail(Code::kLimit, "more than {} bytes", most);
    }
  }
}

Result<std::string> ReadFile(const std::string& path, uint64_t most) {
  TRY_ASSIGN(Fd file, OpenFile(path));
  PipeSource source(file.get());
  auto text = ReadAll(source, most);
  if (!text) {
    return Wrap(text.error(), "'{}'", path);
  }
  return text;
}

Status WriteAll(int descriptor, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(descriptor, bytes.data(), bytes.size());
    if (put < 0 && errno != EINTR) {
      return std::unexpected(SystemError(errno, "writing"));
    }
    bytes = bytes.subspan(static_cast<size_t>(std::max<ssize_t>(put, 0)));
  }
  return {};
}

Status WriteFileAtomically(const std::string& path, ByteView bytes, bool durable) {
  static std::atomic<unsigned> counter = 0;
  const std::string temporary = fmt::format("{}.{}.{}.tmp", path, ::getpid(), counter++);
  Fd file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!file.valid()) {
    return std::unexpected(SystemError(errno, fmt::format("cannot create '{}'", temporary)));
  }
  Status status = WriteAll(file.get(), bytes);
  if (status && durable && ::fsync(file.get()) != 0) {
    status = std::unexpected(SystemError(errno, "fsync"));
  }
  if (status && ::rename(temporary.c_str(), path.c_str()) != 0) {
    status = std::unexpected(SystemError(errno, "rename"));
  }
  if (!status) {
    ::unlink(temporary.c_str());
    return Wrap(status.error(), "'{}'", path);
  }
  return {};
}

}  // namespace fathom
