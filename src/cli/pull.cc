// fathom pull: images of registries into an OCI layout, or into an archive.
#include <filesystem>
#include <fstream>

#include "base/text.h"
#include "base/units.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/pull_progress.h"
#include "extract/output_file.h"
#include "image/platform.h"
#include "registry/archive_writer.h"
#include "registry/image_list.h"
#include "registry/mirror.h"

namespace fathom::cli {
namespace {

struct Settings {
  std::vector<std::string> images;
  std::string list;
  std::string folder;
  std::string format = "oci";
  std::string archive;
  bool force = false;
  std::vector<std::string> platforms;
  std::vector<std::string> tags;
  bool all_tags = false;
  std::string retry = "passing";
  std::string keep_free = "1GB";
  std::string finished_layers;
  std::string finished_repositories;
  std::string progress = "auto";
  RegistryOptions registry;
};

// Lines of a file that the old downloader reads and writes: digests, or names of repositories.
Result<std::set<std::string>> ReadLines(const std::string& path) {
  std::set<std::string> lines;
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line)) {
    line.resize(line.find_last_not_of(" \t\r") + 1);
    if (!line.empty()) {
      lines.insert(line);
    }
  }
  return lines;
}

// Which images are wanted: those of the command line, then those of the list.
class Wanted {
 public:
  Wanted(const Settings& settings, std::set<std::string> finished,
         const registry::MirrorFailures& failures)
      : settings_(settings), finished_(std::move(finished)), failures_(failures) {}

  Status Open() {
    if (!settings_.list.empty()) {
      TRY_ASSIGN(auto list, registry::ImageList::Open(settings_.list));
      list_.emplace(std::move(list));
    }
    return {};
  }

  Result<std::optional<registry::WantedImage>> Next() {
    if (next_ < settings_.images.size()) {
      const std::string& text = settings_.images[next_++];
      TRY_ASSIGN(registry::RemoteName name, ParseInRegistry(text));
      const bool tagged = text.find_first_of("@:", text.rfind('/') + 1) != std::string::npos;
      return registry::WantedImage{std::move(name), AllTags() && !tagged};
    }
    while (list_) {
      TRY_ASSIGN(auto listed, list_->Next());
      if (!listed) {
        return std::nullopt;
      }
      const bool all = AllTags() && !listed->tagged;
      if (!IsPassedOver(listed->name, all)) {
        return registry::WantedImage{std::move(listed->name), all};
      }
      ++passed_over_;
    }
    return std::nullopt;
  }

  uint64_t passed_over() const { return passed_over_; }

 private:
  bool AllTags() const { return settings_.all_tags || !settings_.tags.empty(); }

  bool IsPassedOver(const registry::RemoteName& name, bool all) const {
    if (finished_.contains(name.repository) || finished_.contains(name.FullRepository())) {
      return true;
    }
    if (all || settings_.retry == "all") {
      return false;
    }
    const auto failure = failures_.Find(name.ToString());
    return failure && (settings_.retry == "none" || !registry::MayPass(failure->kind));
  }

  const Settings& settings_;
  const std::set<std::string> finished_;
  const registry::MirrorFailures& failures_;
  size_t next_ = 0;
  std::optional<registry::ImageList> list_;
  uint64_t passed_over_ = 0;
};

// Appends lines to a file, so that what is killed has kept them.
class Appender {
 public:
  explicit Appender(const std::string& path) {
    if (!path.empty()) {
      file_.open(path, std::ios::app);
    }
  }
  void Add(const std::string& line) {
    if (file_.is_open()) {
      file_ << line << std::endl;
    }
  }

 private:
  std::ofstream file_;
};

Result<registry::MirrorOptions> MakeOptions(const Settings& settings) {
  registry::MirrorOptions options;
  options.threads = settings.registry.at_once;
  for (const std::string& text : settings.platforms) {
    TRY_ASSIGN(options.platforms.emplace_back(), ParsePlatform(text));
  }
  options.tags = settings.tags;
  TRY_ASSIGN(options.keep_free, ParseBytes(settings.keep_free));
  if (!settings.finished_layers.empty()) {
    TRY_ASSIGN(const auto lines, ReadLines(settings.finished_layers));
    for (const std::string& line : lines) {
      if (const auto digest = Digest::Parse(line)) {
        options.finished_layers.insert(*digest);
      }
    }
  }
  return options;
}

