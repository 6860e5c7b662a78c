// fathom crawl: the repositories of a registry, and their tags.
#include "registry/crawl.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>

#include "base/text.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/status_line.h"
#include "registry/image_list.h"
#include "registry/registry_source.h"

namespace fathom::cli {
namespace {

using registry::RepositoryList;

struct Settings {
  std::string registry;
  std::string path;
  std::string columns = "all";
  std::string by = "auto";
  std::string hub_api = registry::HubOptions{}.api;
  std::vector<std::string> seeds;
  std::vector<std::string> queries;
  bool no_namespaces = false;
  bool tags = false;
  bool digests = false;
  bool count = false;
  bool restart = false;
  unsigned page = 1000;
  unsigned search_letters = registry::HubOptions{}.most_letters;
  std::string progress = "auto";
  RegistryOptions registry_options;
};

std::string RepositoriesPath(const Settings& settings, const std::string& registry) {
  std::string name = registry;
  std::ranges::replace(name, ':', '_');
  return settings.path.empty() ? name + ".csv" : settings.path;
}

// "repositories.csv" and what lies beside it: "repositories.csv.tags".
std::string JournalPath(const std::string& list) { return list + ".journal"; }

// One task after another from files of seeds: repositories, or namespaces as "NAME/".
class Seeds {
 public:
  explicit Seeds(std::vector<std::string> paths) : paths_(std::move(paths)) {}

  std::optional<registry::CrawlTask> Next() {
    while (true) {
      if (!list_) {
        if (next_ == paths_.size()) {
          return std::nullopt;
        }
        auto list = registry::ImageList::Open(paths_[next_++]);
        if (!list) {
          error_ = std::move(list).error();
          continue;
        }
        list_.emplace(*std::move(list));
      }
      auto image = list_->Next();
      if (!image) {
        ++wrong_;
        continue;
      }
      if (*image) {
        return registry::CrawlTask{'r', (*image)->name.repository, ""};
      }
      list_.reset();
    }
  }

  const std::optional<Error>& error() const { return error_; }
  uint64_t wrong() const { return wrong_; }

