// Sources of bytes that are read once from front to back, and the files behind them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace fathom {

// A file descriptor that closes itself. Movable, not copyable.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int number) : number_(number) {}
  ~Fd();
  Fd(Fd&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Fd& operator=(Fd&& other) noexcept;

  int get() const { return number_; }
  bool valid() const { return number_ >= 0; }

  // Hands the descriptor over to somebody else, who closes it.
  int Release() { return std::exchange(number_, -1); }

 private:
  int number_ = -1;
};

// Opens for reading, close-on-exec. The error names the path.
Result<Fd> OpenFile(const std::string& path);

// A stream of bytes. Not thread-safe; one reader at a time.
class ByteSource {
 public:
  virtual ~ByteSource() = default;

  // Reads at least one byte unless the end is reached, then 0. `out` is not empty.
  virtual Result<size_t> Read(ByteSpan out) = 0;

  // Passes over up to `count` bytes and returns how many there were; fewer only at the end.
  virtual Result<uint64_t> Skip(uint64_t count);
};

// Another source's bytes, until somebody says that they are no longer wanted: then reading fails
// with kCancelled.
class CancellableSource final : public ByteSource {
 public:
  // `cancelled` is asked before each reading.
  CancellableSource(ByteSource& source, std::function<bool()> cancelled)
      : source_(source), cancelled_(std::move(cancelled)) {}

  Result<size_t> Read(ByteSpan out) override;
  Result<uint64_t> Skip(uint64_t count) override { return source_.Skip(count); }

 private:
  ByteSource& source_;
  std::function<bool()> cancelled_;
};

// Bytes [offset, offset + size) of a file that can seek. Several may share one descriptor, from
// several threads, since each keeps its own position.
class FileSource final : public ByteSource {
 public:
  FileSource(std::shared_ptr<const Fd> file, uint64_t offset, uint64_t size)
      : file_(std::move(file)), position_(offset), end_(offset + size) {}

  Result<size_t> Read(ByteSpan out) override;
  Result<uint64_t> Skip(uint64_t count) override;

 private:
  std::shared_ptr<const Fd> file_;
  uint64_t position_;
  uint64_t end_;
};

// What comes out of a pipe or another descriptor that cannot seek. Does not own the descriptor.
class PipeSource final : public ByteSource {
 public:
  explicit PipeSource(int descriptor) : descriptor_(descriptor) {}
  Result<size_t> Read(ByteSpan out) override;

 private:
  int descriptor_;
};

// Bytes in memory that outlive the source.
class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(ByteView bytes) : rest_(bytes) {}
  Result<size_t> Read(ByteSpan out) override;
  Result<uint64_t> Skip(uint64_t count) override;

 private:
  ByteView rest_;
};

// Fills `out` as far as the source has bytes; returns how many.
Result<size_t> ReadFull(ByteSource& source, ByteSpan out);

// Everything the source has; kLimit when that is more than `most` bytes.
Result<std::string> ReadAll(ByteSource& source, uint64_t most);

// The whole of a small file; kLimit when it is larger than `most` bytes.
Result<std::string> ReadFile(const std::string& path, uint64_t most);

// Writes all of `bytes` to a descriptor.
Status WriteAll(int descriptor, ByteView bytes);

// Replaces `path` at once: readers see the old file or the whole new one. With `durable`, the bytes
// are on the disk before the name is.
Status WriteFileAtomically(const std::string& path, ByteView bytes, bool durable);

}  // namespace fathom
