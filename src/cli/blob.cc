// fathom blob: one blob of a registry, verified.
#include <unistd.h>

#include "cli/command.h"
#include "extract/output_file.h"
#include "registry/blob_stream.h"
#include "registry/registry_source.h"
#include "registry/verified_copy.h"

namespace fathom::cli {
namespace {

struct Settings {
  std::string blob;
  std::string path = "-";
  bool force = false;
  RegistryOptions registry;
};

Outcome Run(const Settings& settings) {
  TRY_ASSIGN(const registry::RemoteName name, ParseInRegistry(settings.blob));
  if (name.digest.empty()) {
    return Fail(Code::kInvalidArgument, "'{}' names no blob; one is named REPOSITORY@DIGEST",
                settings.blob);
  }
  if (settings.path == "-" && ::isatty(STDOUT_FILENO) != 0) {
    return Fail(Code::kInvalidArgument,
                "a blob is no text for a terminal; --output FILE keeps it, and a pipe takes it");
  }
  RegistryAccess access(settings.registry, Limits{});
  TRY_ASSIGN(registry::Registries * registries, access.Get());
  registry::Registry& registry = registries->Get(name.registry);
  auto stream = registry::BlobStream::Open(registry, name.repository, name.digest);
  if (!stream) {
    return registry::FromRegistry(std::move(stream).error(), registry);
  }
  TRY_ASSIGN(const auto out, extract::OutputFile::Open(settings.path, settings.force));
  const auto copied = registry::CopyVerified(**stream, name.digest, (*stream)->blob_bytes(),
                                             [&](ByteView bytes) { return out->Write(bytes); });
  if (!copied) {
    return Wrap(copied.error(), "{}", name.ToString());
  }
  TRY(out->Commit());
  return 0;
}

}  // namespace

void AddBlob(Commands& commands) {
  auto settings = std::make_shared<Settings>();
  CLI::App* command =
      commands.app.add_subcommand("blob", "one blob of a registry, its digest verified");
  command->add_option("BLOB", settings->blob, "in a registry: [HOST/]NAME@DIGEST")->required();
  command->add_option("--output", settings->path, "file that it goes to; - is stdout")
      ->type_name("FILE")
      ->group("Output");
  command->add_flag("--overwrite", settings->force, "replace a file that is there")
      ->group("Output");
  AddRegistryOptions(*command, settings->registry);
  command->footer("Example: fathom blob debian@sha256:... --output layer.tar.gz");
  command->callback(
      [&commands, settings] { commands.run = [settings] { return Run(*settings); }; });
}

}  // namespace fathom::cli
