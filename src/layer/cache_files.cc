#include "layer/cache_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <optional>

namespace fathom::layer {
namespace {

using Clock = std::chrono::system_clock;

constexpr std::chrono::hours kTemporaryLife{1};
constexpr std::array kAlgorithms = {DigestAlgorithm::kSha256, DigestAlgorithm::kSha512};
constexpr std::string_view kTemporarySuffix = ".tmp";

std::string_view ContentName(ContentAlgorithm algorithm) {
  return algorithm == ContentAlgorithm::kXxh3_128 ? "xxh3" : "sha256";
}

std::string LayerFolder(const Digest& diff_id) {
  return fmt::format("layers/{}/{}", AlgorithmName(diff_id.algorithm()),
                     HexOf(diff_id.bytes().first(1)));
}

Clock::time_point TimeOf(const timespec& time) {
  return Clock::time_point(std::chrono::duration_cast<Clock::duration>(
      std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec)));
}

bool IsNumber(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// "file-kind-v1.facet" to the path of that facet.
std::optional<CachePath> FacetPathFrom(const Digest& diff_id, std::string_view ending) {
  if (!ending.ends_with(".facet")) {
    return std::nullopt;
  }
  ending.remove_suffix(std::string_view(".facet").size());
  const size_t mark = ending.rfind("-v");
  uint32_t version = 0;
  if (mark == std::string_view::npos || !IsFacetName(ending.substr(0, mark)) ||
      !IsNumber(ending.substr(mark + 2))) {
    return std::nullopt;
  }
  std::from_chars(ending.data() + mark + 2, ending.data() + ending.size(), version);
  return FacetPath(diff_id, ending.substr(0, mark), version);
}

// What the cache would call so, if anything: only names are looked at.
std::optional<CacheFile> Recognise(const CachePath& path) {
  const size_t dot = path.name.find('.');
  if (dot == std::string::npos) {
    return std::nullopt;
  }
  const std::string_view hex = std::string_view(path.name).substr(0, dot);
  const std::string_view ending = std::string_view(path.name).substr(dot + 1);
  const auto digest =
      Digest::Parse(fmt::format("{}:{}", hex.size() == 64 ? "sha256" : "sha512", hex));
  if (!digest) {
    return std::nullopt;
  }
  CacheFile file{CacheKind::kIndex, "", *digest, {}, 0, {}};
  if (ending == "record") {
    file.kind = CacheKind::kRecord;
    file.name = "image";
    file.path = RecordPath(*digest);
  } else if (ending == "json") {
    file.kind = CacheKind::kConfig;
    file.name = "config";
    file.path = ConfigPath(*digest);
  } else if (ending == "xxh3.index" || ending == "sha256.index") {
    file.name = ending.substr(0, ending.find('.'));
    file.path = IndexPath(
        *digest, file.name == "xxh3" ? ContentAlgorithm::kXxh3_128 : ContentAlgorithm::kSha256);
  } else if (auto facet = FacetPathFrom(*digest, ending)) {
    file.kind = CacheKind::kFacet;
    file.name = ending.substr(0, ending.find('.'));
    file.path = *std::move(facet);
  }
  // Catches the wrong folder and odd spellings, such as leading zeros, all at once.
  if (file.path.folder != path.folder || file.path.name != path.name) {
    return std::nullopt;
  }
  return file;
}

// "NAME.PROCESS.COUNTER.tmp" of a NAME that the cache gives.
bool IsTemporary(const CachePath& path) {
  std::string_view name = path.name;
  if (!name.ends_with(kTemporarySuffix)) {
    return false;
  }
  name.remove_suffix(kTemporarySuffix.size());
  for (int part = 0; part < 2; ++part) {
    const size_t dot = name.rfind('.');
    if (dot == std::string_view::npos || !IsNumber(name.substr(dot + 1))) {
      return false;
    }
    name = name.substr(0, dot);
  }
  return Recognise({path.folder, std::string(name)}).has_value();
}

Result<Fd> OpenAt(const Fd& folder, const std::string& name, int flags, mode_t mode = 0) {
  Fd file(::openat(folder.get(), name.c_str(), flags | O_NOFOLLOW | O_CLOEXEC, mode));
  if (!file.valid()) {
    return std::unexpected(SystemError(errno, fmt::format("cannot open '{}'", name)));
  }
  return file;
}

// The cache's folder and those above it; private, as the XDG base directories are.
void MakeDirectories(const std::string& directory) {
  for (size_t end = directory.find('/', 1);; end = directory.find('/', end + 1)) {
    ::mkdir(directory.substr(0, end).c_str(), 0700);
    if (end == std::string::npos) {
      return;
    }
  }
}

struct Temporary {
  Fd file;
  std::string name;
};

// A new file beside its later place, locked for as long as its writer lives: so that others can
// tell a file in the making from one that a killed process left.
Result<Temporary> CreateTemporary(const Fd& folder, const std::string& name) {
  static std::atomic<unsigned> counter = 0;
  // Names are unique but for processes of several pid namespaces that share a cache.
  for (int attempt = 0; attempt < 32; ++attempt) {
    std::string temporary =
        fmt::format("{}.{}.{}{}", name, ::getpid(), counter++, kTemporarySuffix);
    Fd file(::openat(folder.get(), temporary.c_str(),
                     O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
    if (!file.valid() && errno != EEXIST) {
      return std::unexpected(SystemError(errno, fmt::format("cannot create '{}'", temporary)));
    }
    // Somebody who tidies up may have taken the new file for an abandoned one.
    struct stat state{};
    if (file.valid() && (::flock(file.get(), LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) &&
        ::fstat(file.get(), &state) == 0 && state.st_nlink > 0) {
      return Temporary{std::move(file), std::move(temporary)};
    }
  }
  return Fail(Code::kIo, "cannot create a temporary file for '{}'", name);
}

Status WriteAll(const Fd& file, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(file.get(), bytes.data(), bytes.size());
    if (put < 0 && errno != EINTR) {
      return std::unexpected(SystemError(errno, "writing"));
    }
    bytes = bytes.subspan(static_cast<size_t>(std::max<ssize_t>(put, 0)));
  }
  return {};
}

// The names in a folder; none when it cannot be read.
std::vector<std::string> NamesIn(const Fd& folder) {
  std::vector<std::string> names;
  const int number = ::fcntl(folder.get(), F_DUPFD_CLOEXEC, 0);
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(number < 0 ? nullptr : ::fdopendir(number),
                                                   ::closedir);
  if (stream == nullptr) {
    if (number >= 0) {
      ::close(number);
    }
    return names;
  }
  while (const dirent* entry = ::readdir(stream.get())) {
    names.emplace_back(entry->d_name);
  }
  return names;
}

}  // namespace

bool IsFacetName(std::string_view name) {
  return !name.empty() && name.size() <= 64 &&
         std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; });
}

CachePath IndexPath(const Digest& diff_id, ContentAlgorithm algorithm) {
  return {LayerFolder(diff_id), fmt::format("{}.{}.index", diff_id.Hex(), ContentName(algorithm))};
}

CachePath FacetPath(const Digest& diff_id, std::string_view facet, uint32_t version) {
  return {LayerFolder(diff_id), fmt::format("{}.{}-v{}.facet", diff_id.Hex(), facet, version)};
}

CachePath ConfigPath(const Digest& digest) {
  return {fmt::format("configs/{}", AlgorithmName(digest.algorithm())),
          fmt::format("{}.json", digest.Hex())};
}

CachePath RecordPath(const Digest& digest) {
  return {fmt::format("images/{}", AlgorithmName(digest.algorithm())),
          fmt::format("{}.record", digest.Hex())};
}

Result<Fd> CacheFiles::OpenFolder(const std::string& folder, bool create) const {
  Fd at(::open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!at.valid() && create && errno == ENOENT) {
    MakeDirectories(directory_);
    at = Fd(::open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }
  if (!at.valid()) {
    return std::unexpected(SystemError(errno, fmt::format("cannot open '{}'", directory_)));
  }
  for (size_t begin = 0; begin < folder.size();) {
    const size_t end = std::min(folder.find('/', begin), folder.size());
    const std::string component = folder.substr(begin, end - begin);
    if (create) {
      ::mkdirat(at.get(), component.c_str(), 0777);
    }
    TRY_ASSIGN(at, OpenAt(at, component, O_RDONLY | O_DIRECTORY));
    begin = end + 1;
  }
  return at;
}

Result<CacheBytes> CacheFiles::Read(const CachePath& path, uint64_t most) const {
  TRY_ASSIGN(const Fd folder, OpenFolder(path.folder, /*create=*/false));
  CacheBytes bytes;
  // O_NONBLOCK: a fifo under this name must not make us wait.
  TRY_ASSIGN(bytes.file_, OpenAt(folder, path.name, O_RDONLY | O_NONBLOCK));
  if (::fstat(bytes.file_.get(), &bytes.state_) != 0 || !S_ISREG(bytes.state_.st_mode)) {
    return Fail(Code::kNotFound, "'{}' is no regular file", path.name);
  }
  const auto size = static_cast<uint64_t>(bytes.state_.st_size);
  if (size > most) {
    return Fail(Code::kLimit, "'{}' has {} bytes", path.name, size);
  }
  bytes.bytes_ = std::make_unique_for_overwrite<uint8_t[]>(size);
  if (size > 0) {
    PipeSource source(bytes.file_.get());
    TRY_ASSIGN(bytes.size_, ReadFull(source, {bytes.bytes_.get(), size}));
  }
  return bytes;
}

Status CacheFiles::Write(const CachePath& path, ByteView bytes) const {
  TRY_ASSIGN(const Fd folder, OpenFolder(path.folder, /*create=*/true));
  TRY_ASSIGN(const Temporary temporary, CreateTemporary(folder, path.name));
  Status status = WriteAll(temporary.file, bytes);
  // No fsync: every file carries a checksum, or is named by its digest, so that a file which a
  // crash of the machine tore is a miss. An fsync would cost more than many a layer's whole scan.
  if (status &&
      ::renameat(folder.get(), temporary.name.c_str(), folder.get(), path.name.c_str()) != 0) {
    status = std::unexpected(SystemError(errno, "rename"));
  }
  if (!status) {
    ::unlinkat(folder.get(), temporary.name.c_str(), 0);
    return Wrap(status.error(), "'{}/{}/{}'", directory_, path.folder, path.name);
  }
  return {};
}

void CacheFiles::Touch(const CacheBytes& bytes) const {
  // The order in which files were used is all that is lost when this fails.
  static_cast<void>(::futimens(bytes.file_.get(), nullptr));
}

bool CacheFiles::Remove(const CachePath& path) const {
  const auto folder = OpenFolder(path.folder, /*create=*/false);
  struct stat state{};
  return folder && ::fstatat(folder->get(), path.name.c_str(), &state, AT_SYMLINK_NOFOLLOW) == 0 &&
         S_ISREG(state.st_mode) && ::unlinkat(folder->get(), path.name.c_str(), 0) == 0;
}

bool CacheFiles::Remove(const CachePath& path, const CacheBytes& bytes) const {
  const auto folder = OpenFolder(path.folder, /*create=*/false);
  struct stat state{};
  return folder && ::fstatat(folder->get(), path.name.c_str(), &state, AT_SYMLINK_NOFOLLOW) == 0 &&
         state.st_ino == bytes.state_.st_ino && state.st_dev == bytes.state_.st_dev &&
         ::unlinkat(folder->get(), path.name.c_str(), 0) == 0;
}

bool CacheFiles::RemoveAbandoned(const TemporaryFile& temporary) const {
  const auto folder = OpenFolder(temporary.path.folder, /*create=*/false);
  if (!folder) {
    return false;
  }
  const auto file = OpenAt(*folder, temporary.path.name, O_RDONLY | O_NONBLOCK);
  // The lock is kept until the file is gone, so that its writer cannot begin in between.
  const bool abandoned = file && (Clock::now() - temporary.last_written > kTemporaryLife ||
                                  ::flock(file->get(), LOCK_EX | LOCK_NB) == 0);
  return abandoned && Remove(temporary.path);
}

void CacheFiles::ListFolder(const std::string& folder, CacheFileList& list) const {
  const auto opened = OpenFolder(folder, /*create=*/false);
  if (!opened) {
    return;
  }
  for (const std::string& name : NamesIn(*opened)) {
    const CachePath path{folder, name};
    auto file = Recognise(path);
    struct stat state{};
    if ((!file && !IsTemporary(path)) ||
        ::fstatat(opened->get(), name.c_str(), &state, AT_SYMLINK_NOFOLLOW) != 0 ||
        !S_ISREG(state.st_mode)) {
      continue;
    }
    const auto bytes = static_cast<uint64_t>(state.st_size);
    if (!file) {
      list.temporaries.push_back({path, bytes, TimeOf(state.st_mtim)});
      continue;
    }
    file->bytes = bytes;
    file->last_used = TimeOf(state.st_mtim);
    list.files.push_back(*std::move(file));
  }
}

CacheFileList CacheFiles::List() const {
  CacheFileList list;
  for (const DigestAlgorithm algorithm : kAlgorithms) {
    ListFolder(fmt::format("configs/{}", AlgorithmName(algorithm)), list);
    ListFolder(fmt::format("images/{}", AlgorithmName(algorithm)), list);
    const std::string layers = fmt::format("layers/{}", AlgorithmName(algorithm));
    if (auto opened = OpenFolder(layers, /*create=*/false)) {
      for (const std::string& prefix : NamesIn(*opened)) {
        if (prefix.size() == 2 && prefix != "..") {
          ListFolder(fmt::format("{}/{}", layers, prefix), list);
        }
      }
    }
  }
  return list;
}

}  // namespace fathom::layer
