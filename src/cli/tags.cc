// fathom tags: the tags of a repository.
#include "cli/command.h"
#include "registry/pages.h"
#include "registry/parallel.h"
#include "registry/registry_source.h"
#include "report/registry_report.h"

namespace fathom::cli {
namespace {

struct Settings {
  std::string repository;
  RegistryOptions registry;
  OutputOptions output;
  bool digests = false;
  unsigned page = 1000;  // ECR takes no more
};

void FindDigests(registry::Registry& registry, const registry::RemoteName& repository,
                 std::vector<report::TagLine>& lines) {
  registry::ForEachInParallel(lines.size(), registry.settings().at_once, [&](size_t i) {
    registry::RemoteName name = repository;
    name.tag = lines[i].tag;
    if (auto digest = registry::FindDigest(registry, name, registry.settings().limits)) {
      lines[i].digest = *digest;
    } else {
      lines[i].failure = digest.error().message;
    }
  });
}

Outcome Run(const Settings& settings) {
  TRY_ASSIGN(const registry::RemoteName name, ParseRepositoryInRegistry(settings.repository));
  RegistryAccess access(settings.registry, Limits{});
  TRY_ASSIGN(registry::Registries * registries, access.Get());
  registry::Registry& registry = registries->Get(name.registry);
  std::vector<report::TagLine> lines;
  const auto listed = registry::ListTags(registry, name.repository, settings.page,
                                         [&lines](const std::vector<std::string>& tags) -> Status {
                                           for (const std::string& tag : tags) {
                                             lines.push_back({tag, std::nullopt, ""});
                                           }
                                           return {};
                                         });
  if (!listed) {
    return registry::FromRegistry(listed.error(), registry);
  }
  if (settings.digests) {
    FindDigests(registry, name, lines);
  }
  TRY(WriteOutput(settings.output.path, settings.output.format == "json"
                                            ? report::TagsJson(name.FullRepository(), lines)
                                            : report::TagsTable(lines)));
  return 0;
}

}  // namespace

void AddTags(Commands& commands) {
  auto settings = std::make_shared<Settings>();
  CLI::App* command = commands.app.add_subcommand("tags", "the tags of a repository");
  command->add_option("REPOSITORY", settings->repository, "in a registry: HOST/NAME, or NAME")
      ->required();
  command->add_flag("--digests", settings->digests, "ask for the digest of each, too");
  command->add_option("--page-size", settings->page, "tags that are asked for at once")
      ->check(CLI::Range(1u, 10'000u))
      ->capture_default_str();
  AddRegistryOptions(*command, settings->registry);
  AddOutputOptions(*command, settings->output, {"table", "json"});
  command->footer(
      "Examples: fathom tags debian\n"
      "          fathom tags ghcr.io/owner/app --digests -o json");
  command->callback(
      [&commands, settings] { commands.run = [settings] { return Run(*settings); }; });
}

}  // namespace fathom::cli
