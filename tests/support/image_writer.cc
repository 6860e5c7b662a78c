#include "tests/support/image_writer.h"

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>

#include "tests/support/json_text.h"
#include "tests/support/oci_layout.h"
#include "tests/support/tar_writer.h"

namespace fathom::testing {
namespace {

std::string HistoryJson(const History& entry) {
  JsonMembers members;
  const auto text = [&](const char* key, const std::string& value) {
    if (!value.empty()) {
      members.emplace_back(key, JsonString(value));
    }
  };
  text("created", entry.created);
  text("author", entry.author);
  text("created_by", entry.created_by);
  text("comment", entry.comment);
  if (entry.empty_layer) {
    members.emplace_back("empty_layer", "true");
  }
  return JsonObject(members);
}

std::string ManifestItem(const std::string& config, const ImageSpec& spec,
                         const std::vector<std::string>& layers, const JsonMembers& more = {}) {
  JsonMembers members{{"Config", JsonString(config)},
                      {"RepoTags", spec.tags.empty() ? "null" : JsonStrings(spec.tags)},
                      {"Layers", JsonStrings(layers)}};
  members.insert(members.end(), more.begin(), more.end());
  return JsonObject(members);
}

std::string ConfigHex(const ImageSpec& spec) { return Sha256Hex(ConfigJson(spec)); }

// The identifiers of the old format: one per layer, made of all layers below it; the last one
// also of the config, so that only what lies below is shared between images.
std::vector<std::string> V1Ids(const ImageSpec& spec) {
  std::vector<std::string> ids;
  std::string parent;
  for (size_t i = 0; i < spec.layer_tars.size(); ++i) {
    const bool last = i + 1 == spec.layer_tars.size();
    parent = Sha256Hex(parent + " " + Sha256Hex(spec.layer_tars[i]) +
                       (last ? " " + ConfigHex(spec) : ""));
    ids.push_back(parent);
  }
  return ids;
}

// Collects the entries of one archive. A name is written once, whoever asks for it again.
class ArchiveBuilder {
 public:
  // `sorted`: by name at the end, as a tar of a directory is; else in order of arrival.
  explicit ArchiveBuilder(bool sorted) : sorted_(sorted) {}

  void Put(TarEntry entry) {
    if (names_.insert(entry.name).second) {
      entries_.push_back(std::move(entry));
    }
  }

  void PutManifestItem(std::string item) { items_.push_back(std::move(item)); }

  void PutRepositories(const ImageSpec& spec, const std::string& id) {
    for (const std::string& tag : spec.tags) {
      const size_t colon = tag.find_last_of(':');
      repositories_[tag.substr(0, colon)].emplace_back(tag.substr(colon + 1), id);
    }
  }

  std::string Finish() {
    std::vector<TarEntry> out = std::move(entries_);
    if (sorted_) {
      std::ranges::sort(out, {}, &TarEntry::name);
    }
    if (!repositories_.empty()) {
      out.push_back(FileEntry("repositories", RepositoriesJson()));
    }
    out.push_back(FileEntry("manifest.json", JsonArray(items_)));
    return WriteTar(out);
  }

 private:
  std::string RepositoriesJson() const {
    JsonMembers members;
    for (const auto& [name, tags] : repositories_) {
      members.emplace_back(name, JsonStringMap(tags));
    }
    return JsonObject(members);
  }

