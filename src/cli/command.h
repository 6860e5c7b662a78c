// What the commands share: options, opening and analysing an image, and where results go.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>

#include "analyze/analyze.h"
#include "base/result.h"
#include "cli/environment.h"
#include "cli/registry_access.h"
#include "cli/settings.h"
#include "image/open_source.h"

namespace fathom::cli {

// A command's outcome: an exit code, or an error that main() shows.
using Outcome = Result<int>;

// A command registers itself and leaves what is to be run.
struct Commands {
  CLI::App& app;
  std::function<Outcome()> run;
  SettingList settings = {};                // filled when every command has been added
  std::vector<std::string> passed_on = {};  // arguments that another program is to get
  bool only_names = false;                  // of the commands: for the program's own help
};

// Options of every command that reads an image.
struct ImageOptions {
  std::string image;
  std::string platform;
  std::string base;
  unsigned threads = 0;
  bool no_cache = false;
  bool verify = false;
  bool lazy = false;
  std::string cache_size = "2GB";
  std::string progress = "auto";
  RegistryOptions registry;
  double limits_scale = 1;
  std::vector<std::pair<uint64_t Limits::*, std::string>> limits;
};

void AddImageOptions(CLI::App& command, ImageOptions& options);
// The same without the argument IMAGE, for commands that name their images otherwise.
void AddReadOptions(CLI::App& command, ImageOptions& options);

// For commands that only list files: layers may be known by their own tables of contents.
void AddLazyOption(CLI::App& command, ImageOptions& options);

void AddPlatformOption(CLI::App& command, std::string& platform);
// "linux/arm64/v8"; "" is none. Errors: kInvalidArgument.
Result<image::Platform> ParsePlatform(const std::string& text);

// Lets the option take a number of bytes, with or without a unit. Returns the option.
CLI::Option* TakesBytes(CLI::Option* option);

// Options that say where the result goes and in which form.
struct OutputOptions {
  std::string format = "table";
  std::string path = "-";
  std::string color = "auto";
};
// Whether the result is to be coloured: on a terminal, unless NO_COLOR or --color says otherwise.
bool InColor(const OutputOptions& options);
void AddOutputOptions(CLI::App& command, OutputOptions& options, std::vector<std::string> formats);

// Opens and analyses; says on stderr how far it is and, last, how many layers were read.
Result<analyze::Analysis> AnalyzeImage(const ImageOptions& options);

// How an image is to be read, as its options say. `options` points to the cache.
struct Reading {
  image::Reference reference;
  analyze::Options options;
  std::unique_ptr<layer::LayerCache> cache;
  std::unique_ptr<RegistryAccess> registries;

  // The source keeps the limits, so the reading must outlive it.
  Result<std::unique_ptr<image::ImageSource>> Open(image::Passes passes) const;
};
Result<std::shared_ptr<Reading>> MakeReading(const ImageOptions& options);

// An image whose contents can be read again.
struct OpenedImage {
  std::shared_ptr<const Reading> reading;
  std::unique_ptr<image::ImageSource> source;
  analyze::Analysis analysis;

  const Limits& limits() const { return reading->options.limits; }
};

// The same, but leaves it to the caller to say, last, how many layers were read.
Result<OpenedImage> OpenImage(const ImageOptions& options,
                              image::Passes passes = image::Passes::kAgain);
void TellLayersRead(const analyze::Analysis& analysis);

// The layer that `--layer` means, by default the last. Errors: kInvalidArgument.
Result<size_t> ChooseLayer(const tree::FileTree& tree, std::optional<size_t> layer);

// Each as a line on stderr.
void Warn(const std::vector<std::string>& warnings);

// `path` "-" is stdout. `option` is the one that named it, for errors.
Status WriteOutput(const std::string& path, const std::string& text,
                   std::string_view option = "--output");

// One file each.
void AddAnalyze(Commands& commands);
void AddHistory(Commands& commands);
void AddTree(Commands& commands);
void AddCheck(Commands& commands);
void AddCache(Commands& commands);
void AddFind(Commands& commands);
void AddCat(Commands& commands);
void AddExtract(Commands& commands);
void AddShow(Commands& commands);  // `fathom IMAGE`
void AddBuild(Commands& commands);
void AddTags(Commands& commands);
void AddManifest(Commands& commands);
void AddBlob(Commands& commands);
void AddPull(Commands& commands);
void AddCrawl(Commands& commands);
void AddConfig(Commands& commands);
void AddCompletion(Commands& commands);
void AddMan(Commands& commands);
void AddVersion(Commands& commands);
void AddHelp(Commands& commands);

}  // namespace fathom::cli
