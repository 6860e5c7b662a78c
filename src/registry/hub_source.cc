// Docker Hub, which has no catalog: it is searched by longer and longer prefixes, and its
// namespaces are listed.
//
// Source: docs.docker.com/reference/api/hub; its limits as measured by others (100 results a page,
// 403 past the last page that can be seen).
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/number.h"
#include "registry/crawl_source.h"
#include "registry/registry.h"
#include "registry/remote_name.h"

namespace fathom::registry {
namespace {

using nlohmann::json;

template <typename T>
using Asked = std::expected<T, Refusal>;

constexpr unsigned kPage = 100;  // most that it gives
// What names of repositories are made of; the first letter is one of the 36 in front.
constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789-_./";
constexpr size_t kFirstLetters = 36;

uint64_t PageOf(const CrawlTask& task) { return ParseNumber<uint64_t>(task.cursor).value_or(1); }

class HubSource final : public CrawlSource {
 public:
  HubSource(Registries& registries, HubOptions options)
      : registry_(registries.Get(options.api)), options_(std::move(options)) {}

  const std::string& registry() const override { return name_; }

  std::vector<CrawlTask> Roots() const override {
    std::vector<CrawlTask> roots = {{'n', "library", ""}};
    for (const char letter : kLetters.substr(0, kFirstLetters)) {
      roots.push_back({'s', std::string(1, letter), ""});
    }
    return roots;
  }

  Asked<CrawlPage> Fetch(const CrawlTask& task) override {
    switch (task.kind) {
      case 'n':
        return FetchNamespace(task);
      case 'r':
        return FetchRepository(task);
      default:
        return Search(task);
    }
  }

  Asked<uint64_t> Count(const std::string& query) override {
    auto page = Ask(SearchPath(query, 1));
    if (!page) {
      return std::unexpected(std::move(page).error());
    }
    const auto total = Uint64Member(*page, "count");
    return total && *total ? Asked<uint64_t>(**total)
                           : std::unexpected(Error{Code::kCorrupt, "it tells no 'count'"});
  }

 private:
  static std::string SearchPath(const std::string& query, uint64_t page) {
    return fmt::format("/v2/search/repositories/?query={}&page={}&page_size={}",
                       net::UrlEscape(query), page, kPage);
  }

  Asked<json> Ask(const std::string& path) {
    auto answer = registry_.Send({.path = path, .scope = {}, .headers = {}});
    if (!answer) {
      return std::unexpected(std::move(answer).error());
    }
    const Limits& limits = registry_.settings().limits;
    auto text = net::ReadText(answer->http, limits.index_bytes);
    auto page = text ? ParseJson(*text, limits) : Result<json>(std::unexpected(text.error()));
    if (!page || !page->is_object()) {
      return std::unexpected(
          Refusal(page ? Error{Code::kCorrupt, "its page is no object"} : std::move(page).error(),
                  answer->http.status));
    }
    return *std::move(page);
  }

  // A repository as search and listings have it; nothing for what could not be one.
  static std::optional<FoundRepository> Read(const json& row, const std::string& space) {
    FoundRepository found;
    std::string name = StringMember(row, "repo_name").value_or("");
    if (name.empty()) {
      name = StringMember(row, "name").value_or("");
      if (!space.empty()) {
        name = space + "/" + name;
      }
    } else if (!name.contains('/')) {
      name = "library/" + name;
    }
    if (!IsRepositoryPath(name)) {
      return std::nullopt;
    }
    found.name = std::move(name);
    found.stars = Uint64Member(row, "star_count").value_or(std::nullopt);
    found.pulls = Uint64Member(row, "pull_count").value_or(std::nullopt);
    found.last_updated = StringMember(row, "last_updated").value_or("");
    found.official =
        BoolMember(row, "is_official").value_or(false) || found.name.starts_with("library/");
    return found;
  }

  void TakeRows(const json& page, const std::string& space, CrawlPage& out) const {
    const auto rows = ArrayMember(page, "results");
    for (const json& row : rows && *rows != nullptr ? **rows : json::array()) {
      if (auto found = Read(row, space)) {
        if (options_.namespaces && space.empty()) {
          out.tasks.push_back({'n', found->name.substr(0, found->name.find('/')), ""});
        }
        out.found.push_back(*std::move(found));
      }
    }
    out.total = Uint64Member(page, "count").value_or(std::nullopt);
  }

  Asked<CrawlPage> Search(const CrawlTask& task) {
    const uint64_t number = PageOf(task);
    auto page = Ask(SearchPath(task.key, number));
    CrawlPage out;
    if (!page) {
      // Past what can be seen of a long list it answers so.
      const int status = page.error().status;
      if (number == 1 || (status != 403 && status != 404 && status != 400)) {
        return std::unexpected(std::move(page).error());
      }
      Split(task, out);
      return out;
    }
    TakeRows(*page, "", out);
    const uint64_t seen = uint64_t{options_.pages} * kPage;
    const bool more = !StringMember(*page, "next").value_or("").empty() ||
                      (out.total && number * kPage < *out.total && !out.found.empty());
    if (out.total.value_or(0) > seen && task.key.size() < options_.most_letters) {
      Split(task, out);  // what longer searches show need not be read here
    } else if (more && number < options_.pages) {
      out.next = std::to_string(number + 1);
    } else {
      out.cut = more;
    }
    return out;
  }

  // Longer searches in place of one that cannot be seen whole.
  void Split(const CrawlTask& task, CrawlPage& out) const {
    if (task.key.size() >= options_.most_letters) {
      out.cut = true;
      return;
    }
    for (const char letter : kLetters) {
      out.tasks.push_back({'s', task.key + letter, ""});
    }
  }

  Asked<CrawlPage> FetchNamespace(const CrawlTask& task) {
    const uint64_t number = PageOf(task);
    auto page = Ask(fmt::format("/v2/namespaces/{}/repositories?page={}&page_size={}",
                                net::UrlEscape(task.key), number, kPage));
    CrawlPage out;
    if (!page) {
      if (page.error().code == Code::kNotFound || (number > 1 && page.error().status == 403)) {
        return out;  // it is gone, or has ended
      }
      return std::unexpected(std::move(page).error());
    }
    TakeRows(*page, task.key, out);
    if (!StringMember(*page, "next").value_or("").empty() && !out.found.empty()) {
      out.next = std::to_string(number + 1);
    }
    return out;
  }

  // Of a list of seeds: whether it is there, and its numbers.
  Asked<CrawlPage> FetchRepository(const CrawlTask& task) {
    const size_t slash = task.key.find('/');
    const std::string space = task.key.substr(0, slash);
    auto page = Ask(fmt::format("/v2/namespaces/{}/repositories/{}", net::UrlEscape(space),
                                net::UrlEscape(task.key.substr(slash + 1))));
    CrawlPage out;
    if (!page) {
      return page.error().code == Code::kNotFound ? Asked<CrawlPage>(out)
                                                  : std::unexpected(std::move(page).error());
    }
    if (auto found = Read(*page, space)) {
      out.found.push_back(*std::move(found));
    }
    if (options_.namespaces) {
      out.tasks.push_back({'n', space, ""});
    }
    return out;
  }

  Registry& registry_;
  const HubOptions options_;
  const std::string name_{kHub};
};

}  // namespace

std::unique_ptr<CrawlSource> MakeHubSource(Registries& registries, HubOptions options) {
  return std::make_unique<HubSource>(registries, std::move(options));
}

}  // namespace fathom::registry
