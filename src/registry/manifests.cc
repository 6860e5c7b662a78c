#include "registry/manifests.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/base64.h"
#include "base/json.h"
#include "registry/pages.h"

namespace fathom::registry {
namespace {

using nlohmann::json;

template <typename T>
using Asked = std::expected<T, Refusal>;

constexpr std::string_view kAccept =
    "application/vnd.oci.image.index.v1+json, "
    "application/vnd.docker.distribution.manifest.list.v2+json, "
    "application/vnd.oci.image.manifest.v1+json, "
    "application/vnd.docker.distribution.manifest.v2+json, "
    "application/vnd.docker.distribution.manifest.v1+prettyjws;q=0.1, "
    "application/vnd.docker.distribution.manifest.v1+json;q=0.1, */*;q=0.01";

Call ManifestCall(const RemoteName& name, std::string method) {
  Call call;
  call.method = std::move(method);
  call.path =
      fmt::format("/v2/{}/manifests/{}", name.repository, net::UrlEscape(name.Target(), ":"));
  call.scope = PullScope(name.repository);
  call.headers = {{"Accept", std::string(kAccept)}};
  call.is_pull = call.method == "GET";
  return call;
}

// "application/json; charset=utf-8" without what follows.
std::string MediaType(const net::Response& response) {
  const std::string_view value = response.HeaderValue("Content-Type");
  const std::string_view type = value.substr(0, value.find(';'));
  return std::string(type.substr(0, type.find_last_not_of(" \t") + 1));
}

// base64url (RFC 4648 section 5).
Result<std::string> FromBase64Url(std::string text) {
  std::ranges::replace(text, '-', '+');
  std::ranges::replace(text, '_', '/');
  return FromBase64(text);
}

Status Check(const Document& document, const RemoteName& name, std::string_view told) {
  const auto differs = [&](std::string_view wanted) {
    return Fail(Code::kCorrupt, "the registry sent another manifest, of digest {}, for {}",
                document.digest.ToString(), wanted);
  };
  if (!name.digest.empty()) {
    return document.digest == name.digest ? Status() : Status(differs(name.digest.ToString()));
  }
  const auto digest = Digest::Parse(told);
  return !digest || *digest == document.digest ? Status() : Status(differs(told));
}

}  // namespace

bool IsSchema1(std::string_view media_type) {
  return media_type == kSchema1 || media_type == kSignedSchema1;
}

Result<std::string> PayloadOf(const std::string& text, const Limits& limits) {
  TRY_ASSIGN(const json document, ParseJson(text, limits));
  TRY_ASSIGN(const json* signatures, ArrayMember(document, "signatures"));
  if (signatures == nullptr || signatures->empty()) {
    return text;
  }
  TRY_ASSIGN(const std::string encoded, StringMember(signatures->front(), "protected"));
  TRY_ASSIGN(const std::string inner, FromBase64Url(encoded));
  TRY_ASSIGN(const json header, ParseJson(inner, limits));
  TRY_ASSIGN(const auto length, Uint64Member(header, "formatLength"));
  TRY_ASSIGN(const std::string tail_encoded, StringMember(header, "formatTail"));
  TRY_ASSIGN(const std::string tail, FromBase64Url(tail_encoded));
  if (!length || *length > text.size()) {
    return Fail(Code::kCorrupt, "its signature does not say what it signs");
  }
  return text.substr(0, *length) + tail;
}

Asked<Document> FetchManifest(Registry& registry, const RemoteName& name, const Limits& limits) {
  auto answer = registry.Send(ManifestCall(name, "GET"));
  if (!answer) {
    return std::unexpected(std::move(answer).error());
  }
  auto text = net::ReadText(answer->http, limits.manifest_bytes);
  if (!text && text.error().code == Code::kLimit) {
    return std::unexpected(OverLimit(&Limits::manifest_bytes, limits, "the manifest").error());
  }
  if (!text) {
    return std::unexpected(std::move(text).error());
  }
  Document document;
  document.media_type = MediaType(answer->http);
  const std::string_view told = answer->http.HeaderValue("Docker-Content-Digest");
  const auto told_digest = Digest::Parse(told);
  const DigestAlgorithm algorithm = !name.digest.empty() ? name.digest.algorithm()
                                    : told_digest        ? told_digest->algorithm()
                                                         : DigestAlgorithm::kSha256;
  auto payload = document.media_type == kSignedSchema1 ? PayloadOf(*text, limits) : *text;
  if (!payload) {
    return std::unexpected(std::move(payload).error());
  }
  document.digest = DigestOf(AsBytes(*payload), algorithm);
  document.text = *std::move(text);
  if (Status checked = Check(document, name, told); !checked) {
    return std::unexpected(Refusal(std::move(checked).error(), answer->http.status));
  }
  return document;
}

Asked<Digest> FindDigest(Registry& registry, const RemoteName& name, const Limits& limits) {
  if (!name.digest.empty()) {
    return name.digest;
  }
  auto answer = registry.Send(ManifestCall(name, "HEAD"));
  if (answer) {
    if (auto digest = Digest::Parse(answer->http.HeaderValue("Docker-Content-Digest"))) {
      return *digest;
    }
  } else if (answer.error().code == Code::kCancelled || answer.error().code == Code::kNotFound) {
    return std::unexpected(std::move(answer).error());
  }
  // Some registries tell no digest, and some refuse to be asked by HEAD.
  auto document = FetchManifest(registry, name, limits);
  return document ? Asked<Digest>(document->digest) : std::unexpected(std::move(document).error());
}

Asked<std::vector<image::Descriptor>> ListReferrers(Registry& registry, const RemoteName& name,
                                                    const Digest& digest, const Limits& limits) {
  std::vector<image::Descriptor> found;
  Call call;
  call.path = fmt::format("/v2/{}/referrers/{}", name.repository, digest.ToString());
  call.scope = PullScope(name.repository);
  auto listed = ReadPages(registry, call, limits.index_bytes, [&](std::string_view text) -> Status {
    TRY_ASSIGN(image::Index index, image::ParseIndex(text, "", limits));
    std::ranges::move(index.manifests, std::back_inserter(found));
    return {};
  });
  if (listed) {
    return found;
  }
  if (listed.error().status == 0 || listed.error().code == Code::kCancelled) {
    return std::unexpected(std::move(listed).error());
  }
  // The specification's way for registries without that API.
  RemoteName tag = name;
  tag.digest = {};
  tag.tag = fmt::format("{}-{}", AlgorithmName(digest.algorithm()), digest.Hex());
  tag.tag.resize(std::min<size_t>(tag.tag.size(), 128));
  auto document = FetchManifest(registry, tag, limits);
  if (!document) {
    return document.error().code == Code::kNotFound
               ? Asked<std::vector<image::Descriptor>>(std::vector<image::Descriptor>())
               : std::unexpected(std::move(document).error());
  }
  auto index = image::ParseIndex(document->text, document->media_type, limits);
  return index ? Asked<std::vector<image::Descriptor>>(std::move(index->manifests))
               : std::unexpected(std::move(index).error());
}

}  // namespace fathom::registry
