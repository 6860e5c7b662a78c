#include "registry/archive_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "archive/open_stream.h"
#include "archive/tar_writer.h"
#include "base/io.h"
#include "image/directory_file_set.h"
#include "image/oci_layout.h"
#include "registry/verified_copy.h"

namespace fathom::registry {
namespace {

class Archive {
 public:
  explicit Archive(const PutBytes& put) : put_(put) {}

  Status Add(const std::string& name, uint64_t size, ByteSource& bytes) {
    archive::TarEntry entry;
    entry.path = name;
    entry.mode = 0644;
    entry.size = size;
    TRY(put_(AsBytes(archive::TarHeaderBlocks(entry))));
    std::vector<uint8_t> buffer(kPiece);
    uint64_t written = 0;
    while (written < size) {
      TRY_ASSIGN(const size_t got, bytes.Read(buffer));
      if (got == 0) {
        return Fail(Code::kIo, "'{}' became shorter while it was read", name);
      }
      const auto use = static_cast<size_t>(std::min<uint64_t>(got, size - written));
      TRY(put_({buffer.data(), use}));
      written += use;
    }
    return put_(AsBytes(archive::TarPadding(size)));
  }

  Status Add(const std::string& name, std::string_view text) {
    MemorySource source(AsBytes(text));
    return Add(name, text.size(), source);
  }

  Status AddFile(const std::string& name, const std::string& path) {
    TRY_ASSIGN(Fd file, OpenFile(path));
    const uint64_t size = std::filesystem::file_size(path);
    FileSource source(std::make_shared<const Fd>(std::move(file)), 0, size);
    return Add(name, size, source);
  }

  Status End() { return put_(AsBytes(archive::TarEnd())); }

 private:
  const PutBytes& put_;
};

// Unpacks into a file without a name, whose size is then known.
Result<std::pair<Fd, uint64_t>> Unpack(ByteSource& bytes, const std::string& folder) {
  Fd file(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (!file.valid()) {
    return std::unexpected(SystemError(errno, fmt::format("a temporary file in '{}'", folder)));
  }
  std::vector<uint8_t> buffer(kPiece);
  uint64_t size = 0;
  while (true) {
    TRY_ASSIGN(const size_t got, bytes.Read(buffer));
    if (got == 0) {
      return std::pair{std::move(file), size};
    }
    TRY(WriteAll(file.get(), {buffer.data(), got}));
    size += got;
  }
}

class DockerWriter {
 public:
  DockerWriter(const LayoutStore& store, const Limits& limits, const PutBytes& put)
      : store_(store), limits_(limits), archive_(put) {}

  Status Add(const std::string& reference, const image::Platform& platform) {
    TRY_ASSIGN(Fd folder, OpenFolder());
    const image::DirectoryFileSet files(std::move(folder));
    image::Selection selection;
    selection.tag = reference;
    selection.platform = platform;
    auto image = image::OpenOciLayout(files, selection, limits_);
    if (!image) {
      return Wrap(std::move(image).error(), "{}", reference);
    }
    nlohmann::json entry;
    entry["Config"] = image->config_digest.Hex() + ".json";
    TRY(AddOnce(entry["Config"], image->config_json));
    // A name with a digest is no tag.
    entry["RepoTags"] =
        reference.contains('@') ? nlohmann::json::array() : nlohmann::json::array({reference});
    entry["Layers"] = nlohmann::json::array();
    for (const image::Layer& layer : image->layers) {
      TRY_ASSIGN(std::string name, AddLayer(layer));
      entry["Layers"].push_back(std::move(name));
    }
    manifest_.push_back(std::move(entry));
    return {};
  }

  Status End() {
    TRY(archive_.Add("manifest.json", manifest_.dump()));
    return archive_.End();
  }

 private:
  Result<Fd> OpenFolder() const {
    Fd folder(::open(store_.folder().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder.valid()) {
      return std::unexpected(SystemError(errno, fmt::format("'{}'", store_.folder())));
    }
    return folder;
  }

  Status AddOnce(const std::string& name, const std::string& text) {
    return added_.insert(name).second ? archive_.Add(name, text) : Status();
  }

  Result<std::string> AddLayer(const image::Layer& layer) {
    const std::string path = store_.BlobPath(layer.digest);
    TRY_ASSIGN(Fd file, OpenFile(path));
    auto source = std::make_unique<FileSource>(std::make_shared<const Fd>(std::move(file)), 0,
                                               std::filesystem::file_size(path));
    TRY_ASSIGN(const archive::DecodedStream stream,
               archive::OpenStream(std::move(source), limits_));
    const bool unpacks = stream.compression == archive::Compression::kZstd;
    const bool gzip = stream.compression == archive::Compression::kGzip;
    std::string name = layer.digest.Hex() + (gzip ? ".tar.gz" : ".tar");
    if (!added_.insert(name).second) {
      return name;
    }
    if (!unpacks) {
      TRY(archive_.AddFile(name, path));
      return name;
    }
    TRY_ASSIGN(auto unpacked, Unpack(*stream.bytes, store_.StatePath("partial")));
    FileSource whole(std::make_shared<const Fd>(std::move(unpacked.first)), 0, unpacked.second);
    TRY(archive_.Add(name, unpacked.second, whole));
    return name;
  }

  const LayoutStore& store_;
  const Limits& limits_;
  Archive archive_;
  std::set<std::string> added_;
  nlohmann::json manifest_ = nlohmann::json::array();
};

}  // namespace

Status WriteDockerArchive(const LayoutStore& store, const std::vector<std::string>& references,
                          const image::Platform& platform, const Limits& limits,
                          const PutBytes& put) {
  DockerWriter writer(store, limits, put);
  for (const std::string& reference : references) {
    TRY(writer.Add(reference, platform));
  }
  return writer.End();
}

Status WriteOciArchive(const LayoutStore& store, const PutBytes& put) {
  Archive archive(put);
  for (const char* name : {"oci-layout", "index.json"}) {
    TRY(archive.AddFile(name, store.folder() + "/" + name));
  }
  for (const char* algorithm : {"sha256", "sha512"}) {
    const std::string folder = fmt::format("blobs/{}/", algorithm);
    std::set<std::string> names;
    std::error_code error;
    for (const auto& file :
         std::filesystem::directory_iterator(store.folder() + "/" + folder, error)) {
      names.insert(file.path().filename());
    }
    if (error) {
      return Fail(Code::kIo, "'{}': {}", folder, error.message());
    }
    for (const std::string& name : names) {
      // What a process that was killed left, under a name that is no digest.
      if (!name.contains('.')) {
        TRY(archive.AddFile(folder + name, store.folder() + "/" + folder + name));
      }
    }
  }
  return archive.End();
}

}  // namespace fathom::registry
