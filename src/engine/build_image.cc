#include "engine/build_image.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "base/child_process.h"
#include "base/digest.h"
#include "base/text.h"

namespace fathom::engine {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kMostIdBytes = 1024;

// A folder that goes away with all that is in it.
class TemporaryFolder {
 public:
  static Result<TemporaryFolder> Make() {
    std::error_code error;
    std::string path = (fs::temp_directory_path(error) / "fathom-build-XXXXXX").string();
    if (error || ::mkdtemp(path.data()) == nullptr) {
      return std::unexpected(SystemError(error ? error.value() : errno,
                                         "cannot make a temporary folder ($TMPDIR says where)"));
    }
    return TemporaryFolder(std::move(path));
  }
  TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::exchange(other.path_, "")) {}
  TemporaryFolder& operator=(TemporaryFolder&&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) {
      fs::remove_all(path_, ignored);
    }
  }

  const std::string& path() const { return path_; }

 private:
  explicit TemporaryFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

bool InPath(const std::string& program) {
  const char* const path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "" : path;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find(':'), rest.size());
    if (::access((std::string(rest.substr(0, end)) + "/" + program).c_str(), X_OK) == 0) {
      return true;
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return false;
}

// --file FILE, --file=FILE, -f FILE, -fFILE.
bool NamesFile(const std::string& argument) {
  return argument == "--file" || argument.starts_with("--file=") ||
         (argument.starts_with("-f") && !argument.starts_with("--"));
}

std::string FindContainerfile(const std::string& folder) {
  for (const char* name : {"Containerfile", "containerfile", "Dockerfile", "dockerfile"}) {
    std::error_code error;
    if (const fs::path path = fs::path(folder) / name; fs::is_regular_file(path, error)) {
      return path.string();
    }
  }
  return "";
}

Result<std::string> ReadId(const std::string& path, const std::string& program) {
  const auto text = ReadFile(path, kMostIdBytes);
  const std::string id = text ? text->substr(0, text->find_last_not_of(" \r\n") + 1) : "";
  if (!Digest::Parse(id)) {
    return Fail(
        Code::kCorrupt,
        "{} did not say which image it has built; with buildx, --load hands it to the engine",
        program);
  }
  return id;
}

}  // namespace

std::string FindBuilder() { return InPath("docker") || !InPath("podman") ? "docker" : "podman"; }

std::vector<std::string> BuildArguments(const std::string& program,
                                        std::vector<std::string> arguments) {
  if (program != "docker" || std::ranges::any_of(arguments, NamesFile)) {
    return arguments;
  }
  for (const std::string& argument : arguments) {
    std::error_code error;
    const std::string found = fs::is_directory(argument, error) ? FindContainerfile(argument) : "";
    if (!found.empty()) {
      arguments.insert(arguments.begin(), {"-f", found});
      break;
    }
  }
  return arguments;
}

std::string IdFileOf(const std::vector<std::string>& arguments) {
  constexpr std::string_view kOption = "--iidfile";
  std::string file;
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == kOption && i + 1 < arguments.size()) {
      file = arguments[i + 1];
    } else if (arguments[i].starts_with(std::string(kOption) + "=")) {
      file = arguments[i].substr(kOption.size() + 1);
    }
  }
  return file;
}

Result<BuildResult> BuildImage(const std::string& program,
                               const std::vector<std::string>& arguments) {
  TRY_ASSIGN(const TemporaryFolder folder, TemporaryFolder::Make());
  std::vector<std::string> command = {program, "build"};
  std::string id_file = IdFileOf(arguments);
  if (id_file.empty()) {
    id_file = folder.path() + "/id";
    command.insert(command.end(), {"--iidfile", id_file});
  }
  const auto given = BuildArguments(program, arguments);
  command.insert(command.end(), given.begin(), given.end());
  BuildResult result;
  TRY_ASSIGN(result.exit_code, RunInFront(command));
  if (result.exit_code == 0) {
    TRY_ASSIGN(result.image_id, ReadId(id_file, program));
  }
  return result;
}

}  // namespace fathom::engine
