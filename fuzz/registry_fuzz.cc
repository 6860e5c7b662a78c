// What registries say beside the documents of images, and what is kept of it: challenges, links,
// URLs, dates, signed manifests, schema 1, credentials, lists of images. The first byte chooses.
#include <cstring>

#include "base/csv.h"
#include "fuzz/fuzz.h"
#include "net/url.h"
#include "registry/challenge.h"
#include "registry/credentials.h"
#include "registry/image_list.h"
#include "registry/manifests.h"
#include "registry/pages.h"
#include "registry/remote_name.h"
#include "registry/retry.h"
#include "registry/schema1.h"
#include "registry/table_of_contents.h"

namespace {

using namespace fathom;

const Limits kLimits;

void ReadNames(const std::string& text) {
  if (const auto name = registry::ParseRemoteName(text)) {
    const auto again = registry::ParseRemoteName(name->ToString());
    FUZZ_CHECK(again && *again == *name);
    FUZZ_CHECK(registry::IsRepositoryPath(name->repository));
  }
  static_cast<void>(registry::ParseRegistry(text));
}

void ReadUrls(const std::string& text) {
  static const net::Url base = *net::ParseUrl("https://h:5000/v2/a?b");
  for (const auto& url : {net::ParseUrl(text), net::ResolveUrl(base, text)}) {
    if (url) {
      const auto again = net::ParseUrl(url->ToString());
      FUZZ_CHECK(again && again->ToString() == url->ToString());
      FUZZ_CHECK(url->ToString().find_first_of(" \r\n") == std::string::npos);
      static_cast<void>(net::KindOfHost(url->host));
    }
  }
}

void ReadHeaders(const std::string& text) {
  for (const registry::Challenge& challenge : registry::ParseChallenges(text)) {
    FUZZ_CHECK(!challenge.scheme.empty());
  }
  net::Response response;
  response.headers = {{"Link", text},
                      {"Retry-After", text},
                      {"X-RateLimit-Remaining", "0"},
                      {"X-RateLimit-Reset", text}};
  static_cast<void>(registry::NextLink(response));
  const auto wait = registry::RetryAfter(response, std::chrono::system_clock::now());
  FUZZ_CHECK(!wait || wait->count() >= 0);
  static_cast<void>(registry::QuotaEnds(response, std::chrono::system_clock::now()));
}

void ReadManifests(const std::string& text) {
  if (const auto payload = registry::PayloadOf(text, kLimits)) {
    registry::Document document{text, std::string(registry::kSignedSchema1),
                                DigestOf(AsBytes(*payload))};
    if (const auto image = registry::ReadSchema1(document, kLimits)) {
      FUZZ_CHECK(image->layers.size() <= kLimits.layers);
    }
  }
  static_cast<void>(image::ParseManifestBlobs(text, kLimits));
  static_cast<void>(image::MediaTypeOf(text, kLimits));
}

void ReadTables(const std::string& text) {
  if (const auto index = registry::ReadTableOfContents(text, kLimits)) {
    FUZZ_CHECK((*index)->entry_count() <= kLimits.layer_entries);
  }
  static_cast<void>(registry::ParseStargzFooter(text));
  static_cast<void>(registry::ParseChunkedPosition(text));
}

void ReadCredentials(const std::string& text) {
  // Helpers are programs, which a fuzzer must not choose.
  if (text.find("cred") != std::string::npos || text.find('\\') != std::string::npos) {
    return;
  }
  const auto keychain = registry::Keychain::Load(
      [&text](const char* name) {
        return std::strcmp(name, "DOCKER_AUTH_CONFIG") == 0 ? text : std::string();
      },
      kLimits);
  if (keychain) {
    static_cast<void>(keychain->Find("docker.io", "library/x"));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) {
    return 0;
  }
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 7) {
    case 0:
      ReadNames(text);
      break;
    case 1:
      ReadUrls(text);
      break;
    case 2:
      ReadHeaders(text);
      break;
    case 3:
      ReadManifests(text);
      break;
    case 4:
      ReadCredentials(text);
      break;
    case 5:
      static_cast<void>(SplitCsv(text));
      break;
    default:
      ReadTables(text);
  }
  return 0;
}
