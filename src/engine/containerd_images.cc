#include "engine/containerd_images.h"

namespace fathom::engine {
namespace {

using Bucket = BoltFile::Bucket;
using Entry = BoltFile::Entry;

// An image whose target is no digest is left out.
Status AddImage(const BoltFile& metadata, const std::string& space, const Entry& entry,
                ContainerdImages& found) {
  if (!entry.is_bucket) {
    return {};
  }
  TRY_ASSIGN(const Bucket bucket, BoltFile::AsBucket(entry));
  TRY_ASSIGN(const std::optional<Bucket> target, metadata.FindBucket(bucket, "target"));
  if (!target) {
    return {};
  }
  TRY_ASSIGN(const auto text, metadata.FindValue(*target, "digest"));
  TRY_ASSIGN(const auto media_type, metadata.FindValue(*target, "mediatype"));
  if (const auto digest = Digest::Parse(text.value_or(""))) {
    found.images.push_back(
        {space, std::string(entry.key), std::string(media_type.value_or("")), *digest});
  }
  return {};
}

}  // namespace

Result<ContainerdImages> ListContainerdImages(const BoltFile& metadata, const std::string& space) {
  ContainerdImages found;
  TRY_ASSIGN(const std::optional<Bucket> version, metadata.FindBucket(metadata.root(), "v1"));
  if (!version) {
    return found;
  }
  TRY(metadata.Visit(*version, [&](const Entry& entry) -> Status {
    if (!entry.is_bucket || (!space.empty() && entry.key != space)) {
      return {};
    }
    TRY_ASSIGN(const Bucket bucket, BoltFile::AsBucket(entry));
    found.spaces.emplace_back(entry.key);
    TRY_ASSIGN(const std::optional<Bucket> images, metadata.FindBucket(bucket, "images"));
    return !images ? Status() : metadata.Visit(*images, [&](const Entry& image) {
      return AddImage(metadata, found.spaces.back(), image, found);
    });
  }));
  return found;
}

}  // namespace fathom::engine
