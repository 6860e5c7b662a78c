// What tests of extraction share: an image that can be read again, folders that go away, and what
// lies in a folder as the oracle would say it.
#pragma once

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>

#include "analyze/image_fixture.h"
#include "extract/directory_target.h"
#include "extract/extract.h"
#include "extract/stream_target.h"
#include "tests/support/blob.h"
#include "tests/support/oracle.h"
#include "tree/lookup.h"

namespace fathom::extract {

// A folder with room for an output and for what lies beside it.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "fathom-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::string path(std::string_view name = "") const {
    return name.empty() ? path_ : path_ + "/" + std::string(name);
  }
  void Write(std::string_view name, std::string_view content) const {
    std::ofstream(path(name), std::ios::binary) << content;
  }

 private:
  std::string path_;
};

inline std::string ContentOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// An image on disk, opened and analysed.
struct TestImage {
  explicit TestImage(const testing::ImageSpec& spec, bool compressed = false)
      : file([&] {
          const std::string archive =
              testing::DockerArchive(spec, testing::DockerDialect::kDocker25);
          return compressed ? testing::Gzip(archive) : archive;
        }()) {
    source = *image::OpenSource(*image::ParseReference(file.path()), limits);
    auto analysed = analyze::Analyze(*source, {});
    EXPECT_TRUE(analysed) << analysed.error().message;
    analysis = std::move(*analysed);
  }
  explicit TestImage(const testing::ImageEntries& layers, bool compressed = false)
      : TestImage(analyze::SpecOf(layers), compressed) {}

  const tree::FileTree& tree() const { return analysis.tree; }
  size_t last() const { return tree().layer_count() - 1; }

  Result<Plan> PlanOf(std::initializer_list<std::string_view> paths, bool keep_special = true,
                      std::optional<size_t> layer = {}) const {
    std::vector<tree::NodeId> tops;
    for (const std::string_view path : paths) {
      TRY_ASSIGN(const tree::NodeId node,
                 tree::LookUp(tree(), path, layer.value_or(last()), tree::LastLink::kKeep));
      tops.push_back(node);
    }
    return MakePlan(tree(), tops, layer.value_or(last()), keep_special, limits);
  }

  Result<Losses> ToDirectory(const Plan& plan, const std::string& path, DirectoryOptions options) {
    TRY_ASSIGN(const auto target, DirectoryTarget::Open(tree(), path, options));
    TRY(Extract(plan, tree(), *source, analysis.image, limits, *target));
    return target->losses();
  }
  // Everything, as whoever runs the test would.
  Result<Losses> ToDirectory(const std::string& path, bool overwrite = false) {
    TRY_ASSIGN(const Plan plan, PlanOf({"/"}));
    return ToDirectory(plan, path, {overwrite, ::geteuid() == 0});
  }

  Status ToTar(const Plan& plan, const std::string& path) {
    TRY_ASSIGN(const auto out, OutputFile::Open(path, true));
    TarTarget target(tree(), *out);
    TRY(Extract(plan, tree(), *source, analysis.image, limits, target));
    return out->Commit();
  }

  Limits limits;
  analyze::TemporaryFile file;
  std::unique_ptr<image::ImageSource> source;
  analyze::Analysis analysis;
};

inline void ReadXattrsOf(const std::string& path, testing::OracleFile& file) {
  std::string names(4096, '\0');
  const ssize_t size = ::llistxattr(path.c_str(), names.data(), names.size());
  for (size_t at = 0; size > 0 && at < static_cast<size_t>(size);) {
    const std::string name(names.c_str() + at);
    std::string value(4096, '\0');
    const ssize_t got = ::lgetxattr(path.c_str(), name.c_str(), value.data(), value.size());
    value.resize(static_cast<size_t>(std::max<ssize_t>(got, 0)));
    file.xattrs.emplace_back(name, value);
    at += name.size() + 1;
  }
  std::ranges::sort(file.xattrs);
}

// Every path below a folder, and which of them are one file: each such path with the first.
struct Listing {
  std::map<std::string, testing::OracleFile> files;
  std::map<std::string, std::string> links;

  bool operator==(const Listing&) const = default;
};

inline Listing ReadFolder(const std::string& root) {
  Listing listing;
  std::map<std::pair<dev_t, ino_t>, std::string> firsts;
  std::vector<std::string> paths;
  for (const auto& found : std::filesystem::recursive_directory_iterator(root)) {
    paths.push_back(found.path().string());
  }
  std::ranges::sort(paths);
  for (const std::string& path : paths) {
    struct stat facts{};
    EXPECT_EQ(::lstat(path.c_str(), &facts), 0) << path;
    testing::OracleFile file;
    const auto format = facts.st_mode & S_IFMT;
    file.type = format == S_IFDIR   ? '5'
                : format == S_IFLNK ? '2'
                : format == S_IFCHR ? '3'
                : format == S_IFBLK ? '4'
                : format == S_IFIFO ? '6'
                                    : '0';
    file.mode = facts.st_mode & 07777;
    file.uid = facts.st_uid;
    file.gid = facts.st_gid;
    file.mtime = facts.st_mtim.tv_sec;
    if (file.type == '0') {
      file.size = static_cast<uint64_t>(facts.st_size);
      file.content_sha256 = DigestOf(AsBytes(ContentOf(path))).Hex();
    } else if (file.type == '2') {
      file.link = std::filesystem::read_symlink(path).string();
    } else if (file.type == '3' || file.type == '4') {
      file.dev_major = major(facts.st_rdev);
      file.dev_minor = minor(facts.st_rdev);
    }
    ReadXattrsOf(path, file);
    const std::string name = path.substr(root.size());
    const auto [first, is_first] = firsts.emplace(std::pair(facts.st_dev, facts.st_ino), name);
    if (!is_first) {
      listing.links[name] = first->second;
    }
    listing.files[name] = std::move(file);
  }
  return listing;
}

// Runs `work` in a process of its own as somebody who is not root; true when it returned true.
inline bool AsNobody(const std::function<bool()>& work) {
  const pid_t child = ::fork();
  if (child == 0) {
    constexpr uid_t kNobody = 65534;
    const bool changed = ::geteuid() != 0 || (::setgid(kNobody) == 0 && ::setuid(kNobody) == 0);
    const bool good = changed && work();
    std::fflush(nullptr);
    ::_exit(good ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace fathom::extract
