// Two layers, the bytes of an attacker and a fixed one, extracted into a fresh directory beside a
// canary: whatever the names and links are, nothing beside the output may come, go or change.
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "extract/directory_target.h"
#include "extract/extract.h"
#include "fuzz/fuzz.h"
#include "layer/layer_scan.h"
#include "tree/stack.h"

namespace fathom::fuzz {
namespace {

namespace fs = std::filesystem;

// An image whose layers lie in memory.
class MemoryImage final : public image::ImageSource {
 public:
  explicit MemoryImage(std::vector<ByteView> layers) : layers_(std::move(layers)) {}

  std::string name() const override { return "memory"; }
  bool streams() const override { return false; }
  Status ReadThrough(const image::BlobVisitor&) override { return {}; }
  Result<image::Image> Open(const image::Selection&) override {
    image::Image opened;
    for (size_t i = 0; i < layers_.size(); ++i) {
      opened.layers.emplace_back().name = fmt::to_string(i);
    }
    return opened;
  }
  Result<std::unique_ptr<ByteSource>> OpenLayer(const image::Layer& layer) const override {
    return std::make_unique<MemorySource>(layers_.at(static_cast<size_t>(layer.name[0] - '0')));
  }

 private:
  std::vector<ByteView> layers_;
};

// The output, "canary" and "canary/file", in a folder that one process uses again and again.
class Arena {
 public:
  Arena() {
    std::string pattern = (fs::temp_directory_path() / "fathom-fuzz-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    fs::create_directory(folder_ / "canary");
    std::ofstream(folder_ / "canary/file") << "alive";
  }
  ~Arena() { fs::remove_all(folder_); }

  std::string Output() const { return (folder_ / "out").string(); }

  void Clear() const { fs::remove_all(folder_ / "out"); }

  void Check() const {
    size_t beside = 0;
    for (const auto& entry : fs::directory_iterator(folder_)) {
      FUZZ_CHECK(entry.path().filename() == "out" || entry.path().filename() == "canary");
      ++beside;
    }
    FUZZ_CHECK(beside <= 2);
    struct stat file{};
    FUZZ_CHECK(::lstat((folder_ / "canary/file").c_str(), &file) == 0);
    FUZZ_CHECK(S_ISREG(file.st_mode) && file.st_nlink == 1 && file.st_size == 5);
    FUZZ_CHECK(std::distance(fs::directory_iterator(folder_ / "canary"), {}) == 1);
  }

 private:
  fs::path folder_;
};

std::shared_ptr<const layer::LayerIndex> Scan(ByteView tar, const Limits& limits) {
  layer::LayerScan scan(ContentAlgorithm::kXxh3_128, {}, limits);
  return scan.Consume(tar) && scan.Finish() ? scan.Take().index : nullptr;
}

}  // namespace
}  // namespace fathom::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace fathom;
  static const fuzz::Arena arena;
  Limits limits;
  limits.layer_bytes = 1 << 20;
  limits.layer_entries = 500;
  limits.path_components = 64;
  limits.pax_bytes = 64 << 10;
  // The first half may be one layer and the rest the next, cut at a block.
  const size_t cut = size / 1024 * 512;
  const std::vector<std::vector<ByteView>> images = {
      {ByteView(data, size)}, {ByteView(data, cut), ByteView(data + cut, size - cut)}};
  for (const std::vector<ByteView>& layers : images) {
    tree::Stack stack;
    bool readable = true;
    for (const ByteView layer : layers) {
      const auto index = fuzz::Scan(layer, limits);
      readable = readable && index != nullptr && stack.Add(index).has_value();
    }
    if (!readable) {
      continue;
    }
    const tree::FileTree tree = stack.Finish();
    fuzz::MemoryImage source(layers);
    const auto image = source.Open({});
    const auto plan =
        extract::MakePlan(tree, std::vector{tree::kRoot}, layers.size() - 1, false, limits);
    if (!plan) {
      continue;
    }
    arena.Clear();
    // Twice, so that the second time everything is in the way.
    for (const bool overwrite : {false, true}) {
      const auto target = extract::DirectoryTarget::Open(tree, arena.Output(), {overwrite, false});
      FUZZ_CHECK(target.has_value());
      const Status done = extract::Extract(*plan, tree, source, *image, limits, **target);
      FUZZ_CHECK(done || done.error().code != Code::kCorrupt);
    }
    arena.Check();
  }
  return 0;
}
