#include "registry/credentials.h"

#include <gtest/gtest.h>

#include "base/io.h"
#include "base/text.h"
#include "registry/registry_fixture.h"

namespace fathom::registry {
namespace {

Result<Keychain> Load(const std::map<std::string, std::string>& variables) {
  return Keychain::Load(
      [variables](const char* name) {
        const auto found = variables.find(name);
        return found == variables.end() ? std::string() : found->second;
      },
      Limits{});
}

std::string Auth(const char* pair) { return "{\"auth\":\"" + Base64(AsBytes(pair)) + "\"}"; }

TEST(Credentials, AreFoundUnderAllNamesOfARegistry) {
  const auto keychain = Load({{"DOCKER_AUTH_CONFIG", R"({"auths":{
      "https://index.docker.io/v1/":)" + Auth("hub:a:b") +
                                                         R"(,
      "http://old.example:5000/v2/":)" + Auth("old:p") + R"(,
      "ghcr.io/team":)" + Auth("team:p") + R"(,
      "ghcr.io":{"identitytoken":"refresh"},
      "empty.example":{}}})"}});
  ASSERT_TRUE(keychain) << keychain.error().message;
  EXPECT_EQ(keychain->Find("docker.io", "library/x").user, "hub");
  EXPECT_EQ(keychain->Find("docker.io", "library/x").password, "a:b");
  EXPECT_EQ(keychain->Find("old.example:5000", "x").user, "old");
  EXPECT_EQ(keychain->Find("ghcr.io", "team/app").user, "team");
  EXPECT_EQ(keychain->Find("ghcr.io", "teams/app").identity_token, "refresh");
  EXPECT_TRUE(keychain->Find("empty.example", "x").anonymous());
  EXPECT_TRUE(keychain->Find("other.example", "x").anonymous());
}

TEST(Credentials, FilesComeInTheirOrder) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder.At("home/.docker"));
  std::filesystem::create_directories(folder.At("run/containers"));
  ASSERT_TRUE(WriteFileAtomically(folder.At("home/.docker/config.json"),
                                  AsBytes("{\"auths\":{\"a.io\":" + Auth("docker:1") + "}}"),
                                  false));
  ASSERT_TRUE(WriteFileAtomically(
      folder.At("run/containers/auth.json"),
      AsBytes("{\"auths\":{\"a.io\":" + Auth("podman:1") + ",\"b.io\":" + Auth("podman:2") + "}}"),
      false));
  const auto keychain = Load({{"HOME", folder.At("home")}, {"XDG_RUNTIME_DIR", folder.At("run")}});
  ASSERT_TRUE(keychain);
  EXPECT_EQ(keychain->Find("a.io", "x").user, "docker");
  EXPECT_EQ(keychain->Find("b.io", "x").user, "podman");
  EXPECT_TRUE(Load({})->Find("a.io", "x").anonymous());
}

TEST(Credentials, FilesThatAreNoneAreErrors) {
  for (const char* text : {"{", "[]", R"({"auths":[]})", R"({"auths":{"a":{"auth":"?"}}})",
                           R"({"auths":{"a":{"auth":"YQ=="}}})", R"({"credHelpers":{"a":7}})"}) {
    const auto keychain = Load({{"DOCKER_AUTH_CONFIG", text}});
    ASSERT_FALSE(keychain) << text;
    EXPECT_EQ(keychain.error().code, Code::kInvalidArgument);
    EXPECT_NE(keychain.error().message.find("DOCKER_AUTH_CONFIG"), std::string::npos);
  }
}

TEST(Credentials, HelpersAreNoOtherPrograms) {
  for (const char* suffix : {"", "../sh", "a b", "x;y", "$HOME"}) {
    EXPECT_EQ(AskHelper(suffix, "s", Limits{}).error().code, Code::kInvalidArgument) << suffix;
  }
  const auto keychain = Load({{"DOCKER_AUTH_CONFIG", R"({"credsStore":"is-not-installed"})"}});
  ASSERT_TRUE(keychain);
  const Credentials none = keychain->Find("a.io", "x");
  EXPECT_TRUE(none.anonymous());
  EXPECT_NE(none.problem.find("docker-credential-is-not-installed"), std::string::npos);
}

}  // namespace
}  // namespace fathom::registry
