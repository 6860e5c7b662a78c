// A repository as the files of an OCI layout: index.json, which lists one image, and the blobs that
// belong to it.
#pragma once

#include <map>
#include <string>

#include "base/mutex.h"
#include "image/documents.h"
#include "image/file_set.h"
#include "registry/manifests.h"
#include "registry/registry.h"

namespace fathom::registry {

// Asks for what is read, and for nothing else: which blobs there are, and how large, is known from
// the documents that have been read. Thread-safe.
class RegistryFiles final : public image::FileSet {
 public:
  // `root` is what index.json lists. `registry` and `limits` outlive it.
  RegistryFiles(Registry& registry, std::string repository, const image::Descriptor& root,
                const Limits& limits);

  // A document that was fetched already.
  void Keep(const Document& document);
  // A blob whose size nobody has declared.
  void Expect(const Digest& blob);

  // What a document declares of a blob, by its name here. kNotFound.
  Result<image::Descriptor> DescriptorOf(std::string_view name) const;

  Result<image::FileInfo> Find(std::string_view name) const override;
  Result<std::unique_ptr<ByteSource>> Open(std::string_view name) const override;
  Result<std::string> Read(std::string_view name, uint64_t most) const override;
  bool LooksLikeRootfs() const override { return false; }

 private:
  // What has been declared of a blob.
  struct Declared {
    image::Descriptor descriptor;
    bool manifest = false;  // or an index: asked for as such
  };

  void Declare(const image::Descriptor& descriptor, bool manifest) const REQUIRES(mutex_);
  void LearnFrom(std::string_view text) const REQUIRES(mutex_);
  Result<Declared> DeclaredOf(std::string_view name) const;
  Result<std::string> ReadManifest(const Digest& digest) const;

  Registry& registry_;
  const std::string repository_;
  const Limits& limits_;
  const std::string index_;

  mutable Mutex mutex_;
  mutable std::map<Digest, Declared> declared_ GUARDED_BY(mutex_);
  mutable std::map<Digest, std::string> documents_ GUARDED_BY(mutex_);  // manifests, indexes
};

}  // namespace fathom::registry
