// The port to a service that lists repositories: Docker Hub, Harbor, Quay, or any registry with a
// catalog. Each is a set of tasks that give pages.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "registry/client.h"

namespace fathom::registry {

class Registries;

// A list that is read page by page. A value; `kind` and `key` tell it from others.
struct CrawlTask {
  char kind = 's';     // 's' search, 'n' namespace, 'c' catalog, 'r' one repository, 't' tags
  std::string key;     // what is searched, the namespace, the repository; "" for the only one
  std::string cursor;  // where its next page begins: a number, or what the service says; "" first
};

struct FoundRepository {
  std::string name;  // "library/busybox"
  std::optional<uint64_t> stars;
  std::optional<uint64_t> pulls;
  std::string last_updated;  // as the service writes it; "" unknown
  bool official = false;
  std::string tag;     // of a list of tags
  std::string digest;  // of the tag, where it was asked for
};

struct CrawlPage {
  std::vector<FoundRepository> found;
  std::vector<CrawlTask> tasks;   // that came up
  std::string next;               // cursor; "" when the list has ended
  bool cut = false;               // the list goes on, but the service shows no more of it
  std::optional<uint64_t> total;  // as the service says
};

// Thread-safe.
class CrawlSource {
 public:
  virtual ~CrawlSource() = default;
  // As the column `registry` has it.
  virtual const std::string& registry() const = 0;
  virtual std::vector<CrawlTask> Roots() const = 0;
  virtual std::expected<CrawlPage, Refusal> Fetch(const CrawlTask& task) = 0;
  // How many repositories a search says there are. kInvalidArgument from services without a search.
  virtual std::expected<uint64_t, Refusal> Count(const std::string& query) = 0;
};

struct HubOptions {
  std::string api = "hub.docker.com";  // HOST[:PORT] of its API
  unsigned most_letters = 6;           // of a search: longer ones are not split any more
  unsigned pages = 100;                // of a search that can be seen
  bool namespaces = true;              // list the namespaces that come up, too
};
std::unique_ptr<CrawlSource> MakeHubSource(Registries& registries, HubOptions options);

// `_catalog` of a registry, `page` names at a time.
std::unique_ptr<CrawlSource> MakeCatalogSource(Registries& registries, std::string registry,
                                               unsigned page);
std::unique_ptr<CrawlSource> MakeHarborSource(Registries& registries, std::string registry);
std::unique_ptr<CrawlSource> MakeQuaySource(Registries& registries, std::string registry);

// The tags of repositories: tasks of the kind 't', whose keys are repositories. With `digests`,
// what each of them means now, without a pull.
std::unique_ptr<CrawlSource> MakeTagSource(Registries& registries, std::string registry,
                                           unsigned page, bool digests);

// The source that fits a registry: by its name, else by asking which of them answers.
std::expected<std::unique_ptr<CrawlSource>, Refusal> FindCrawlSource(Registries& registries,
                                                                     const std::string& registry,
                                                                     unsigned page);

}  // namespace fathom::registry
