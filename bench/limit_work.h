// The unavoidable work of fathom-limit, piece by piece: reading, SHA-256, and the walk over a tar
// with XXH3-128 of every file. See limit.cc.

#ifndef FATHOM_BENCH_LIMIT_WORK_H_
#define FATHOM_BENCH_LIMIT_WORK_H_

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

namespace fathom_limit {

constexpr size_t kTarBlock = 512;

[[noreturn]] inline void Die(const std::string& what) {
  std::fprintf(stderr, "fathom-limit: %s\n", what.c_str());
  std::exit(1);
}

// A stretch of a file, read in order.
class Source {
 public:
  explicit Source(const std::string& spec) : path_(spec) {
    const size_t at = spec.rfind('@');
    const size_t plus = spec.rfind('+');
    const bool part = access(spec.c_str(), F_OK) != 0 && at != std::string::npos &&
                      plus != std::string::npos && at < plus;
    if (part) {
      path_ = spec.substr(0, at);
    }
    fd_ = open(path_.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat status = {};
    if (fd_ < 0 || fstat(fd_, &status) != 0) {
      Die(path_ + ": " + std::strerror(errno));
    }
    size_ = static_cast<uint64_t>(status.st_size);
    if (part) {
      offset_ = std::strtoull(spec.c_str() + at + 1, nullptr, 10);
      const uint64_t wanted = std::strtoull(spec.c_str() + plus + 1, nullptr, 10);
      if (offset_ + wanted > size_) {
        Die(spec + ": beyond the end of the file");
      }
      size_ = wanted;
    }
  }
  ~Source() { close(fd_); }
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;

  // Fills `into` as far as the source reaches; 0 at its end.
  size_t Read(uint8_t* into, size_t capacity) {
    const size_t wanted = std::min<uint64_t>(capacity, size_ - done_);
    size_t got = 0;
    while (got < wanted) {
      const ssize_t n =
          pread(fd_, into + got, wanted - got, static_cast<off_t>(offset_ + done_ + got));
      if (n <= 0) {
        Die(path_ + ": read failed");
      }
      got += static_cast<size_t>(n);
    }
    done_ += got;
    return got;
  }
  uint64_t size() const { return size_; }
  bool exhausted() const { return done_ == size_; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  int fd_ = -1;
  uint64_t offset_ = 0;
  uint64_t size_ = 0;
  uint64_t done_ = 0;
};

class Sha256 {
 public:
  Sha256() : context_(EVP_MD_CTX_new()) { EVP_DigestInit_ex2(context_, Algorithm(), nullptr); }
  ~Sha256() { EVP_MD_CTX_free(context_); }
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void Update(const uint8_t* data, size_t size) { EVP_DigestUpdate(context_, data, size); }
  std::string Hex() {
    uint8_t digest[32];
    EVP_DigestFinal_ex(context_, digest, nullptr);
    std::string hex;
    for (const uint8_t byte : digest) {
      hex += "0123456789abcdef"[byte >> 4];
      hex += "0123456789abcdef"[byte & 15];
    }
    return hex;
  }

 private:
  // Fetched once: fetching at each init costs more than hashing a small file.
  static const EVP_MD* Algorithm() {
    static EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    return algorithm;
  }
  EVP_MD_CTX* context_;
};

// Counts the entries of a tar stream fed in pieces and hashes each regular file's content. A file
// that lies in one piece is hashed in one call.
class TarWalk {
 public:
  TarWalk() : hash_(XXH3_createState(), XXH3_freeState) {}

  void Feed(const uint8_t* data, size_t size) {
    while (size > 0 && !ended_) {
      const size_t used =
          skip_ > 0 || file_left_ > 0 ? FeedContent(data, size) : FeedHeader(data, size);
      data += used;
      size -= used;
    }
  }
  uint64_t entries() const { return entries_; }
  // Folds all file hashes, so that the compiler cannot drop them.
  uint64_t fold() const { return fold_; }

 private:
  size_t FeedHeader(const uint8_t* data, size_t size) {
    if (held_ == 0 && size >= kTarBlock) {
      ReadHeader(data);
      return kTarBlock;
    }
    const size_t take = std::min(size, kTarBlock - held_);
    std::memcpy(header_ + held_, data, take);
    held_ += take;
    if (held_ == kTarBlock) {
      held_ = 0;
      ReadHeader(header_);
    }
    return take;
  }

  void ReadHeader(const uint8_t* header) {
    uint32_t sum = 0;
    for (size_t i = 0; i < kTarBlock; ++i) {
      sum += header[i];
    }
    if (sum == 0) {
      ended_ = true;
      return;
    }
    for (size_t i = 148; i < 156; ++i) {
      sum += 0x20U - header[i];  // the field counts as spaces
    }
    if (sum != Number(header + 148, 8)) {
      Die("tar header with a wrong checksum");
    }
    const char type = static_cast<char>(header[156]);
    const bool extension = type == 'x' || type == 'g' || type == 'L' || type == 'K';
    const bool regular = type == '0' || type == '\0' || type == '7' || type == 'S';
    const uint64_t size = regular || extension ? Number(header + 124, 12) : 0;
    entries_ += extension ? 0 : 1;
    const uint64_t padded = (size + kTarBlock - 1) / kTarBlock * kTarBlock;
    file_left_ = regular ? size : 0;
    skip_ = padded - file_left_;
    whole_ = true;
  }

  size_t FeedContent(const uint8_t* data, size_t size) {
    if (file_left_ == 0) {
      const size_t take = std::min<uint64_t>(size, skip_);
      skip_ -= take;
      return take;
    }
    const size_t take = std::min<uint64_t>(size, file_left_);
    file_left_ -= take;
    if (whole_ && file_left_ == 0) {
      fold_ ^= XXH3_128bits(data, take).low64;
      return take;
    }
    if (whole_) {
      XXH3_128bits_reset(hash_.get());
    }
    whole_ = false;
    XXH3_128bits_update(hash_.get(), data, take);
    if (file_left_ == 0) {
      fold_ ^= XXH3_128bits_digest(hash_.get()).low64;
    }
    return take;
  }

  static uint64_t Number(const uint8_t* field, size_t width) {
    uint64_t value = 0;
    if (field[0] & 0x80) {
      for (size_t i = 0; i < width; ++i) {
        value = (value << 8) | (i == 0 ? 0 : field[i]);
      }
      return value;
    }
    for (size_t i = 0; i < width; ++i) {
      if (field[i] >= '0' && field[i] <= '7') {
        value = value * 8 + (field[i] - '0');
      } else if (field[i] != ' ' || value != 0) {
        break;
      }
    }
    return value;
  }

  std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> hash_;
  uint8_t header_[kTarBlock];
  size_t held_ = 0;
  uint64_t file_left_ = 0;
  uint64_t skip_ = 0;
  bool whole_ = true;
  bool ended_ = false;
  uint64_t entries_ = 0;
  uint64_t fold_ = 0;
};

}  // namespace fathom_limit

#endif  // FATHOM_BENCH_LIMIT_WORK_H_
