#include "report/registry_report.h"

#include <fmt/format.h>

#include "base/text.h"
#include "base/units.h"
#include "report/json_writer.h"

namespace fathom::report {
namespace {

using registry::IndexEntry;
using registry::Inspection;
using registry::Referrer;

std::string KindOf(const IndexEntry& entry) {
  const image::Descriptor& descriptor = entry.descriptor;
  if (descriptor.attestation) {
    return "attestation";
  }
  if (!descriptor.artifact_type.empty()) {
    return "artifact";
  }
  return image::IsIndexType(descriptor.media_type) ? "index" : "image";
}

void Line(std::string& out, std::string_view name, const std::string& value) {
  if (!value.empty()) {
    out += fmt::format("  {:<11} {}\n", name, Printable(value));
  }
}

void ListManifests(std::string& out, const Inspection& inspection) {
  if (inspection.manifests.empty()) {
    return;
  }
  out += "\nManifests\n";
  for (const IndexEntry& entry : inspection.manifests) {
    const image::Descriptor& descriptor = entry.descriptor;
    const std::string what = descriptor.attestation
                                 ? "of " + descriptor.about.ToString().substr(0, 19)
                             : descriptor.artifact_type != "" ? descriptor.artifact_type
                                                              : descriptor.platform.ToString();
    out += fmt::format("  {}{:<12} {:<24} {:>9}  {}\n", std::string(2 * entry.depth, ' '),
                       KindOf(entry), Printable(what), HumanBytes(descriptor.size),
                       descriptor.digest.ToString());
  }
}

void DescribeImage(std::string& out, const Inspection& inspection) {
  if (!inspection.image) {
    out += fmt::format("\nImage\n  {}\n", Printable(inspection.no_image));
    return;
  }
  const image::Image& image = *inspection.image;
  uint64_t bytes = 0;
  for (const image::Layer& layer : image.layers) {
    bytes += layer.size.value_or(0);
  }
  out += "\nImage\n";
  Line(out, "platform", image.config.platform.ToString());
  Line(out, "digest", image.digest.ToString());
  Line(out, "config", image.config_digest.ToString());
  Line(out, "created", image.config.created);
  Line(out, "author", image.config.author);
  Line(out, "base", image.base.name);
  Line(out, "compressed", bytes > 0 ? fmt::format("{} ({} bytes)", HumanBytes(bytes), bytes) : "");
  out += "\nLayers\n";
  size_t index = 0;
  for (const image::Layer& layer : image.layers) {
    const std::string by =
        layer.history ? image.config.history[*layer.history].created_by : std::string();
    out +=
        fmt::format("  {:>3}  {:>9}  {}  {}\n", index++, layer.size ? HumanBytes(*layer.size) : "-",
                    layer.digest.ToString(), Printable(by.substr(0, 60)));
  }
}

void ListReferrers(std::string& out, const Inspection& inspection) {
  if (inspection.referrers.empty()) {
    return;
  }
  out += "\nReferrers\n";
  for (const Referrer& referrer : inspection.referrers) {
    out += fmt::format("  {:<16} {}  {}\n", Printable(referrer.kind),
                       referrer.descriptor.digest.ToString(), Printable(referrer.tag));
  }
}

void WriteDescriptor(JsonWriter& json, const image::Descriptor& descriptor) {
  json.Key("mediaType");
  json.TextOrNull(descriptor.media_type);
  json.Member("digest", descriptor.digest.ToString());
  json.Member("size", descriptor.size);
  json.Key("artifactType");
  json.TextOrNull(descriptor.artifact_type);
}

void WriteImage(JsonWriter& json, const image::Image& image) {
  json.BeginObject();
  json.Member("platform", image.config.platform.ToString());
  json.Key("digest");
  json.TextOrNull(image.digest.ToString());
  json.Key("configDigest");
  json.TextOrNull(image.config_digest.ToString());
  json.Key("created");
  json.TextOrNull(image.config.created);
  json.Key("layers");
  json.BeginArray();
  for (const image::Layer& layer : image.layers) {
    json.BeginObject();
    json.Member("digest", layer.digest.ToString());
    json.Key("diffId");
    json.TextOrNull(layer.diff_id.ToString());
    json.Key("mediaType");
    json.TextOrNull(layer.media_type);
    json.Member("compressedBytes", layer.size);
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
}

}  // namespace

std::string ManifestTable(const Inspection& inspection) {
  std::string out = "Manifest\n";
  Line(out, "reference", inspection.name.ToString());
  Line(out, "digest", inspection.document.digest.ToString());
  Line(out, "media type", inspection.document.media_type);
  Line(out, "size", HumanBytes(inspection.document.text.size()));
  ListManifests(out, inspection);
  DescribeImage(out, inspection);
  ListReferrers(out, inspection);
  return out;
}

std::string ManifestJson(const Inspection& inspection) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject();
  json.Member("schema", "fathom/manifest/v1");
  json.Member("reference", inspection.name.ToString());
  json.Member("digest", inspection.document.digest.ToString());
  json.Member("mediaType", inspection.document.media_type);
  json.Member("size", inspection.document.text.size());
  json.Key("manifests");
  json.BeginArray();
  for (const IndexEntry& entry : inspection.manifests) {
    json.BeginObject();
    json.Member("kind", KindOf(entry));
    json.Member("depth", entry.depth);
    json.Key("platform");
    json.TextOrNull(entry.descriptor.attestation ? "" : entry.descriptor.platform.ToString());
    WriteDescriptor(json, entry.descriptor);
    json.Key("about");
    json.TextOrNull(entry.descriptor.about.ToString());
    json.EndObject();
  }
  json.EndArray();
  json.Key("image");
  if (inspection.image) {
    WriteImage(json, *inspection.image);
  } else {
    json.Null();
  }
  json.Key("noImage");
  json.TextOrNull(inspection.no_image);
  json.Key("referrers");
  json.BeginArray();
  for (const Referrer& referrer : inspection.referrers) {
    json.BeginObject();
    json.Member("kind", referrer.kind);
    WriteDescriptor(json, referrer.descriptor);
    json.Key("tag");
    json.TextOrNull(referrer.tag);
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  out += '\n';
  return out;
}

std::string TagsTable(std::span<const TagLine> tags) {
  std::string out;
  for (const TagLine& line : tags) {
    out += line.tag;
    if (line.digest) {
      out += "  " + line.digest->ToString();
    } else if (!line.failure.empty()) {
      out += "  " + Printable(line.failure);
    }
    out += '\n';
  }
  return out;
}

std::string TagsJson(const std::string& repository, std::span<const TagLine> tags) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject();
  json.Member("schema", "fathom/tags/v1");
  json.Member("repository", repository);
  json.Key("tags");
  json.BeginArray();
  for (const TagLine& line : tags) {
    json.BeginObject();
    json.Member("name", line.tag);
    json.Key("digest");
    json.TextOrNull(line.digest ? line.digest->ToString() : "");
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  out += '\n';
  return out;
}

}  // namespace fathom::report
