#include "image/choose.h"

#include <gtest/gtest.h>

#include "image/platform.h"
#include "image/tag.h"

namespace fathom::image {
namespace {

TEST(FullName, SpellsOutWhatDockerImplies) {
  EXPECT_EQ(FullName("busybox"), "docker.io/library/busybox:latest");
  EXPECT_EQ(FullName("library/busybox:1"), "docker.io/library/busybox:1");
  EXPECT_EQ(FullName("index.docker.io/busybox"), "docker.io/library/busybox:latest");
  EXPECT_EQ(FullName("docker.io/a/b"), "docker.io/a/b:latest");
  EXPECT_EQ(FullName("host:5000/b"), "host:5000/b:latest");
  EXPECT_EQ(FullName("localhost/b:x"), "localhost/b:x");
}

TEST(MatchTag, RanksHowWellANameFits) {
  EXPECT_EQ(MatchTag("a:1", "a:1"), TagMatch::kExact);
  EXPECT_EQ(MatchTag("a", "docker.io/library/a:latest"), TagMatch::kSameName);
  EXPECT_EQ(MatchTag("a", "localhost/a:latest"), TagMatch::kLocal);
  EXPECT_EQ(MatchTag("1", "x/a:1"), TagMatch::kTagOnly);
  EXPECT_EQ(MatchTag("a:1", "a:2"), TagMatch::kNone);
  EXPECT_EQ(MatchTag("5000/b", "host:5000/b"), TagMatch::kNone);
  EXPECT_EQ(MatchTag("", "a"), TagMatch::kNone);
}

TEST(LooksLikeReference, TellsNamesOfImagesFromPaths) {
  for (const char* text : {"alpine", "alpine:3.20", "quay.io:443/a/b:x", "a/b@sha256:00", "a:X1"}) {
    EXPECT_TRUE(LooksLikeReference(text)) << text;
  }
  for (const char* text : {"/tmp/x.tar", "./x", "../x", "a//b", "Some File", "a/", "", ":1"}) {
    EXPECT_FALSE(LooksLikeReference(text)) << text;
  }
}

TEST(ListNames, IsSortedUniqueAndBounded) {
  EXPECT_EQ(ListNames({"b", "a", "b"}), "a, b");
  std::vector<std::string> many;
  for (int i = 100; i < 200; ++i) {
    many.push_back(std::to_string(i));
  }
  EXPECT_TRUE(ListNames(many).ends_with("149 and 50 more"));
}

TEST(PlatformMatch, IsTolerantOfVariants) {
  EXPECT_EQ(PlatformMatch({"linux", "arm64", ""}, {"linux", "arm64", "v8"}), 2);
  EXPECT_EQ(PlatformMatch({"linux", "arm64", "v8"}, {"linux", "arm64", ""}), 2);
  EXPECT_EQ(PlatformMatch({"linux", "arm", ""}, {"linux", "arm", "v6"}), 1);
  EXPECT_EQ(PlatformMatch({"linux", "arm", "v7"}, {"linux", "arm", "v6"}), 0);
  EXPECT_EQ(PlatformMatch({"linux", "amd64", ""}, {"windows", "amd64", ""}), 0);
}

TEST(ChoosePlatform, TakesTheUsualVariant) {
  const Platform offered[] = {{"linux", "arm", "v6"}, {"linux", "arm", "v7"}};
  EXPECT_EQ(ChoosePlatform(offered, {"linux", "arm", ""}).value(), 1u);
  EXPECT_EQ(ChoosePlatform(offered, {"linux", "arm", "v6"}).value(), 0u);
}

TEST(ChoosePlatform, TakesThisMachineOrTheOnlyOne) {
  const Platform both[] = {{"plan9", "vax", ""}, ThisMachine()};
  EXPECT_EQ(ChoosePlatform(both, {}).value(), 1u);
  const Platform other[] = {{"plan9", "vax", ""}};
  EXPECT_EQ(ChoosePlatform(other, {}).value(), 0u);
  const Platform others[] = {{"plan9", "vax", ""}, {"windows", "vax", ""}};
  const auto none = ChoosePlatform(others, {});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, Code::kNotFound);
  EXPECT_NE(none.error().message.find("plan9/vax, windows/vax"), std::string::npos);
}

TEST(ThisMachine, IsNamedAsGoNamesIt) {
  EXPECT_EQ(ThisMachine().os, "linux");
  EXPECT_NE(ThisMachine().architecture, "x86_64");
  EXPECT_NE(ThisMachine().architecture, "");
}

TEST(ChooseByTag, PrefersImagesWithATag) {
  const Choice choices[] = {{{}, "@0", "0", {}}, {{"a:1"}, "@1", "1", {}}};
  EXPECT_EQ(ChooseByTag(choices, "").value(), std::vector<size_t>{1});
  EXPECT_EQ(ChooseByTag(choices, "@0").value(), std::vector<size_t>{0});
}

TEST(ChooseByTag, TakesTogetherWhatSharesATag) {
  const Choice choices[] = {{{"a:1", "a:2"}, "@0", "0", {}}, {{"a:2"}, "@1", "1", {}}};
  EXPECT_EQ(ChooseByTag(choices, "").value(), (std::vector<size_t>{0, 1}));
  EXPECT_EQ(ChooseByTag(choices, "a:1").value(), std::vector<size_t>{0});
}

TEST(ChooseByPlatform, RefusesTwoImagesForOnePlatform) {
  const Platform linux = ThisMachine();
  const Choice apart[] = {{{}, "@0", "0", linux}, {{}, "@1", "1", linux}};
  const auto chosen = ChooseByPlatform(apart, {});
  ASSERT_FALSE(chosen);
  EXPECT_EQ(chosen.error().code, Code::kInvalidArgument);
  EXPECT_NE(chosen.error().message.find("@0, @1"), std::string::npos);
  const Choice together[] = {{{}, "@0", "0", linux}, {{}, "@1", "0", linux}};
  EXPECT_EQ(ChooseByPlatform(together, {}).value(), 0u);
}

}  // namespace
}  // namespace fathom::image
