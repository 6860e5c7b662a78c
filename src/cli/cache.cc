// fathom cache: what the cache holds, and making room in it.
#include "base/units.h"
#include "cli/command.h"
#include "layer/layer_cache.h"

namespace fathom::cli {
namespace {

Outcome Report(const layer::LayerCache::Removed& removed) {
  TRY(WriteOutput("-",
                  fmt::format("removed {} files, {}\n", removed.files, HumanBytes(removed.bytes))));
  return 0;
}

Outcome ListFiles(const layer::LayerCache& cache) {
  std::string out;
  uint64_t bytes = 0;
  const auto files = cache.List();
  for (const layer::CacheFile& file : files) {
    bytes += file.bytes;
    out +=
        fmt::format("{}  {:>10}  {}\n", file.digest.ToString(), HumanBytes(file.bytes), file.name);
  }
  out += fmt::format("{} files, {}, in {}\n", files.size(), HumanBytes(bytes), CacheDirectory());
  TRY(WriteOutput("-", out));
  return 0;
}

}  // namespace

void AddCache(Commands& commands) {
  CLI::App* cache = commands.app.add_subcommand("cache", "the cache of layer indexes");
  cache->require_subcommand(1);
  cache->footer("Example: fathom cache prune --cache-size 500MB");
  auto size = std::make_shared<std::string>("2GB");
  const auto add = [&](const char* name, const char* help, const char* example,
                       std::function<Outcome(layer::LayerCache&)> action) {
    CLI::App* command = cache->add_subcommand(name, help);
    command->footer(std::string("Example: fathom cache ") + example);
    AsSetting(
        TakesBytes(command->add_option("--cache-size", *size, "most bytes the cache may keep")))
        ->capture_default_str();
    command->callback([&commands, size, action = std::move(action)] {
      commands.run = [size, action]() -> Outcome {
        if (CacheDirectory().empty()) {
          return Fail(Code::kInvalidArgument,
                      "there is no place for a cache: set HOME, XDG_CACHE_HOME or "
                      "FATHOM_CACHE_DIR");
        }
        TRY_ASSIGN(const uint64_t bytes, ParseBytes(*size));
        layer::LayerCache kept(CacheDirectory(), bytes);
        return action(kept);
      };
    });
  };
  add("ls", "list what it holds", "ls", [](layer::LayerCache& kept) { return ListFiles(kept); });
  add("prune", "remove the least recently used down to the size", "prune --cache-size 500MB",
      [](layer::LayerCache& kept) { return Report(kept.Trim()); });
  add("clear", "remove everything", "clear",
      [](layer::LayerCache& kept) { return Report(kept.Clear()); });
}

}  // namespace fathom::cli
