#include "cli/command.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>

#include "base/io.h"
#include "base/text.h"
#include "base/units.h"
#include "cli/open_reference.h"
#include "cli/progress.h"
#include "image/open_source.h"
#include "registry/registry_source.h"

namespace fathom::cli {
namespace {

Result<Limits> MakeLimits(const ImageOptions& options) {
  if (!(options.limits_scale > 0)) {
    return Fail(Code::kInvalidArgument, "--limits-scale takes a number above 0");
  }
  Limits limits = Scale(Limits{}, options.limits_scale);
  for (const auto& [member, text] : options.limits) {
    if (text.empty()) {
      continue;
    }
    auto value = ParseBytes(text);
    if (!value) {
      return Fail(Code::kInvalidArgument, "'{}' is no limit: {}", text, value.error().message);
    }
    limits.*member = *value;
  }
  return limits;
}

// The layers of the base are not read; of a stream, all bytes have to come past.
Result<image::Image> OpenBase(const std::string& name, const image::Platform& platform,
                              const Limits& limits, RegistryAccess& registries) {
  TRY_ASSIGN(const image::Reference reference, image::ParseReference(name));
  TRY_ASSIGN(const auto source, OpenReference(reference, platform, limits, registries));
  if (source->streams()) {
    TRY(source->ReadThrough([](const std::string&, ByteSource&) { return Status(); }));
  }
  return source->Open({.tag = reference.tag, .platform = platform});
}

// "" and "auto" leave it to the image's annotations.
Result<analyze::BaseRequest> MakeBaseRequest(const std::string& base, const Limits& limits,
                                             RegistryAccess& registries) {
  analyze::BaseRequest request;
  if (base.empty() || base == "auto") {
    return request;
  }
  size_t layers = 0;
  const auto [end, error] = std::from_chars(base.data(), base.data() + base.size(), layers);
  if (end == base.data() + base.size()) {
    if (error != std::errc()) {
      return Fail(Code::kInvalidArgument, "--base {}: no image has so many layers", base);
    }
    request.layers = layers;
    return request;
  }
  request.name = base;
  request.open = [base, &limits, &registries](const image::Platform& platform) {
    return OpenBase(base, platform, limits, registries);
  };
  return request;
}

StderrProgress::Style ProgressStyle(const std::string& name) {
  if (name == "none") {
    return StderrProgress::Style::kNone;
  }
  return name == "auto" && ::isatty(STDERR_FILENO) != 0 ? StderrProgress::Style::kLine
                                                        : StderrProgress::Style::kPlain;
}

// What is wrong with a value, for CLI11; "" when nothing is.
template <typename T>
std::string Complaint(const Result<T>& parsed) {
  return parsed ? "" : parsed.error().message;
}

}  // namespace

Result<image::Platform> ParsePlatform(const std::string& text) {
  image::Platform platform;
  if (text.empty()) {
    return platform;
  }
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == '/') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  if (parts.size() < 2 || parts.size() > 3 || parts[0].empty() || parts[1].empty()) {
    return Fail(Code::kInvalidArgument, "'{}' is not of the form os/arch[/variant]", text);
  }
  platform.os = parts[0];
  platform.architecture = parts[1];
  platform.variant = parts.size() == 3 ? parts[2] : "";
  return platform;
}

CLI::Option* TakesBytes(CLI::Option* option) {
  return option->type_name("BYTES")->check(
      [](const std::string& text) { return Complaint(ParseBytes(text)); });
}

void AddPlatformOption(CLI::App& command, std::string& platform) {
  AsSetting(
      command.add_option("--platform", platform, "os/arch[/variant] of a multi-platform image"))
      ->type_name("PLATFORM")
      ->check([](const std::string& text) { return Complaint(ParsePlatform(text)); })
      ->group("Source");
}

void AddImageOptions(CLI::App& command, ImageOptions& options) {
  command
      .add_option("IMAGE", options.image,
                  "archive, OCI layout, - for stdin, or the name of an image")
      ->required();
  AddReadOptions(command, options);
}

