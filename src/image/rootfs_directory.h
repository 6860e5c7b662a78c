// The files below a directory as a tar archive that is written while it is read.
//
// Names are sorted by their bytes, depth first; owners, modes, times in whole seconds, extended
// attributes (but system.*), hard links and devices are kept; holes of sparse files are zeros. The
// directory itself, sockets, and what lies in file systems of the kernel (proc, sysfs, cgroup, ...)
// are left out. Links are never followed. So the same files give the same bytes.
#pragma once

#include <sys/stat.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/io.h"
#include "base/limits.h"

namespace fathom::image {

// Errors: kDenied and kIo with the name; a file that changes or goes away while it is read is kIo;
// kLimit for more names than Limits::layer_entries. Not thread-safe.
class DirectoryTar final : public ByteSource {
 public:
  // Reads below `root`, an open directory. `limits` must outlive it.
  static Result<std::unique_ptr<DirectoryTar>> Open(int root, const Limits& limits);

  Result<size_t> Read(ByteSpan out) override;

 private:
  struct Level {
    Fd directory;
    std::string path;  // relative to the root, with a slash behind it; "" for the root
    struct stat facts{};
    std::vector<std::string> names;  // sorted
    size_t next = 0;
  };

  explicit DirectoryTar(const Limits& limits) : limits_(limits) {}

  Status Enter(Fd directory, std::string path);
  Status Leave();
  Status Advance();
  Status AddEntry(const Level& level, const std::string& name);
  Status AddFile(const Level& level, const std::string& name, const struct stat& facts);
  Status AddDirectory(const Level& level, const std::string& name, const struct stat& facts);
  Status AddOther(const Level& level, const std::string& name, const struct stat& facts);
  Result<size_t> ReadContent(ByteSpan out);
  Status EndContent();

  const Limits& limits_;
  std::vector<Level> levels_;
  uint64_t entries_ = 0;
  std::map<std::pair<dev_t, ino_t>, std::string> linked_;  // first names of files with several
  bool ended_ = false;

  std::string ready_;  // headers and padding to hand out
  size_t position_ = 0;

  Fd file_;  // whose content is being read
  std::string file_path_;
  struct stat file_facts_{};
  uint64_t content_left_ = 0;
};

}  // namespace fathom::image
