#include "image/oci_index.h"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <set>

#include "image/tag.h"

namespace fathom::image {
namespace {

constexpr std::string_view kIndexName = "index.json";

// Walks the indexes breadth first, with a queue in place of recursion.
class IndexWalk {
 public:
  IndexWalk(const FileSet& files, const Limits& limits) : files_(files), limits_(limits) {}

  Result<std::vector<ListedManifest>> Run(const std::string& tag);

 private:
  struct Item {
    ListedManifest listed;
    uint64_t depth = 0;  // indexes above it, index.json not counted
  };

  Status Enqueue(std::vector<Descriptor> descriptors, const Item* parent);
  void KeepNamed(const std::string& tag);
  Status Visit(Item item);
  Result<std::optional<std::string>> ReadIndex(const Descriptor& descriptor) const;
  void AddManifest(ListedManifest listed);

  const FileSet& files_;
  const Limits& limits_;
  uint64_t descriptors_ = 0;
  std::deque<Item> queue_;
  std::set<Digest> visited_;  // indexes
  std::vector<ListedManifest> manifests_;
  std::map<Digest, size_t> place_;  // of a manifest in manifests_
};

void AddName(std::vector<std::string>& names, const std::string& name) {
  if (!name.empty() && std::ranges::find(names, name) == names.end()) {
    names.push_back(name);
  }
}

Result<std::vector<ListedManifest>> IndexWalk::Run(const std::string& tag) {
  TRY_ASSIGN(const std::string text,
             ReadDocument(files_, kIndexName, limits_, &Limits::index_bytes));
  auto index = ParseIndex(text, "", limits_);
  if (!index) {
    return Wrap(index.error(), "'{}'", kIndexName);
  }
  TRY(Enqueue(std::move(index->manifests), nullptr));
  if (!tag.empty()) {
    KeepNamed(tag);
  }
  while (!queue_.empty()) {
    Item item = std::move(queue_.front());
    queue_.pop_front();
    TRY(Visit(std::move(item)));
  }
  return std::move(manifests_);
}

Status IndexWalk::Enqueue(std::vector<Descriptor> descriptors, const Item* parent) {
  descriptors_ += descriptors.size();
  if (descriptors_ > limits_.index_manifests) {
    return OverLimit(&Limits::index_manifests, limits_,
                     fmt::format("a sum of {} manifests", descriptors_));
  }
  for (Descriptor& descriptor : descriptors) {
    if (descriptor.attestation) {
      continue;
    }
    Item item;
    Choice& choice = item.listed.choice;
    choice.id = "@" + descriptor.digest.ToString();
    choice.platform = descriptor.platform;
    choice.origin = choice.id;
    if (parent != nullptr) {
      choice.names = parent->listed.choice.names;
      choice.origin = parent->listed.choice.origin;
      item.depth = parent->depth + 1;
    }
    AddName(choice.names, descriptor.name);
    item.listed.descriptor = std::move(descriptor);
    queue_.push_back(std::move(item));
  }
  return {};
}

// Where index.json names the tag, what stands under other tags need not even be readable.
void IndexWalk::KeepNamed(const std::string& tag) {
  const auto match = [&tag](const Item& item) {
    const Choice& choice = item.listed.choice;
    return tag == choice.id || "@" + tag == choice.id ? TagMatch::kExact
                                                      : MatchTag(tag, choice.names);
  };
  TagMatch best = TagMatch::kNone;
  for (const Item& item : queue_) {
    best = std::max(best, match(item));
  }
  std::erase_if(queue_, [&](const Item& item) { return match(item) < best; });
}

// The text of an index; nothing for a manifest. A manifest may be absent: it may be for another
// platform, and only what is chosen must be there.
Result<std::optional<std::string>> IndexWalk::ReadIndex(const Descriptor& descriptor) const {
  const bool is_manifest = IsManifestType(descriptor.media_type);
  const bool is_index = IsIndexType(descriptor.media_type);
  if (is_manifest || (!is_index && !HasFile(files_, BlobPath(descriptor.digest)))) {
    return std::nullopt;
  }
  TRY_ASSIGN(std::string text, ReadBlob(files_, descriptor, limits_, &Limits::index_bytes));
  if (is_index) {
    return text;
  }
  auto by_members = HasManifests(text, limits_);
  if (!by_members) {
    return Wrap(by_members.error(), "blob {}", descriptor.digest.ToString());
  }
  return *by_members ? std::optional(std::move(text)) : std::nullopt;
}

Status IndexWalk::Visit(Item item) {
  const Descriptor& descriptor = item.listed.descriptor;
  TRY_ASSIGN(const std::optional<std::string> text, ReadIndex(descriptor));
  if (!text) {
    AddManifest(std::move(item.listed));
    return {};
  }
  if (item.depth >= limits_.index_depth) {
    return OverLimit(&Limits::index_depth, limits_,
                     fmt::format("index {}", descriptor.digest.ToString()));
  }
  if (!visited_.insert(descriptor.digest).second) {
    return {};
  }
  auto index = ParseIndex(*text, descriptor.media_type, limits_);
  if (!index) {
    return Wrap(index.error(), "index {}", descriptor.digest.ToString());
  }
  return Enqueue(std::move(index->manifests), &item);
}

void IndexWalk::AddManifest(ListedManifest listed) {
  const auto [place, is_new] = place_.emplace(listed.descriptor.digest, manifests_.size());
  if (is_new) {
    manifests_.push_back(std::move(listed));
    return;
  }
  ListedManifest& known = manifests_[place->second];
  for (const std::string& name : listed.choice.names) {
    AddName(known.choice.names, name);
  }
  if (known.choice.platform == Platform()) {
    known.choice.platform = listed.choice.platform;
  }
}

bool IsArtifact(const ListedManifest& listed) { return !listed.descriptor.artifact_type.empty(); }

}  // namespace

Result<std::vector<ListedManifest>> ListManifests(const FileSet& files, const std::string& tag,
                                                  const Limits& limits) {
  TRY_ASSIGN(std::vector<ListedManifest> manifests, IndexWalk(files, limits).Run(tag));
  if (!std::ranges::all_of(manifests, IsArtifact)) {
    std::erase_if(manifests, IsArtifact);
  }
  return manifests;
}

Result<std::string> ReadBlob(const FileSet& files, const Descriptor& descriptor,
                             const Limits& limits, uint64_t Limits::* limit) {
  const std::string digest = descriptor.digest.ToString();
  auto text = ReadDocument(files, BlobPath(descriptor.digest), limits, limit);
  if (!text && text.error().code == Code::kNotFound) {
    return Fail(Code::kCorrupt, "blob {} is not there", digest);
  }
  if (!text) {
    return Wrap(text.error(), "blob {}", digest);
  }
  if (text->size() != descriptor.size) {
    return Fail(Code::kCorrupt, "blob {} has {} bytes, but its descriptor says {}", digest,
                text->size(), descriptor.size);
  }
  const Digest actual = DigestOf(AsBytes(*text), descriptor.digest.algorithm());
  if (actual != descriptor.digest) {
    return Fail(Code::kCorrupt, "blob {} has other content, of digest {}", digest,
                actual.ToString());
  }
  return text;
}

}  // namespace fathom::image