// The lines on stderr that end a run, and its exit code: that of the first failure.
int Tell(const registry::Mirror& mirror, const registry::MirrorFailures& failures,
         const std::string& failures_path, uint64_t passed_over) {
  const registry::MirrorCounts& counts = mirror.counts();
  const auto recent = failures.recent();
  constexpr size_t kShown = 10;
  for (size_t i = 0; i < std::min(recent.size(), kShown); ++i) {
    fmt::print(stderr, "fathom: {}{}{}: {}\n", Printable(recent[i].reference),
               recent[i].blob.empty() ? "" : " ", recent[i].blob, Printable(recent[i].reason));
  }
  if (recent.size() > kShown) {
    fmt::print(stderr, "fathom: and {} more\n", recent.size() - kShown);
  }
  if (passed_over > 0) {
    fmt::print(stderr, "{} passed over: finished, or failed for good before (--retry all)\n",
               passed_over);
  }
  fmt::print(stderr,
             "{} images mirrored ({} were there), {} failed; {} blobs fetched, {} were there\n",
             counts.images_done.load(), counts.images_there.load(), counts.images_failed.load(),
             counts.blobs_done.load(), counts.blobs_there.load());
  if (!recent.empty()) {
    fmt::print(stderr, "what failed stands in {}; the same command tries it again\n",
               Printable(failures_path));
  }
  return recent.empty() ? 0 : ExitCode(recent.front().code);
}

// Which options do not go together, and what they mean when they are not given.
Status Check(Settings& settings) {
  if (settings.images.empty() == settings.list.empty()) {
    return Fail(Code::kInvalidArgument, "pull takes either images or --from FILE");
  }
  if (settings.format == "oci") {
    return settings.archive.empty() && !settings.folder.empty()
               ? Status()
               : Status(Fail(Code::kInvalidArgument,
                             "an OCI layout is a folder, -d DIR; --output FILE is for "
                             "--format docker-archive and oci-archive"));
  }
  if (settings.archive.empty() || settings.archive == "-" || settings.images.empty()) {
    return Fail(Code::kInvalidArgument, "an archive takes images and --output FILE");
  }
  if (settings.format == "docker-archive" && settings.platforms.size() > 1) {
    return Fail(Code::kInvalidArgument, "a docker archive holds one platform of an image");
  }
  if (settings.format == "docker-archive" && settings.platforms.empty()) {
    settings.platforms = {image::ThisMachine().ToString()};
  }
  return {};
}

// The archive of what has been mirrored. The folder that was only for it goes.
Status WriteArchive(const Settings& settings, const registry::LayoutStore& store,
                    const Limits& limits, bool temporary) {
  TRY_ASSIGN(const auto out, extract::OutputFile::Open(settings.archive, settings.force));
  const registry::PutBytes put = [&out](ByteView bytes) { return out->Write(bytes); };
  if (settings.format == "oci-archive") {
    TRY(registry::WriteOciArchive(store, put));
  } else {
    std::vector<std::string> references;
    for (const std::string& text : settings.images) {
      TRY_ASSIGN(const registry::RemoteName name, ParseInRegistry(text));
      references.push_back(name.ToString());
    }
    TRY_ASSIGN(const image::Platform platform, ParsePlatform(settings.platforms.front()));
    TRY(registry::WriteDockerArchive(store, references, platform, limits, put));
  }
  TRY(out->Commit());
  std::error_code error;  // what stays is in nobody's way
  if (temporary) {
    std::filesystem::remove_all(store.folder(), error);
  }
  return {};
}

