#include "engine/build_image.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace fathom::engine {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

class BuildArgumentsTest : public ::testing::Test {
 protected:
  BuildArgumentsTest()
      : folder_(fs::path(::testing::TempDir()) / ("build-" + std::to_string(::getpid()))) {
    fs::create_directories(folder_ / "context");
    fs::create_directories(folder_ / "other");
  }
  ~BuildArgumentsTest() override { fs::remove_all(folder_); }

  std::string Path(const std::string& name) const { return (folder_ / name).string(); }
  std::string Write(const std::string& name) const {
    std::ofstream(Path(name)) << "FROM scratch\n";
    return Path(name);
  }

  fs::path folder_;
};

TEST_F(BuildArgumentsTest, TheFileOfTheFirstFolderIsNamed) {
  const std::string context = Path("context");
  const Words words = {"-t", "x", Path("other"), context, "."};
  EXPECT_EQ(BuildArguments("docker", words), words) << "there is no file in either";
  for (const char* name : {"dockerfile", "Dockerfile", "containerfile", "Containerfile"}) {
    const std::string file = Write(std::string("context/") + name);
    EXPECT_EQ(BuildArguments("docker", words),
              (Words{"-f", file, "-t", "x", Path("other"), context, "."}));
  }
  EXPECT_EQ(BuildArguments("podman", words), words) << "podman looks for it by itself";
}

TEST_F(BuildArgumentsTest, AFileThatIsNamedIsTaken) {
  Write("context/Containerfile");
  for (const Words& named :
       {Words{"-f", "x"}, Words{"--file", "x"}, Words{"--file=x"}, Words{"-fx"}}) {
    Words words = named;
    words.push_back(Path("context"));
    EXPECT_EQ(BuildArguments("docker", words), words);
  }
  const Words other = {"--force-rm", Path("context")};
  EXPECT_EQ(BuildArguments("docker", other).front(), "-f") << "--force-rm names no file";
}

TEST(IdFileTest, IsWhereTheArgumentsSay) {
  EXPECT_EQ(IdFileOf({"-t", "x", "."}), "");
  EXPECT_EQ(IdFileOf({"--iidfile", "a", "."}), "a");
  EXPECT_EQ(IdFileOf({"--iidfile=a", "--iidfile=b", "."}), "b");
}

TEST(BuildImageTest, TellsThatThereIsNoSuchProgram) {
  EXPECT_EQ(BuildImage("no-such-program-anywhere", {"."}).error().code, Code::kNotFound);
}

TEST(BuildImageTest, AFailureIsTheProgramsExitCode) {
  EXPECT_EQ(BuildImage("false", {"."})->exit_code, 1);
}

TEST(BuildImageTest, AProgramThatSaysNoIdIsAnError) {
  EXPECT_EQ(BuildImage("true", {"."}).error().code, Code::kCorrupt);
}

}  // namespace
}  // namespace fathom::engine
