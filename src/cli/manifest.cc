// fathom manifest: what a registry says of an image.
#include "cli/command.h"
#include "registry/inspection.h"
#include "registry/registry_source.h"
#include "report/registry_report.h"

namespace fathom::cli {
namespace {

struct Settings {
  std::string image;
  std::string platform;
  RegistryOptions registry;
  OutputOptions output;
  bool raw = false;
};

Outcome Run(const Settings& settings) {
  TRY_ASSIGN(const registry::RemoteName name, ParseInRegistry(settings.image));
  TRY_ASSIGN(const image::Platform platform, ParsePlatform(settings.platform));
  const Limits limits;
  RegistryAccess access(settings.registry, limits);
  TRY_ASSIGN(registry::Registries * registries, access.Get());
  if (settings.raw) {
    registry::Registry& registry = registries->Get(name.registry);
    const auto document = registry::FetchManifest(registry, name, limits);
    if (!document) {
      return registry::FromRegistry(document.error(), registry);
    }
    TRY(WriteOutput(settings.output.path, document->text));
    return 0;
  }
  TRY_ASSIGN(const registry::Inspection inspection,
             registry::Inspect(*registries, name, platform, limits));
  TRY(WriteOutput(settings.output.path, settings.output.format == "json"
                                            ? report::ManifestJson(inspection)
                                            : report::ManifestTable(inspection)));
  return 0;
}

}  // namespace

void AddManifest(Commands& commands) {
  auto settings = std::make_shared<Settings>();
  CLI::App* command = commands.app.add_subcommand("manifest", "what a registry says of an image");
  command->add_option("IMAGE", settings->image, "in a registry: [HOST/]NAME[:TAG][@DIGEST]")
      ->required();
  AddPlatformOption(*command, settings->platform);
  command->add_flag("--raw", settings->raw, "the manifest or index, byte for byte");
  AddRegistryOptions(*command, settings->registry);
  AddOutputOptions(*command, settings->output, {"table", "json"});
  command->footer(
      "Examples: fathom manifest debian:12\n"
      "          fathom manifest debian:12 --raw --output index.json");
  command->callback(
      [&commands, settings] { commands.run = [settings] { return Run(*settings); }; });
}

}  // namespace fathom::cli