Outcome Run(Settings settings) {
  TRY(Check(settings));
  const bool temporary = settings.folder.empty();
  if (temporary) {
    settings.folder = settings.archive + ".parts";
  }
  const Limits limits;
  const Interrupt interrupt;
  RegistryAccess access(settings.registry, limits, interrupt.token());
  TRY_ASSIGN(registry::Registries * registries, access.Get());
  TRY_ASSIGN(registry::MirrorOptions options, MakeOptions(settings));
  TRY_ASSIGN(const auto store, registry::LayoutStore::Open(settings.folder));
  const std::string failures_path = store->StatePath("failures.csv");
  TRY_ASSIGN(const auto failures, registry::MirrorFailures::Open(failures_path));
  std::set<std::string> finished;
  if (!settings.finished_repositories.empty()) {
    TRY_ASSIGN(finished, ReadLines(settings.finished_repositories));
  }
  Wanted wanted(settings, std::move(finished), *failures);
  TRY(wanted.Open());
  Appender layers(settings.finished_layers);
  Appender repositories(settings.finished_repositories);
  options.on_layer = [&](const Digest& digest) { layers.Add(digest.ToString()); };
  options.on_image = [&](const registry::RemoteName& name) {
    repositories.Add(name.registry == registry::kHub ? name.repository : name.FullRepository());
  };
  registry::Mirror mirror(*registries, *store, limits, std::move(options));
  Status ran;
  {
    const PullProgress progress(mirror, settings.progress);
    ran = mirror.Run([&wanted] { return wanted.Next(); }, *failures);
  }
  const int code = Tell(mirror, *failures, failures_path, wanted.passed_over());
  TRY(ran);
  if (code == 0 && settings.format != "oci") {
    TRY(WriteArchive(settings, *store, limits, temporary));
  }
  return code;
}

}  // namespace

void AddPull(Commands& commands) {
  auto settings = std::make_shared<Settings>();
  // Connections are often capped one by one: see docs/performance.md, "mirror-slow".
  settings->registry.at_once = 24;
  CLI::App* command =
      commands.app.add_subcommand("pull", "mirror images of registries into an OCI layout");
  command->add_option("IMAGE", settings->images, "in a registry: [HOST/]NAME[:TAG][@DIGEST]");
  command
      ->add_option("--from", settings->list,
                   "list of images: names, or CSV as `fathom crawl` writes it; - for stdin")
      ->type_name("FILE");
  command->add_option("-d,--directory", settings->folder, "the OCI layout they go into")
      ->type_name("DIR");
  command->add_option("--format", settings->format, "a folder, or one file for --output")
      ->check(CLI::IsMember({"oci", "docker-archive", "oci-archive"}))
      ->capture_default_str();
  command
      ->add_option("--output", settings->archive,
                   "archive to write; without -d what it takes lies in FILE.parts meanwhile")
      ->type_name("FILE");
  command->add_flag("--overwrite", settings->force, "replace an archive that is there");
  command
      ->add_option("--platform", settings->platforms,
                   "os/arch[/variant] that is wanted; several times; default all")
      ->type_name("PLATFORM")
      ->allow_extra_args(false);
  command->add_flag("--all-tags", settings->all_tags,
                    "every tag of a repository that is named without one; default latest");
  command->add_option("--tags", settings->tags, "only tags that match; several times")
      ->type_name("GLOB")
      ->allow_extra_args(false);
  command
      ->add_option("--retry", settings->retry,
                   "of images in the list that failed before: passing tries those again whose "
                   "failure may have passed")
      ->check(CLI::IsMember({"passing", "all", "none"}))
      ->capture_default_str();
  TakesBytes(command->add_option("--keep-free", settings->keep_free,
                                 "bytes of the disk that are left to others"))
      ->capture_default_str();
  command
      ->add_option("-l,--finished-layers", settings->finished_layers,
                   "digests that are not fetched, a line each; those that are get added")
      ->type_name("FILE");
  command
      ->add_option("-r,--finished-repositories", settings->finished_repositories,
                   "repositories that are passed over, a line each; finished ones get added")
      ->type_name("FILE");
  AsSetting(command->add_option("--progress", settings->progress, "what stderr tells meanwhile"))
      ->check(CLI::IsMember({"auto", "plain", "none"}))
      ->capture_default_str();
  AddRegistryOptions(*command, settings->registry);
  command->footer(
      "Examples: fathom pull debian:12 alpine -d mirror\n"
      "          fathom pull --from repositories.csv -d mirror --platform linux/amd64\n"
      "          fathom pull alpine --format docker-archive --output alpine.tar");
  command->callback(
      [&commands, settings] { commands.run = [settings] { return Run(*settings); }; });
}

}  // namespace fathom::cli
