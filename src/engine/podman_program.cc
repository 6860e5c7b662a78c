#include "engine/podman_program.h"

#include "base/child_process.h"
#include "base/text.h"
#include "engine/answers.h"

namespace fathom::engine {
namespace {

constexpr uint64_t kVersionBytes = 64 << 10;

// podman says what it does not have in these words, and exits as for every other error.
bool SaysAbsent(std::string_view text) {
  for (const char* words : {"image not known", "no such container", "no such object",
                            "unable to find", "no container with name or ID"}) {
    if (text.contains(words)) {
      return true;
    }
  }
  return false;
}

class PodmanProgram final : public Engine {
 public:
  explicit PodmanProgram(const Limits& limits) : limits_(limits) {}

  std::string name() const override { return "Podman (the program podman)"; }
  std::string version() const override { return version_; }

  Status AskVersion() {
    TRY_ASSIGN(version_, Run({"podman", "--version"}, kVersionBytes));
    return {};
  }

  Result<ImageFacts> InspectImage(const std::string& image,
                                  const image::Platform& /*platform*/) override {
    TRY_ASSIGN(const std::string text,
               Run({"podman", "image", "inspect", "--", image}, limits_.config_bytes));
    return Parsed(ParseImage(text, limits_));
  }

  Result<std::vector<image::HistoryEntry>> HistoryOf(const std::string& /*image*/) override {
    return std::vector<image::HistoryEntry>();
  }

  Result<std::unique_ptr<ByteSource>> SaveImage(const std::string& image,
                                                const image::Platform& /*platform*/) override {
    return OutputOf({"podman", "image", "save", "--format", "docker-archive", "--", image});
  }

  Result<ContainerFacts> InspectContainer(const std::string& container) override {
    TRY_ASSIGN(const std::string text,
               Run({"podman", "container", "inspect", "--", container}, limits_.config_bytes));
    return Parsed(ParseContainer(text, limits_));
  }

  Result<std::vector<Change>> ChangesOf(const std::string& container) override {
    TRY_ASSIGN(
        const std::string text,
        Run({"podman", "container", "diff", "--format", "json", "--", container}, kChangesBytes));
    return Parsed(ParsePodmanDiff(text, limits_));
  }

  Result<std::unique_ptr<ByteSource>> ExportContainer(const std::string& container) override {
    return OutputOf({"podman", "container", "export", "--", container});
  }

 private:
  static Result<std::string> Run(const std::vector<std::string>& arguments, uint64_t most) {
    TRY_ASSIGN(const auto output, OutputOf(arguments));
    auto text = ReadAll(*output, most);
    if (!text && text.error().code == Code::kIo) {
      text.error().code = SaysAbsent(text.error().message) ? Code::kNotFound : Code::kUnavailable;
    }
    return text;
  }

  template <typename T>
  static Result<T> Parsed(Result<T> parsed) {
    return parsed ? std::move(parsed) : Wrap(std::move(parsed).error(), "what it prints");
  }

  const Limits& limits_;
  std::string version_;
};

}  // namespace

Result<std::unique_ptr<Engine>> OpenPodmanProgram(const Limits& limits) {
  auto engine = std::make_unique<PodmanProgram>(limits);
  TRY(engine->AskVersion());
  return engine;
}

}  // namespace fathom::engine