 private:
  const std::vector<std::string> paths_;
  size_t next_ = 0;
  std::optional<registry::ImageList> list_;
  std::optional<Error> error_;
  uint64_t wrong_ = 0;
};

Result<std::unique_ptr<registry::CrawlSource>> MakeSource(const Settings& settings,
                                                          registry::Registries& registries,
                                                          const std::string& name) {
  if (settings.by == "hub" || (settings.by == "auto" && name == registry::kHub)) {
    registry::HubOptions options;
    TRY_ASSIGN(options.api, registry::ParseRegistry(settings.hub_api));
    options.namespaces = !settings.no_namespaces;
    options.most_letters = settings.search_letters;
    return registry::MakeHubSource(registries, options);
  }
  if (settings.by == "catalog") {
    return registry::MakeCatalogSource(registries, name, settings.page);
  }
  if (settings.by == "harbor") {
    return registry::MakeHarborSource(registries, name);
  }
  if (settings.by == "quay") {
    return registry::MakeQuaySource(registries, name);
  }
  auto found = registry::FindCrawlSource(registries, name, settings.page);
  if (!found) {
    return registry::FromRegistry(std::move(found).error(), registries.Get(name));
  }
  return *std::move(found);
}

// A list and what a crawl of it has still to do.
struct Run {
  registry::NameSet names;
  std::unique_ptr<registry::Frontier> frontier;
  std::optional<RepositoryList> list;
};

Result<std::unique_ptr<Run>> OpenRun(const std::string& path, RepositoryList::Columns columns,
                                     bool restart) {
  const std::string journal = JournalPath(path);
  if (restart) {
    ::unlink(journal.c_str());
  }
  struct stat info{};
  const bool list_there = ::stat(path.c_str(), &info) == 0 && info.st_size > 0;
  if (list_there && !restart && ::access(journal.c_str(), F_OK) != 0) {
    return Fail(
        Code::kInvalidArgument,
        "'{}' is there, but '{}', from which a crawl goes on, is not; --restart replaces it", path,
        journal);
  }
  auto run = std::make_unique<Run>();
  TRY_ASSIGN(run->frontier, registry::Frontier::Open(journal));
  const auto now = static_cast<int64_t>(std::time(nullptr));
  if (run->frontier->not_before() > now) {
    return Fail(Code::kUnavailable, "the registry wants no requests for another {} seconds",
                run->frontier->not_before() - now);
  }
  TRY_ASSIGN(auto list,
             RepositoryList::Open(path, columns, run->frontier->list_bytes(), run->names));
  run->list.emplace(std::move(list));
  return run;
}

void Tell(const std::string& what, const registry::CrawlSummary& summary, uint64_t requests,
          const std::string& path, bool complete) {
  fmt::print(stderr, "{} {}, {} of them new, in {}\n", summary.repositories, what, summary.fresh,
             Printable(path));
  if (requests > 0) {
    fmt::print(
        stderr, "{} requests, {:.3f} for each new one\n", requests,
        static_cast<double>(requests) / static_cast<double>(std::max<uint64_t>(summary.fresh, 1)));
  }
  if (summary.cut > 0) {
    fmt::print(stderr, "{} lists could not be seen to their ends: there is more\n", summary.cut);
  }
  if (summary.estimate) {
    fmt::print(stderr, "by what search and namespaces found both, there are about {}\n",
               *summary.estimate);
  }
  if (summary.failed > 0) {
    fmt::print(stderr, "{} lists could not be had; the same command tries them again\n",
               summary.failed);
  }
  if (!complete) {
    fmt::print(stderr, "{} lists are left; the same command goes on\n", summary.waiting);
  }
}

std::string ProgressText(const registry::Crawl& crawl,
                         std::chrono::steady_clock::time_point start) {
  const registry::CrawlSummary summary = crawl.Summary();
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return fmt::format("{} found, {} pages ({:.1f}/s), {} lists left", summary.repositories,
                     summary.pages, static_cast<double>(summary.pages) / std::max(seconds, 0.1),
                     summary.waiting);
}

Result<int> CrawlInto(const std::string& path, RepositoryList::Columns columns,
                      registry::CrawlSource& source, registry::Registries& registries,
                      const std::string& server,
                      std::function<std::optional<registry::CrawlTask>()> seeds,
                      const Settings& settings, const std::string& what) {
  TRY_ASSIGN(const auto run, OpenRun(path, columns, settings.restart));
  const uint64_t before = registries.Get(server).requests();
  registry::Crawl crawl(
      source, *run->frontier, *run->list, run->names, registries.settings(),
      {.threads = settings.registry_options.at_once, .next_seed = std::move(seeds)});
  Status ran;
  {
    const auto start = std::chrono::steady_clock::now();
    const StatusLine line(settings.progress, [&] { return ProgressText(crawl, start); });
    ran = crawl.Run();
  }
  registry::CrawlSummary summary = crawl.Summary();
  if (columns == RepositoryList::Columns::kTags) {
    summary.repositories = summary.fresh;
  }
  Tell(what, summary, registries.Get(server).requests() - before, path, summary.waiting == 0);
  if (!ran) {
    return Wrap(std::move(ran).error(), "registry {}", server);
  }
  return summary.failed > 0 ? ExitCode(Code::kUnavailable) : 0;
}

Result<int> CrawlTags(const Settings& settings, registry::Registries& registries,
                      const std::string& name, const std::string& repositories) {
  const auto source = registry::MakeTagSource(registries, name, settings.page, settings.digests);
  TRY_ASSIGN(auto list, registry::ImageList::Open(repositories));
  auto next = [&list]() -> std::optional<registry::CrawlTask> {
    while (true) {
      auto image = list.Next();
      if (image && !*image) {
        return std::nullopt;
      }
      if (image) {
        return registry::CrawlTask{'t', (*image)->name.repository, ""};
      }
    }
  };
  return CrawlInto(repositories + ".tags", RepositoryList::Columns::kTags, *source, registries,
                   name, next, settings, "tags");
}

// A line for each query: time, query, how many there are.
Outcome CountRepositories(const Settings& settings, registry::CrawlSource& source,
                          const std::string& name) {
  const std::vector<std::string> queries =
      settings.queries.empty() ? std::vector<std::string>{"*"} : settings.queries;
  std::string lines;
  for (const std::string& query : queries) {
    const auto total = source.Count(query);
    if (!total) {
      return Wrap(Error(total.error()), "registry {}", name);
    }
    lines += fmt::format("{},{},{}\n", registry::TimeNow(), Printable(query), *total);
  }
  if (settings.path.empty() || settings.path == "-") {
    TRY(WriteOutput("-", lines));
    return 0;
  }
  Fd file(::open(settings.path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666));
  if (!file.valid()) {
    return std::unexpected(SystemError(errno, fmt::format("cannot open '{}'", settings.path)));
  }
  TRY(WriteAll(file.get(), AsBytes(lines)));
  return 0;
}

Outcome RunCrawl(const Settings& settings) {
  TRY_ASSIGN(const std::string name, registry::ParseRegistry(settings.registry));
  const Limits limits;
  const Interrupt interrupt;
  RegistryAccess access(settings.registry_options, limits, interrupt.token());
  TRY_ASSIGN(registry::Registries * registries, access.Get());
  TRY_ASSIGN(const auto source, MakeSource(settings, *registries, name));
  if (settings.count) {
    return CountRepositories(settings, *source, name);
  }
  const std::string path = RepositoriesPath(settings, name);
  const std::string server =
      source->registry() == registry::kHub ? *registry::ParseRegistry(settings.hub_api) : name;
  Seeds seeds(settings.seeds);
  TRY_ASSIGN(const int code, CrawlInto(
                                 path,
                                 settings.columns == "all" ? RepositoryList::Columns::kAll
                                                           : RepositoryList::Columns::kField,
                                 *source, *registries, server, [&seeds] { return seeds.Next(); },
                                 settings, "repositories"));
  if (seeds.error()) {
    return std::unexpected(*seeds.error());
  }
  if (seeds.wrong() > 0) {
    fmt::print(stderr, "{} lines of the seeds name no repository\n", seeds.wrong());
  }
  if (!settings.tags && !settings.digests) {
    return code;
  }
  TRY_ASSIGN(const int tags_code, CrawlTags(settings, *registries, name, path));
  return code != 0 ? code : tags_code;
}

}  // namespace

void AddCrawl(Commands& commands) {
  auto settings = std::make_shared<Settings>();
  CLI::App* command =
      commands.app.add_subcommand("crawl", "list the repositories of a registry, and their tags");
  // A crawl is a guest: a few requests at once, and not many in a second.
  settings->registry_options.at_once = 4;
  settings->registry_options.per_second = 10;
  command->add_option("REGISTRY", settings->registry, "HOST[:PORT], or hub for Docker Hub")
      ->required();
  command
      ->add_option("--output", settings->path,
                   "list of the repositories; a crawl that was stopped goes on with it; default "
                   "REGISTRY.csv")
      ->type_name("FILE");
  command
      ->add_option("--columns", settings->columns,
                   "all, or those that the field uses: star_count,pull_count,name")
      ->check(CLI::IsMember({"all", "field"}))
      ->capture_default_str();
  command->add_option("--by", settings->by, "how the registry is listed")
      ->check(CLI::IsMember({"auto", "hub", "catalog", "harbor", "quay"}))
      ->capture_default_str();
  command
      ->add_option("--seeds", settings->seeds,
                   "list of repositories that are asked for, too; several times")
      ->type_name("FILE")
      ->allow_extra_args(false);
  command->add_flag("--tags", settings->tags, "list the tags of each, into FILE.tags");
  command->add_flag("--digests", settings->digests, "the same with the digest of each tag");
  command->add_flag("--count", settings->count,
                    "only append a line to FILE: time, query, how many repositories it has");
  command->add_option("--query", settings->queries, "what --count searches; several times")
      ->type_name("WORD")
      ->allow_extra_args(false);
  command->add_flag("--no-namespaces", settings->no_namespaces,
                    "do not list the namespaces that searches show");
  command
      ->add_option("--search-letters", settings->search_letters,
                   "letters of the longest search of Docker Hub")
      ->check(CLI::Range(1u, 64u))
      ->capture_default_str();
  command->add_option("--page-size", settings->page, "names that are asked for at once")
      ->check(CLI::Range(1u, 10'000u))
      ->capture_default_str();
  command->add_flag("--restart", settings->restart, "begin anew, replacing the list");
  command->add_option("--hub-api", settings->hub_api, "where Docker Hub's API is")
      ->type_name("HOST[:PORT]")
      ->capture_default_str();
  AsSetting(command->add_option("--progress", settings->progress, "what stderr tells meanwhile"))
      ->check(CLI::IsMember({"auto", "plain", "none"}))
      ->capture_default_str();
  AddRegistryOptions(*command, settings->registry_options);
  command->footer(
      "Examples: fathom crawl registry.example.org --tags\n"
      "          fathom crawl hub --output hub.csv\n"
      "          fathom crawl hub --count --query '*' --output growth.csv");
  command->callback(
      [&commands, settings] { commands.run = [settings] { return RunCrawl(*settings); }; });
}

}  // namespace fathom::cli