  bool sorted_;
  std::vector<TarEntry> entries_;
  std::set<std::string> names_;
  std::vector<std::string> items_;
  std::map<std::string, std::vector<std::pair<std::string, std::string>>> repositories_;
};

// <id>/, <id>/VERSION and <id>/json, as both old formats have them.
void PutV1Files(ArchiveBuilder& archive, const std::string& id, const std::string& parent) {
  JsonMembers members{{"id", JsonString(id)}};
  if (!parent.empty()) {
    members.emplace_back("parent", JsonString(parent));
  }
  members.emplace_back("created", JsonString("1970-01-01T00:00:00Z"));
  archive.Put(DirEntry(id + "/"));
  archive.Put(FileEntry(id + "/VERSION", "1.0"));
  archive.Put(FileEntry(id + "/json", JsonObject(members)));
}

std::string LegacyArchive(std::span<const ImageSpec> specs) {
  ArchiveBuilder archive(/*sorted=*/true);
  std::map<std::string, std::string> holder;  // content to the id whose layer.tar is the real one
  for (const ImageSpec& spec : specs) {
    const std::vector<std::string> ids = V1Ids(spec);
    std::vector<std::string> layers;
    for (size_t i = 0; i < ids.size(); ++i) {
      PutV1Files(archive, ids[i], i == 0 ? "" : ids[i - 1]);
      const std::string name = ids[i] + "/layer.tar";
      const std::string& real = holder.emplace(Sha256Hex(spec.layer_tars[i]), ids[i]).first->second;
      archive.Put(real == ids[i] ? FileEntry(name, spec.layer_tars[i])
                                 : SymlinkEntry(name, "../" + real + "/layer.tar"));
      layers.push_back(name);
    }
    archive.Put(FileEntry(ConfigHex(spec) + ".json", ConfigJson(spec)));
    archive.PutManifestItem(ManifestItem(ConfigHex(spec) + ".json", spec, layers));
    archive.PutRepositories(spec, ids.empty() ? "" : ids.back());
  }
  return archive.Finish();
}

std::string PodmanArchive(std::span<const ImageSpec> specs) {
  ArchiveBuilder archive(/*sorted=*/false);
  for (const ImageSpec& spec : specs) {
    const std::vector<std::string> ids = V1Ids(spec);
    std::vector<std::string> layers;
    for (size_t i = 0; i < ids.size(); ++i) {
      const std::string blob = Sha256Hex(spec.layer_tars[i]) + ".tar";
      archive.Put(FileEntry(blob, spec.layer_tars[i]));
      PutV1Files(archive, ids[i], i == 0 ? "" : ids[i - 1]);
      archive.Put(SymlinkEntry(ids[i] + "/layer.tar", "../" + blob));
      layers.push_back(blob);
    }
    archive.Put(FileEntry(ConfigHex(spec) + ".json", ConfigJson(spec)));
    archive.PutManifestItem(ManifestItem(ConfigHex(spec) + ".json", spec, layers));
    archive.PutRepositories(spec, ids.empty() ? "" : ids.back());
  }
  return archive.Finish();
}

std::string KanikoArchive(std::span<const ImageSpec> specs) {
  ArchiveBuilder archive(/*sorted=*/false);
  for (const ImageSpec& spec : specs) {
    const std::string config = "sha256:" + ConfigHex(spec);
    archive.Put(FileEntry(config, ConfigJson(spec)));
    std::vector<std::string> layers;
    for (const std::string& tar : spec.layer_tars) {
      const std::string blob = Gzip(tar);
      layers.push_back(Sha256Hex(blob) + ".tar.gz");
      archive.Put(FileEntry(layers.back(), blob));
    }
    archive.PutManifestItem(ManifestItem(config, spec, layers));
  }
  return archive.Finish();
}

std::string Docker25Archive(std::span<const ImageSpec> specs) {
  ArchiveBuilder archive(/*sorted=*/false);
  archive.Put(DirEntry("blobs/"));
  archive.Put(DirEntry("blobs/sha256/"));
  for (const auto& [path, content] : OciLayoutFiles(specs, LayerCompression::kPlain, {})) {
    archive.Put(FileEntry(path, content));
  }
  for (const ImageSpec& spec : specs) {
    std::vector<std::string> layers;
    JsonMembers sources;
    std::set<std::string> seen;
    for (const std::string& tar : spec.layer_tars) {
      const std::string hex = Sha256Hex(tar);
      layers.push_back(BlobPath(hex));
      if (seen.insert(hex).second) {
        sources.emplace_back("sha256:" + hex,
                             PlainDescriptor(LayerMediaType(LayerCompression::kPlain), tar));
      }
    }
    archive.PutManifestItem(ManifestItem(BlobPath(ConfigHex(spec)), spec, layers,
                                         {{"LayerSources", JsonObject(sources)}}));
    archive.PutRepositories(spec, ConfigHex(spec));
  }
  return archive.Finish();
}

}  // namespace

std::vector<std::string> DiffIds(const ImageSpec& spec) {
  std::vector<std::string> ids;
  for (const std::string& tar : spec.layer_tars) {
    ids.push_back("sha256:" + Sha256Hex(tar));
  }
  return ids;
}

std::string ConfigJson(const ImageSpec& spec) {
  JsonMembers members{{"architecture", JsonString(spec.architecture)}, {"os", JsonString(spec.os)}};
  if (!spec.variant.empty()) {
    members.emplace_back("variant", JsonString(spec.variant));
  }
  if (!spec.created.empty()) {
    members.emplace_back("created", JsonString(spec.created));
  }
  JsonMembers run;
  if (!spec.labels.empty()) {
    run.emplace_back("Labels", JsonStringMap(spec.labels));
  }
  members.emplace_back("config", JsonObject(run));
  members.emplace_back("rootfs", JsonObject({{"type", JsonString("layers")},
                                             {"diff_ids", JsonStrings(DiffIds(spec))}}));
  std::vector<std::string> history;
  for (const History& entry : spec.history) {
    history.push_back(HistoryJson(entry));
  }
  if (!history.empty()) {
    members.emplace_back("history", JsonArray(history));
  }
  return JsonObject(members);
}

std::string DockerArchive(std::span<const ImageSpec> specs, DockerDialect dialect) {
  switch (dialect) {
    case DockerDialect::kLegacy:
      return LegacyArchive(specs);
    case DockerDialect::kDocker25:
      return Docker25Archive(specs);
    case DockerDialect::kPodman:
      return PodmanArchive(specs);
    case DockerDialect::kKaniko:
      return KanikoArchive(specs);
  }
  throw std::invalid_argument("no such dialect");
}

std::string DockerArchive(const ImageSpec& spec, DockerDialect dialect) {
  return DockerArchive(std::span(&spec, 1), dialect);
}

}  // namespace fathom::testing
