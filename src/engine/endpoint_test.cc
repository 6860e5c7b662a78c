#include "engine/endpoint.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "base/digest.h"
#include "engine/engine_fixture.h"
#include "engine/places.h"

namespace fathom::engine {
namespace {

using Words = std::vector<std::string>;

TEST(SshCommandTest, RunsDialStdioOnTheOtherMachine) {
  EXPECT_EQ(*SshCommand("ssh://build", Product::kDocker),
            (Words{"ssh", "-o", "ConnectTimeout=30", "-T", "--", "build", "docker", "system",
                   "dial-stdio"}));
  EXPECT_EQ(*SshCommand("ssh://me@[fe80::1]:22/run/d.sock", Product::kDocker),
            (Words{"ssh", "-o", "ConnectTimeout=30", "-T", "-l", "me", "-p", "22", "--", "fe80::1",
                   "docker", "--host", "unix:///run/d.sock", "system", "dial-stdio"}));
  EXPECT_EQ(SshCommand("ssh://build/", Product::kPodman)->back(), "dial-stdio");
}

TEST(SshCommandTest, LetsNoHostBeAnOption) {
  for (const char* host :
       {"ssh://-oProxyCommand=x", "ssh://", "ssh://-l@host", "ssh://h:x", "ssh://me:secret@host"}) {
    EXPECT_EQ(SshCommand(host, Product::kDocker).error().code, Code::kInvalidArgument) << host;
  }
}

class PlacesTest : public ::testing::Test {
 protected:
  PlacesTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "places-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    variables_["HOME"] = folder_.string();
  }
  ~PlacesTest() override { std::filesystem::remove_all(folder_); }

  void Write(const std::string& name, const std::string& content) const {
    std::filesystem::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << content;
  }

  void WriteContext(const std::string& name, const std::string& meta) const {
    const std::string key = DigestOf(AsBytes(name)).Hex();
    Write(".docker/contexts/meta/" + key + "/meta.json", meta);
  }

  Result<std::vector<Endpoint>> Docker() const {
    return DockerPlaces([this](const char* name) { return Variable(name); }, kLimits);
  }
  std::vector<Endpoint> Podman() const {
    return PodmanPlaces([this](const char* name) { return Variable(name); });
  }
  std::string Variable(const char* name) const {
    const auto found = variables_.find(name);
    return found == variables_.end() ? "" : found->second;
  }

  std::filesystem::path folder_;
  std::map<std::string, std::string> variables_;
};

TEST_F(PlacesTest, TheHostOfTheEnvironmentComesAlone) {
  variables_ = {{"DOCKER_HOST", "tcp://h:1"}, {"DOCKER_CONTEXT", "other"}};
  const auto places = Docker();
  ASSERT_TRUE(places);
  ASSERT_EQ(places->size(), 1u);
  EXPECT_EQ((*places)[0].host, "tcp://h:1");
  EXPECT_FALSE((*places)[0].tls);
}

TEST_F(PlacesTest, TakesCertificatesFromTheirFolder) {
  Write("pki/ca.pem", "");
  Write("pki/cert.pem", "");
  variables_ = {{"DOCKER_HOST", "tcp://h:1"},
                {"DOCKER_TLS_VERIFY", "1"},
                {"DOCKER_CERT_PATH", (folder_ / "pki").string()}};
  const auto places = Docker();
  ASSERT_TRUE(places);
  EXPECT_TRUE((*places)[0].tls);
  EXPECT_TRUE((*places)[0].files.verify);
  EXPECT_EQ((*places)[0].files.ca, (folder_ / "pki/ca.pem").string());
  EXPECT_EQ((*places)[0].files.key, "");
}

TEST_F(PlacesTest, ReadsTheContextThatIsCurrent) {
  Write(".docker/config.json", R"({"currentContext":"build"})");
  WriteContext("build", R"({"Name":"build","Endpoints":{"docker":{"Host":"ssh://b"}}})");
  const auto places = Docker();
  ASSERT_TRUE(places) << places.error().message;
  ASSERT_EQ(places->size(), 1u);
  EXPECT_EQ((*places)[0].host, "ssh://b");
  EXPECT_TRUE((*places)[0].origin.contains("build"));
  variables_["DOCKER_CONTEXT"] = "default";
  EXPECT_EQ((*Docker())[0].host, "unix:///var/run/docker.sock");
}

TEST_F(PlacesTest, ContextsThatCannotBeUsedAreErrorsOfTheConfiguration) {
  variables_["DOCKER_CONTEXT"] = "x";
  EXPECT_EQ(Docker().error().code, Code::kInvalidArgument);
  for (const char* meta :
       {"{", "[]", "{}", R"({"Endpoints":{"docker":{"Host":7}}})", R"({"Endpoints":[]})"}) {
    WriteContext("x", meta);
    EXPECT_EQ(Docker().error().code, Code::kInvalidArgument) << meta;
  }
  variables_.erase("DOCKER_CONTEXT");
  Write(".docker/config.json", "{");
  EXPECT_FALSE(Docker());
}

TEST_F(PlacesTest, FindsTheUsualSockets) {
  Write("run/docker.sock", "");
  Write("run/podman/podman.sock", "");
  Write(".colima/default/docker.sock", "");
  variables_["XDG_RUNTIME_DIR"] = (folder_ / "run").string();
  const auto places = Docker();
  ASSERT_EQ(places->size(), 3u);
  EXPECT_EQ((*places)[1].host, "unix://" + (folder_ / "run/docker.sock").string());
  EXPECT_EQ((*places)[2].host, "unix://" + (folder_ / ".colima/default/docker.sock").string());
  EXPECT_EQ(Podman().front().host, "unix://" + (folder_ / "run/podman/podman.sock").string());
  variables_["CONTAINER_HOST"] = "unix:///x";
  ASSERT_EQ(Podman().size(), 1u);
  EXPECT_EQ(Podman()[0].host, "unix:///x");
}

}  // namespace
}  // namespace fathom::engine
