#include "engine/answers.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "base/json.h"
#include "base/text.h"

namespace fathom::engine {
namespace {

using nlohmann::json;

Result<json> ParseObject(std::string_view text, const Limits& limits) {
  TRY_ASSIGN(json document, ParseJson(text, limits));
  // podman prints a list of what it was asked for.
  if (document.is_array() && document.size() == 1) {
    document = json(document[0]);
  }
  if (!document.is_object()) {
    return Fail(Code::kCorrupt, "not an object but of type {}", document.type_name());
  }
  return document;
}

bool IsHex(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

// Podman leaves out the algorithm.
Result<std::string> ImageId(const json& object, const char* member) {
  TRY_ASSIGN(std::string id, StringMember(object, member));
  const std::string full = id.contains(':') ? id : "sha256:" + id;
  TRY_ASSIGN(const Digest digest, Digest::Parse(full));
  return digest.ToString();
}

// Whether an instruction makes a layer even when that changes nothing: a command that is run, and
// what copies files. The classic builder writes metadata behind "#(nop)".
bool MakesLayer(std::string_view created_by) {
  constexpr std::string_view kShell = "/bin/sh -c ";
  constexpr std::string_view kMetadata = "#(nop) ";
  if (created_by.starts_with(kShell)) {
    created_by.remove_prefix(kShell.size());
    if (!created_by.starts_with(kMetadata)) {
      return true;
    }
    created_by.remove_prefix(kMetadata.size());
    created_by.remove_prefix(std::min(created_by.find_first_not_of(' '), created_by.size()));
  }
  return std::ranges::any_of(
      std::array{"RUN ", "COPY ", "ADD ", "WORKDIR "},
      [created_by](const char* instruction) { return created_by.starts_with(instruction); });
}

Result<Change> ReadChange(const json& object) {
  TRY_ASSIGN(const auto kind, Uint64Member(object, "Kind"));
  Change change{Change::Kind::kModified, ""};
  TRY_ASSIGN(change.path, StringMember(object, "Path"));
  if (!kind || *kind > 2 || change.path.empty()) {
    return Fail(Code::kCorrupt, "no 'Path', or no 'Kind' from 0 to 2");
  }
  constexpr Change::Kind kKinds[] = {Change::Kind::kModified, Change::Kind::kAdded,
                                     Change::Kind::kDeleted};
  change.kind = kKinds[*kind];
  return change;
}

}  // namespace

Result<ImageFacts> ParseImage(std::string_view text, const Limits& limits) {
  TRY_ASSIGN(const json object, ParseObject(text, limits));
  ImageFacts facts;
  auto id = ImageId(object, "Id");
  if (!id) {
    return Wrap(std::move(id).error(), "'Id'");
  }
  facts.id = *std::move(id);
  TRY_ASSIGN(facts.tags, StringsMember(object, "RepoTags"));
  TRY_ASSIGN(const json* rootfs, ObjectMember(object, "RootFS"));
  if (rootfs != nullptr) {
    TRY_ASSIGN(const std::vector<std::string> layers, StringsMember(*rootfs, "Layers"));
    for (const std::string& layer : layers) {
      TRY_ASSIGN(facts.diff_ids.emplace_back(), Digest::Parse(layer));
    }
  }
  return facts;
}

Result<std::vector<image::HistoryEntry>> ParseHistory(std::string_view text, const Limits& limits) {
  TRY_ASSIGN(const json list, ParseJson(text, limits));
  if (!list.is_array()) {
    return Fail(Code::kCorrupt, "not a list of history entries but of type {}", list.type_name());
  }
  std::vector<image::HistoryEntry> history;
  for (const json& object : list) {
    image::HistoryEntry entry;
    TRY_ASSIGN(entry.created_by, StringMember(object, "CreatedBy"));
    TRY_ASSIGN(entry.comment, StringMember(object, "Comment"));
    TRY_ASSIGN(const auto bytes, Uint64Member(object, "Size"));
    entry.empty_layer = bytes.value_or(0) == 0 && !MakesLayer(entry.created_by);
    history.push_back(std::move(entry));
  }
  std::ranges::reverse(history);
  return history;
}

Result<ContainerFacts> ParseContainer(std::string_view text, const Limits& limits) {
  TRY_ASSIGN(const json object, ParseObject(text, limits));
  ContainerFacts facts;
  TRY_ASSIGN(facts.id, StringMember(object, "Id"));
  if (facts.id.size() != 64 || !IsHex(facts.id)) {
    return Fail(Code::kCorrupt, "'Id' is not of 64 hex digits");
  }
  TRY_ASSIGN(facts.name, StringMember(object, "Name"));
  facts.name.erase(0, std::min(facts.name.find_first_not_of('/'), facts.name.size()));
  auto image = ImageId(object, "Image");
  if (!image) {
    return Wrap(std::move(image).error(), "'Image'");
  }
  facts.image = *std::move(image);
  return facts;
}

Result<std::vector<Change>> ParseChanges(std::string_view text, const Limits& limits) {
  TRY_ASSIGN(const json list, ParseJson(text, limits));
  std::vector<Change> changes;
  if (list.is_null()) {
    return changes;
  }
  if (!list.is_array()) {
    return Fail(Code::kCorrupt, "not a list of changes but of type {}", list.type_name());
  }
  if (list.size() > limits.layer_entries) {
    return OverLimit(&Limits::layer_entries, limits,
                     fmt::format("a container of {} changes", list.size()));
  }
  for (const json& object : list) {
    auto change = ReadChange(object);
    if (!change) {
      return Wrap(std::move(change).error(), "change {}", changes.size());
    }
    changes.push_back(*std::move(change));
  }
  return changes;
}

Result<std::vector<Change>> ParsePodmanDiff(std::string_view text, const Limits& limits) {
  TRY_ASSIGN(const json object, ParseObject(text, limits));
  std::vector<Change> changes;
  for (const auto& [name, kind] :
       {std::pair{"changed", Change::Kind::kModified}, std::pair{"added", Change::Kind::kAdded},
        std::pair{"deleted", Change::Kind::kDeleted}}) {
    TRY_ASSIGN(std::vector<std::string> paths, StringsMember(object, name));
    for (std::string& path : paths) {
      changes.push_back({kind, std::move(path)});
    }
  }
  return changes;
}

Result<VersionFacts> ParseVersion(std::string_view text, const Limits& limits) {
  TRY_ASSIGN(const json object, ParseObject(text, limits));
  VersionFacts facts;
  TRY_ASSIGN(facts.newest, StringMember(object, "ApiVersion"));
  TRY_ASSIGN(facts.oldest, StringMember(object, "MinAPIVersion"));
  return facts;
}

std::string ErrorMessage(std::string_view text, const Limits& limits) {
  constexpr size_t kMost = 500;
  std::string message;
  if (const auto object = ParseJson(text, limits)) {
    message = StringMember(*object, "message").value_or("");
    if (message.empty()) {
      message = StringMember(*object, "cause").value_or("");
    }
  }
  if (message.empty()) {
    message = text;
  }
  message = message.substr(0, std::min(message.size(), kMost));
  message = message.substr(0, message.find_last_not_of(" \r\n\t") + 1);
  return Printable(message);
}

}  // namespace fathom::engine
