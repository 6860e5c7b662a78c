#include "registry/layout_store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <filesystem>
#include <optional>

#include "base/limits.h"
#include "base/number.h"
#include "registry/verified_copy.h"

namespace fathom::registry {
namespace {

constexpr std::string_view kVersion = R"({"imageLayoutVersion":"1.0.0"})";
constexpr uint64_t kIndexBytes = 1ull << 30;  // our own list may be long
// Another one each time that the machine starts.
constexpr const char* kBootId = "/proc/sys/kernel/random/boot_id";
constexpr uint64_t kBootIdBytes = 4096;

Status MakeFolder(const std::string& path) {
  if (::mkdir(path.c_str(), 0777) != 0 && errno != EEXIST) {
    return std::unexpected(SystemError(errno, fmt::format("cannot make '{}'", path)));
  }
  return {};
}

bool IsThere(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

// "" where the system has none: then nothing is known of when it started.
std::string BootId() {
  const std::string text = ReadFile(kBootId, kBootIdBytes).value_or("");
  return text.substr(0, text.find('\n'));
}

// Paths of the files in a folder that were written since then.
std::vector<std::string> FilesSince(const std::string& folder, int64_t unix_seconds) {
  std::vector<std::string> paths;
  std::error_code error;
  for (const auto& file : std::filesystem::directory_iterator(folder, error)) {
    struct stat info{};
    if (::stat(file.path().c_str(), &info) == 0 && S_ISREG(info.st_mode) &&
        info.st_mtim.tv_sec >= unix_seconds) {
      paths.push_back(file.path());
    }
  }
  return paths;
}

// Whether the blob's bytes are those of its name.
Result<bool> IsWhole(const std::string& path, const Digest& digest) {
  TRY_ASSIGN(const Fd file, OpenFile(path));
  PipeSource bytes(file.get());
  const auto copied = CopyVerified(bytes, digest, std::nullopt, [](ByteView) { return Status(); });
  if (!copied && copied.error().code != Code::kCorrupt) {
    return std::unexpected(copied.error());
  }
  return copied.has_value();
}

// A folder that holds anything but a layout is none to write into.
Status CheckIsLayout(const std::string& folder) {
  if (IsThere(folder + "/oci-layout") || !IsThere(folder)) {
    return {};
  }
  // Empty folders can be removed, others not; it is made again at once.
  if (::rmdir(folder.c_str()) != 0 && errno != ENOENT) {
    return errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR
               ? Fail(Code::kInvalidArgument,
                      "'{}' is no OCI layout, and not empty; images are mirrored into a layout or "
                      "a new folder",
                      folder)
               : Status();
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<LayoutStore>> LayoutStore::Open(const std::string& folder) {
  TRY(CheckIsLayout(folder));
  std::unique_ptr<LayoutStore> store(new LayoutStore(folder));
  for (const char* name :
       {"", "/blobs", "/blobs/sha256", "/blobs/sha512", "/.fathom", "/.fathom/partial"}) {
    TRY(MakeFolder(folder + name));
  }
  const std::string lock = store->StatePath("lock");
  store->lock_ = Fd(::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
  if (!store->lock_.valid()) {
    return std::unexpected(SystemError(errno, fmt::format("cannot open '{}'", lock)));
  }
  if (::flock(store->lock_.get(), LOCK_EX | LOCK_NB) != 0) {
    return Fail(Code::kUnavailable, "another process writes into '{}' at the moment", folder);
  }
  if (!IsThere(folder + "/oci-layout")) {
    TRY(WriteFileAtomically(folder + "/oci-layout", AsBytes(kVersion), true));
  }
  TRY(store->RemoveTorn());
  TRY(store->ReadIndex());
  return store;
}

// The file `synced` has two lines: on which start of the machine somebody wrote here, and the Unix
// time at which all was known to be on the disk. A file's own time would reach the disk later.
Status LayoutStore::RemoveTorn() const {
  const auto text = ReadFile(StatePath("synced"), kBootIdBytes);
  const std::string_view line = text ? std::string_view(*text) : std::string_view();
  const size_t end = std::min(line.find('\n'), line.size());
  if (text && line.substr(0, end) == BootId()) {
    return {};
  }
  if (text) {
    const std::string_view rest = line.substr(std::min(end + 1, line.size()));
    const auto since = ParseNumber<int64_t>(rest.substr(0, rest.find('\n')));
    TRY(RemoveTornSince(since.value_or(0)));
  }
  return NoteSynced(std::time(nullptr));
}

Status LayoutStore::RemoveTornSince(int64_t unix_seconds) const {
  for (const auto algorithm : {DigestAlgorithm::kSha256, DigestAlgorithm::kSha512}) {
    const std::string name(AlgorithmName(algorithm));
    for (const std::string& path : FilesSince(folder_ + "/blobs/" + name, unix_seconds)) {
      const auto digest = Digest::Parse(name + ":" + path.substr(path.rfind('/') + 1));
      TRY_ASSIGN(const bool whole, digest ? IsWhole(path, *digest) : Result<bool>(true));
      if (!whole) {
        ::unlink(path.c_str());
      }
    }
  }
  // Of what was half there, the notes may say more than has reached the disk.
  for (const std::string& path : FilesSince(StatePath("partial"), unix_seconds)) {
    ::unlink(path.c_str());
  }
  return {};
}

Status LayoutStore::NoteSynced(int64_t unix_seconds) const {
  const std::string text = fmt::format("{}\n{}\n", BootId(), unix_seconds);
  return WriteFileAtomically(StatePath("synced"), AsBytes(text), true);
}

Status LayoutStore::ReadIndex() {
  auto text = ReadFile(folder_ + "/index.json", kIndexBytes);
  if (!text) {
    return text.error().code == Code::kNotFound ? Status()
                                                : std::unexpected(std::move(text).error());
  }
  Limits limits;
  limits.index_manifests = UINT64_MAX;
  auto index = image::ParseIndex(*text, "", limits);
  if (!index) {
    return Fail(Code::kInvalidArgument, "'{}/index.json': {}", folder_, index.error().message);
  }
  const MutexLock lock(mutex_);
  for (image::Descriptor& image : index->manifests) {
    if (image.name.empty()) {
      others_.push_back(std::move(image));
    } else {
      images_.insert_or_assign(image.name, std::move(image));
    }
  }
  return {};
}

std::string LayoutStore::StatePath(std::string_view name) const {
  return fmt::format("{}/.fathom/{}", folder_, name);
}
std::string LayoutStore::BlobPath(const Digest& digest) const {
  return folder_ + "/" + image::BlobPath(digest);
}
std::string LayoutStore::PartialPath(const Digest& digest) const {
  return StatePath(fmt::format("partial/{}-{}", AlgorithmName(digest.algorithm()), digest.Hex()));
}

bool LayoutStore::Has(const Digest& digest, uint64_t size) const {
  struct stat info{};
  return ::stat(BlobPath(digest).c_str(), &info) == 0 && S_ISREG(info.st_mode) &&
         static_cast<uint64_t>(info.st_size) == size;
}

Result<std::string> LayoutStore::Read(const Digest& digest, uint64_t most) const {
  return ReadFile(BlobPath(digest), most);
}

Status LayoutStore::Put(const Digest& digest, std::string_view text) {
  return Has(digest, text.size()) ? Status()
                                  : WriteFileAtomically(BlobPath(digest), AsBytes(text), false);
}

Status LayoutStore::Commit(const Digest& digest) {
  if (::rename(PartialPath(digest).c_str(), BlobPath(digest).c_str()) != 0) {
    return std::unexpected(SystemError(errno, fmt::format("naming '{}'", BlobPath(digest))));
  }
  return {};
}

Result<uint64_t> LayoutStore::FreeBytes() const {
  struct statvfs info{};
  if (::statvfs(folder_.c_str(), &info) != 0) {
    return std::unexpected(SystemError(errno, fmt::format("'{}'", folder_)));
  }
  return uint64_t{info.f_bavail} * info.f_frsize;
}

void LayoutStore::List(image::Descriptor image) {
  const MutexLock lock(mutex_);
  images_.insert_or_assign(image.name, std::move(image));
}

std::optional<image::Descriptor> LayoutStore::Listed(const std::string& reference) const {
  const MutexLock lock(mutex_);
  const auto found = images_.find(reference);
  return found == images_.end() ? std::nullopt : std::optional(found->second);
}

Status LayoutStore::WriteIndex() {
  std::vector<image::Descriptor> all;
  {
    const MutexLock lock(mutex_);
    all = others_;
    for (const auto& [name, image] : images_) {
      all.push_back(image);
    }
  }
  return WriteFileAtomically(folder_ + "/index.json", AsBytes(image::WriteIndex(all)), true);
}

Status LayoutStore::Sync() {
  const int64_t now = std::time(nullptr);
  // One wait for all the blobs is much less than one for each.
  if (::syncfs(lock_.get()) != 0) {
    return std::unexpected(SystemError(errno, "syncfs"));
  }
  return NoteSynced(now);
}

}  // namespace fathom::registry
