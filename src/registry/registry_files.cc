#include "registry/registry_files.h"

#include "registry/blob_stream.h"
#include "registry/foreign_blob.h"
#include "registry/registry_source.h"

namespace fathom::registry {
namespace {

constexpr std::string_view kIndexName = "index.json";

}  // namespace

RegistryFiles::RegistryFiles(Registry& registry, std::string repository,
                             const image::Descriptor& root, const Limits& limits)
    : registry_(registry),
      repository_(std::move(repository)),
      limits_(limits),
      index_(image::WriteIndex({&root, 1})) {
  const MutexLock lock(mutex_);
  Declare(root, true);
}

void RegistryFiles::Keep(const Document& document) {
  const MutexLock lock(mutex_);
  documents_[document.digest] = document.text;
  LearnFrom(document.text);
}

void RegistryFiles::Expect(const Digest& blob) {
  const MutexLock lock(mutex_);
  declared_.try_emplace(blob);
}

void RegistryFiles::Declare(const image::Descriptor& descriptor, bool manifest) const {
  if (descriptor.foreign && !registry_.settings().foreign) {
    return;
  }
  declared_.try_emplace(descriptor.digest, Declared{descriptor, manifest});
}

// What cannot be parsed is told when somebody wants to know what it says.
void RegistryFiles::LearnFrom(std::string_view text) const {
  const auto is_index = image::HasManifests(text, limits_);
  if (!is_index) {
    return;
  }
  if (*is_index) {
    if (const auto index = image::ParseIndex(text, "", limits_)) {
      for (const image::Descriptor& manifest : index->manifests) {
        Declare(manifest, true);
      }
    }
  } else if (const auto manifest = image::ParseManifest(text, "", limits_)) {
    Declare(manifest->config, false);
    for (const image::Descriptor& layer : manifest->layers) {
      Declare(layer, false);
    }
  }
}

Result<RegistryFiles::Declared> RegistryFiles::DeclaredOf(std::string_view name) const {
  const MutexLock lock(mutex_);
  const auto found = declared_.find(image::DigestOfBlobPath(name));
  if (found == declared_.end()) {
    return Fail(Code::kNotFound, "no document names the blob '{}'", name);
  }
  return found->second;
}

Result<image::Descriptor> RegistryFiles::DescriptorOf(std::string_view name) const {
  TRY_ASSIGN(Declared declared, DeclaredOf(name));
  return std::move(declared.descriptor);
}

Result<image::FileInfo> RegistryFiles::Find(std::string_view name) const {
  image::FileInfo info;
  info.name = name;
  if (name == kIndexName) {
    info.size = index_.size();
    return info;
  }
  TRY_ASSIGN(const Declared declared, DeclaredOf(name));
  info.size = declared.descriptor.size;
  return info;
}

Result<std::string> RegistryFiles::ReadManifest(const Digest& digest) const {
  {
    const MutexLock lock(mutex_);
    if (const auto found = documents_.find(digest); found != documents_.end()) {
      return found->second;
    }
  }
  RemoteName name;
  name.registry = registry_.name();
  name.repository = repository_;
  name.digest = digest;
  auto document = FetchManifest(registry_, name, limits_);
  if (!document) {
    return FromRegistry(std::move(document).error(), registry_);
  }
  const MutexLock lock(mutex_);
  documents_[digest] = document->text;
  LearnFrom(document->text);
  return document->text;
}

Result<std::string> RegistryFiles::Read(std::string_view name, uint64_t most) const {
  if (name == kIndexName) {
    return index_;
  }
  TRY_ASSIGN(const Declared declared, DeclaredOf(name));
  if (declared.manifest) {
    return ReadManifest(image::DigestOfBlobPath(name));
  }
  TRY_ASSIGN(const auto blob, Open(name));
  return ReadAll(*blob, most);
}

Result<std::unique_ptr<ByteSource>> RegistryFiles::Open(std::string_view name) const {
  if (name == kIndexName) {
    return std::make_unique<MemorySource>(AsBytes(index_));
  }
  TRY_ASSIGN(const Declared declared, DeclaredOf(name));
  if (!declared.descriptor.urls.empty()) {
    auto foreign = OpenForeignBlob(registry_, declared.descriptor.urls);
    return foreign ? Result<std::unique_ptr<ByteSource>>(*std::move(foreign))
                   : FromRegistry(std::move(foreign).error(), registry_);
  }
  auto blob = BlobStream::Open(registry_, repository_, image::DigestOfBlobPath(name));
  if (!blob) {
    return FromRegistry(std::move(blob).error(), registry_);
  }
  return *std::move(blob);
}

}  // namespace fathom::registry