void AddReadOptions(CLI::App& command, ImageOptions& options) {
  AddPlatformOption(command, options.platform);
  AsSetting(command.add_option("--base", options.base,
                               "the image that this one is built on, or the number of its layers, "
                               "or auto"))
      ->type_name("IMAGE|N")
      ->group("Source");
  AsSetting(
      command.add_option("--threads", options.threads, "threads that read layers; 0: one a core"))
      ->capture_default_str()
      ->group("Reading");
  AsSetting(TakesBytes(command.add_option("--cache-size", options.cache_size,
                                          "most bytes the cache may keep")))
      ->capture_default_str()
      ->group("Reading");
  AsSetting(command.add_flag("--no-cache", options.no_cache, "neither read nor write the cache"))
      ->group("Reading");
  AsSetting(command.add_flag("--verify", options.verify,
                             "read and hash layers that are in the cache, too"))
      ->group("Reading");
  AsSetting(command.add_option("--progress", options.progress, "what stderr tells meanwhile"))
      ->check(CLI::IsMember({"auto", "plain", "none"}))
      ->capture_default_str()
      ->group("Reading");
  AddRegistryOptions(command, options.registry);
  AsSetting(
      command.add_option("--limits-scale", options.limits_scale, "multiply every safety limit"))
      ->check([](const std::string& text) {
        double scale = 0;
        return CLI::detail::lexical_cast(text, scale) && scale > 0 ? "" : "takes a number above 0";
      })
      ->capture_default_str()
      ->group("Limits");
  options.limits.reserve(LimitFields().size());
  for (const LimitField& field : LimitFields()) {
    options.limits.emplace_back(field.member, "");
    AsSetting(TakesBytes(command.add_option(field.option, options.limits.back().second,
                                            fmt::format("most {}", field.help))))
        ->default_str(fmt::to_string(Limits{}.*(field.member)))
        ->group("Limits");
  }
}

void AddOutputOptions(CLI::App& command, OutputOptions& options, std::vector<std::string> formats) {
  AsCommandSetting(command, command.add_option("-o,--format", options.format, "form of the result"))
      ->check(CLI::IsMember(std::move(formats)))
      ->capture_default_str()
      ->group("Output");
  command.add_option("--output", options.path, "file that the result goes to; - is stdout")
      ->type_name("FILE")
      ->group("Output");
  AsSetting(
      command.add_option("--color", options.color, "auto: on a terminal, unless NO_COLOR is set"))
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->capture_default_str()
      ->group("Output");
}

bool InColor(const OutputOptions& options) {
  if (options.color != "auto") {
    return options.color == "always";
  }
  return options.path == "-" && ::isatty(STDOUT_FILENO) != 0 && Environment("NO_COLOR").empty() &&
         Environment("TERM") != "dumb";
}

void AddLazyOption(CLI::App& command, ImageOptions& options) {
  command
      .add_flag("--lazy", options.lazy,
                "of a registry's eStargz and zstd:chunked layers fetch only the table of contents; "
                "what it says is not verified")
      ->group("Reading");
}

Result<std::shared_ptr<Reading>> MakeReading(const ImageOptions& options) {
  auto reading = std::make_shared<Reading>();
  TRY_ASSIGN(reading->reference, image::ParseReference(options.image));
  TRY_ASSIGN(const uint64_t cache_bytes, ParseBytes(options.cache_size));
  analyze::Options& settings = reading->options;
  TRY_ASSIGN(settings.limits, MakeLimits(options));
  TRY_ASSIGN(settings.selection.platform, ParsePlatform(options.platform));
  settings.selection.tag = reading->reference.tag;
  reading->registries = std::make_unique<RegistryAccess>(options.registry, settings.limits);
  TRY_ASSIGN(settings.base, MakeBaseRequest(options.base, settings.limits, *reading->registries));
  settings.threads = options.threads;
  settings.verify = options.verify;
  const std::string cache_directory = CacheDirectory();
  if (!options.no_cache && !cache_directory.empty()) {
    reading->cache = std::make_unique<layer::LayerCache>(cache_directory, cache_bytes);
  }
  settings.cache = reading->cache.get();
  return reading;
}

