// Registries that list what they hold: by the catalog of the distribution protocol, and by the APIs
// of Harbor and Quay.
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "registry/crawl_source.h"
#include "registry/manifests.h"
#include "registry/pages.h"
#include "registry/parallel.h"
#include "registry/registry.h"
#include "registry/remote_name.h"

namespace fathom::registry {
namespace {

using nlohmann::json;

template <typename T>
using Asked = std::expected<T, Refusal>;

struct JsonPage {
  json body;
  std::string next;  // what its Link header leads to
};

Asked<JsonPage> AskForJson(Registry& registry, const std::string& path, std::string scope) {
  auto answer = registry.Send({.path = path, .scope = std::move(scope), .headers = {}});
  if (!answer) {
    return std::unexpected(std::move(answer).error());
  }
  const Limits& limits = registry.settings().limits;
  auto text = net::ReadText(answer->http, limits.index_bytes);
  auto body = text ? ParseJson(*text, limits) : Result<json>(std::unexpected(text.error()));
  if (!body) {
    return std::unexpected(Refusal(std::move(body).error(), answer->http.status));
  }
  JsonPage page{*std::move(body), ""};
  if (const std::string link = NextLink(answer->http); !link.empty()) {
    const auto url = net::ResolveUrl(answer->url, link);
    page.next = url ? url->ToString() : "";
  }
  return page;
}

std::unexpected<Refusal> NoSearch() {
  return std::unexpected(Refusal(Error{Code::kInvalidArgument, "it has no search that counts"}));
}

// What all of them share: one list, whose next page is an address.
class ListSource : public CrawlSource {
 public:
  ListSource(Registries& registries, std::string name)
      : server_(registries.Get(name)), name_(std::move(name)) {}

  const std::string& registry() const override { return name_; }
  Asked<uint64_t> Count(const std::string& /*query*/) override { return NoSearch(); }

 protected:
  // A repository of a list of seeds is believed to be there: registries have no cheap way to ask.
  static CrawlPage Believe(const CrawlTask& task) {
    CrawlPage page;
    page.found.emplace_back().name = task.key;
    return page;
  }

  Registry& server_;
  const std::string name_;
};

class CatalogSource final : public ListSource {
 public:
  CatalogSource(Registries& registries, std::string name, unsigned page)
      : ListSource(registries, std::move(name)), page_(page) {}

  std::vector<CrawlTask> Roots() const override { return {{'c', "", ""}}; }

  Asked<CrawlPage> Fetch(const CrawlTask& task) override {
    if (task.kind == 'r') {
      return Believe(task);
    }
    const std::string path =
        task.cursor.empty() ? fmt::format("/v2/_catalog?n={}", page_) : task.cursor;
    auto listed = AskForJson(server_, path, std::string(kCatalogScope));
    if (!listed) {
      return std::unexpected(std::move(listed).error());
    }
    auto names = StringsMember(listed->body, "repositories");
    if (!names) {
      return std::unexpected(std::move(names).error());
    }
    CrawlPage page;
    for (std::string& name : *names) {
      if (IsRepositoryPath(name)) {
        page.found.emplace_back().name = std::move(name);
      }
    }
    page.next = listed->next == path ? "" : listed->next;
    return page;
  }

 private:
  const unsigned page_;
};

class HarborSource final : public ListSource {
 public:
  using ListSource::ListSource;

  std::vector<CrawlTask> Roots() const override { return {{'c', "", ""}}; }

  Asked<CrawlPage> Fetch(const CrawlTask& task) override {
    if (task.kind == 'r') {
      return Believe(task);
    }
    const std::string path =
        task.cursor.empty() ? "/api/v2.0/repositories?page=1&page_size=100" : task.cursor;
    auto listed = AskForJson(server_, path, "");
    if (!listed) {
      return std::unexpected(std::move(listed).error());
    }
    CrawlPage page;
    for (const json& row : listed->body.is_array() ? listed->body : json::array()) {
      FoundRepository found;
      found.name = StringMember(row, "name").value_or("");
      found.pulls = Uint64Member(row, "pull_count").value_or(std::nullopt);
      found.last_updated = StringMember(row, "update_time").value_or("");
      if (IsRepositoryPath(found.name)) {
        page.found.push_back(std::move(found));
      }
    }
    page.next = listed->next == path ? "" : listed->next;
    return page;
  }
};

class QuaySource final : public ListSource {
 public:
  using ListSource::ListSource;

  std::vector<CrawlTask> Roots() const override { return {{'c', "", ""}}; }

  Asked<CrawlPage> Fetch(const CrawlTask& task) override {
    if (task.kind == 'r') {
      return Believe(task);
    }
    std::string path = "/api/v1/repository?public=true&popularity=true&last_modified=true";
    if (task.kind == 'n') {
      path += "&namespace=" + net::UrlEscape(task.key);
    }
    if (!task.cursor.empty()) {
      path += "&next_page=" + net::UrlEscape(task.cursor);
    }
    auto listed = AskForJson(server_, path, "");
    if (!listed) {
      return std::unexpected(std::move(listed).error());
    }
    CrawlPage page;
    const auto rows = ArrayMember(listed->body, "repositories");
    for (const json& row : rows && *rows != nullptr ? **rows : json::array()) {
      FoundRepository found;
      found.name = StringMember(row, "namespace").value_or("") + "/" +
                   StringMember(row, "name").value_or("");
      if (const auto modified = Uint64Member(row, "last_modified"); modified && *modified) {
        found.last_updated = std::to_string(**modified);
      }
      if (IsRepositoryPath(found.name)) {
        page.found.push_back(std::move(found));
      }
    }
    page.next = StringMember(listed->body, "next_page").value_or("");
    page.next = page.next == task.cursor ? "" : page.next;
    return page;
  }
};

class TagSource final : public ListSource {
 public:
  TagSource(Registries& registries, std::string name, unsigned page, bool digests)
      : ListSource(registries, std::move(name)), page_(page), digests_(digests) {}

  std::vector<CrawlTask> Roots() const override { return {}; }

  Asked<CrawlPage> Fetch(const CrawlTask& task) override {
    CrawlPage page;
    const auto listed =
        ListTags(server_, task.key, page_, [&](const std::vector<std::string>& tags) -> Status {
          for (const std::string& tag : tags) {
            FoundRepository& found = page.found.emplace_back();
            found.name = task.key;
            found.tag = tag;
          }
          return {};
        });
    if (!listed && listed.error().code != Code::kNotFound) {
      return std::unexpected(listed.error());
    }
    if (digests_) {
      ForEachInParallel(page.found.size(), server_.settings().at_once, [&](size_t i) {
        RemoteName name;
        name.repository = task.key;
        name.tag = page.found[i].tag;
        if (const auto digest = FindDigest(server_, name, server_.settings().limits)) {
          page.found[i].digest = digest->ToString();
        }
      });
    }
    return page;
  }

 private:
  const unsigned page_;
  const bool digests_;
};

}  // namespace

std::unique_ptr<CrawlSource> MakeTagSource(Registries& registries, std::string registry,
                                           unsigned page, bool digests) {
  return std::make_unique<TagSource>(registries, std::move(registry), page, digests);
}

std::unique_ptr<CrawlSource> MakeCatalogSource(Registries& registries, std::string registry,
                                               unsigned page) {
  return std::make_unique<CatalogSource>(registries, std::move(registry), page);
}
std::unique_ptr<CrawlSource> MakeHarborSource(Registries& registries, std::string registry) {
  return std::make_unique<HarborSource>(registries, std::move(registry));
}
std::unique_ptr<CrawlSource> MakeQuaySource(Registries& registries, std::string registry) {
  return std::make_unique<QuaySource>(registries, std::move(registry));
}

std::expected<std::unique_ptr<CrawlSource>, Refusal> FindCrawlSource(Registries& registries,
                                                                     const std::string& registry,
                                                                     unsigned page) {
  if (registry == kHub) {
    return MakeHubSource(registries, {});
  }
  if (registry == "quay.io") {
    return MakeQuaySource(registries, registry);
  }
  std::optional<Refusal> first;
  for (auto source : {+[](Registries& all, const std::string& name, unsigned n) {
                        return MakeCatalogSource(all, name, n);
                      },
                      +[](Registries& all, const std::string& name, unsigned) {
                        return MakeHarborSource(all, name);
                      },
                      +[](Registries& all, const std::string& name, unsigned) {
                        return MakeQuaySource(all, name);
                      }}) {
    auto made = source(registries, registry, page);
    auto tried = made->Fetch(made->Roots().front());
    if (tried) {
      return made;
    }
    const bool next = tried.error().code == Code::kNotFound ||
                      tried.error().code == Code::kDenied || tried.error().code == Code::kCorrupt;
    if (!first) {
      first = tried.error();
    }
    if (!next) {
      break;
    }
  }
  first->message += "; of the ways to list it (catalog, Harbor, Quay) none works";
  return std::unexpected(*std::move(first));
}

}  // namespace fathom::registry