Result<std::unique_ptr<image::ImageSource>> Reading::Open(image::Passes passes) const {
  return OpenReference(reference, options.selection.platform, options.limits, *registries, passes);
}

namespace {

Status ListLazily(const ImageOptions& options, const image::ImageSource& source,
                  analyze::Options& settings) {
  if (!options.lazy) {
    return {};
  }
  const auto* remote = dynamic_cast<const registry::RegistrySource*>(&source);
  if (remote == nullptr) {
    return Fail(Code::kInvalidArgument, "--lazy is for images of a registry, registry://NAME");
  }
  settings.algorithm = ContentAlgorithm::kSha256;
  settings.list_layer = [remote](const image::Layer& layer) { return remote->ListLayer(layer); };
  return {};
}

}  // namespace

Result<OpenedImage> OpenImage(const ImageOptions& options, image::Passes passes) {
  OpenedImage opened;
  TRY_ASSIGN(opened.reading, MakeReading(options));
  TRY_ASSIGN(opened.source, opened.reading->Open(passes));
  auto analysis = [&]() -> Result<analyze::Analysis> {
    StderrProgress progress(ProgressStyle(options.progress));
    analyze::Options settings = opened.reading->options;
    settings.progress = &progress;
    TRY(ListLazily(options, *opened.source, settings));
    return analyze::Analyze(*opened.source, settings);
  }();
  if (!analysis) {
    return Wrap(std::move(analysis).error(), "{}", opened.source->name());
  }
  opened.analysis = std::move(*analysis);
  return opened;
}

Result<analyze::Analysis> AnalyzeImage(const ImageOptions& options) {
  TRY_ASSIGN(OpenedImage opened, OpenImage(options, image::Passes::kOnce));
  TellLayersRead(opened.analysis);
  return std::move(opened.analysis);
}

void TellLayersRead(const analyze::Analysis& analysis) {
  const std::string listed =
      analysis.layers_listed == 0
          ? ""
          : fmt::format(", {} known only by their own tables of contents, not verified",
                        analysis.layers_listed);
  fmt::print(stderr, "{} layer{} read, {} from the cache{}\n", analysis.layers_read,
             analysis.layers_read == 1 ? "" : "s", analysis.layers_cached, listed);
}

Result<size_t> ChooseLayer(const tree::FileTree& tree, std::optional<size_t> layer) {
  const size_t layers = tree.layer_count();
  if (layer && *layer >= layers) {
    return layers == 0 ? Fail(Code::kInvalidArgument, "--layer {}: the image has no layers", *layer)
                       : Fail(Code::kInvalidArgument,
                              "--layer {}: the image has the layers 0 to {}", *layer, layers - 1);
  }
  return layer.value_or(layers == 0 ? 0 : layers - 1);
}

void Warn(const std::vector<std::string>& warnings) {
  for (const std::string& warning : warnings) {
    fmt::print(stderr, "fathom: warning: {}\n", Printable(warning));
  }
}

Status WriteOutput(const std::string& path, const std::string& text, std::string_view option) {
  if (path != "-") {
    struct stat info{};
    const bool special = ::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode);
    if (!special) {
      auto written = WriteFileAtomically(path, AsBytes(text), false);
      return written ? written
                     : Fail(Code::kInvalidArgument, "{}: {}", option, written.error().message);
    }
  }
  // Closing stdout is not ours to do.
  const auto close = [](std::FILE* file) { return file == stdout ? 0 : std::fclose(file); };
  const std::unique_ptr<std::FILE, decltype(close)> file(
      path == "-" ? stdout : std::fopen(path.c_str(), "we"), close);
  if (file == nullptr) {
    return Fail(Code::kInvalidArgument, "{}: cannot open '{}'", option, path);
  }
  if (std::fwrite(text.data(), 1, text.size(), file.get()) != text.size() ||
      std::fflush(file.get()) != 0) {
    return std::unexpected(SystemError(errno, "writing the result"));
  }
  return {};
}

}  // namespace fathom::cli
