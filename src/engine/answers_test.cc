#include "engine/answers.h"

#include <gtest/gtest.h>

#include "engine/engine_fixture.h"

namespace fathom::engine {
namespace {

const std::string kHex(64, 'a');

TEST(AnswersTest, ReadsImages) {
  const auto docker =
      ParseImage(R"({"Id":"sha256:)" + kHex + R"(","RepoTags":["a:1","b:2"],"Size":5})", kLimits);
  ASSERT_TRUE(docker) << docker.error().message;
  EXPECT_EQ(docker->id, "sha256:" + kHex);
  EXPECT_EQ(docker->tags, (std::vector<std::string>{"a:1", "b:2"}));
  const auto podman = ParseImage(R"([{"Id":")" + kHex + R"(","RepoTags":null}])", kLimits);
  ASSERT_TRUE(podman) << podman.error().message;
  EXPECT_EQ(podman->id, "sha256:" + kHex);
  EXPECT_TRUE(podman->tags.empty());
}

TEST(AnswersTest, ReadsLayersOfImages) {
  const std::string id = R"({"Id":"sha256:)" + kHex + R"(","RootFS":{"Type":"layers","Layers":[)";
  const auto facts = ParseImage(id + "\"sha256:" + kHex + "\"]}}", kLimits);
  ASSERT_TRUE(facts) << facts.error().message;
  ASSERT_EQ(facts->diff_ids.size(), 1u);
  EXPECT_EQ(facts->diff_ids[0].Hex(), kHex);
  EXPECT_EQ(ParseImage(id + "\"md5:0\"]}}", kLimits).error().code, Code::kCorrupt);
}

TEST(AnswersTest, ReadsHistoryFromTheOldestOn) {
  const auto history = ParseHistory(R"([
      {"CreatedBy":"CMD [\"sh\"]","Size":0,"Comment":"buildkit.dockerfile.v0"},
      {"CreatedBy":"RUN /bin/sh -c true # buildkit","Size":0},
      {"CreatedBy":"WORKDIR /","Size":0},
      {"CreatedBy":"/bin/sh -c true","Size":0},
      {"CreatedBy":"/bin/sh -c #(nop)  ENV A=1","Size":0},
      {"CreatedBy":"/bin/sh -c #(nop) COPY file:1 in / ","Size":0},
      {"CreatedBy":"","Size":7}])",
                                    kLimits);
  ASSERT_TRUE(history) << history.error().message;
  std::vector<bool> empty;
  for (const image::HistoryEntry& entry : *history) {
    empty.push_back(entry.empty_layer);
  }
  EXPECT_EQ(empty, (std::vector<bool>{false, false, true, false, false, false, true}));
  EXPECT_EQ(history->back().comment, "buildkit.dockerfile.v0");
  for (const char* text : {"{}", "[{\"Size\":-1}]", "[{\"CreatedBy\":1}]"}) {
    EXPECT_EQ(ParseHistory(text, kLimits).error().code, Code::kCorrupt) << text;
  }
}

TEST(AnswersTest, RefusesImagesWithoutAnId) {
  for (const char* text : {"", "null", "[]", "7", "{}", R"({"Id":7})", R"({"Id":"../../x"})",
                           R"({"Id":"sha256:aa"})", R"({"Id":"md5:aa"})", R"([{},{}])"}) {
    EXPECT_EQ(ParseImage(text, kLimits).error().code, Code::kCorrupt) << text;
  }
}

TEST(AnswersTest, ReadsContainers) {
  const auto facts = ParseContainer(
      R"({"Id":")" + kHex + R"(","Name":"/web","Image":"sha256:)" + kHex + R"("})", kLimits);
  ASSERT_TRUE(facts) << facts.error().message;
  EXPECT_EQ(facts->name, "web");
  EXPECT_EQ(facts->id, kHex);
  EXPECT_EQ(facts->image, "sha256:" + kHex);
  for (const char* text : {"{}", R"({"Id":"../x","Image":"sha256:aa"})"}) {
    EXPECT_EQ(ParseContainer(text, kLimits).error().code, Code::kCorrupt) << text;
  }
}

TEST(AnswersTest, ReadsChanges) {
  const auto changes = ParseChanges(
      R"([{"Path":"/a","Kind":0},{"Path":"/a/b","Kind":1},{"Path":"/c","Kind":2}])", kLimits);
  ASSERT_TRUE(changes);
  ASSERT_EQ(changes->size(), 3u);
  EXPECT_EQ((*changes)[0].kind, Change::Kind::kModified);
  EXPECT_EQ((*changes)[1].kind, Change::Kind::kAdded);
  EXPECT_EQ((*changes)[2].kind, Change::Kind::kDeleted);
  EXPECT_TRUE(ParseChanges("null", kLimits)->empty());
  for (const char* text : {"{}", R"([{"Path":"/a","Kind":3}])", R"([{"Kind":1}])", "[7]",
                           R"([{"Path":"/a","Kind":-1}])", R"([{"Path":"","Kind":1}])"}) {
    EXPECT_EQ(ParseChanges(text, kLimits).error().code, Code::kCorrupt) << text;
  }
  Limits small;
  small.layer_entries = 2;
  EXPECT_EQ(ParseChanges("[{},{},{}]", small).error().code, Code::kLimit);
}

TEST(AnswersTest, ReadsWhatPodmanPrints) {
  const auto changes =
      ParsePodmanDiff(R"({"changed":["/etc"],"added":["/etc/x"],"deleted":["/srv"]})", kLimits);
  ASSERT_TRUE(changes);
  ASSERT_EQ(changes->size(), 3u);
  EXPECT_EQ((*changes)[2].path, "/srv");
  EXPECT_EQ((*changes)[2].kind, Change::Kind::kDeleted);
  EXPECT_TRUE(ParsePodmanDiff("{}", kLimits)->empty());
}

TEST(AnswersTest, ShowsErrorsOnOneHarmlessLine) {
  EXPECT_EQ(ErrorMessage(R"({"message":"no such image"})", kLimits), "no such image");
  EXPECT_EQ(ErrorMessage("plain text\n", kLimits), "plain text");
  EXPECT_EQ(ErrorMessage("a\x1b[2Jb\nc", kLimits), "a\\x1b[2Jb\\nc");
  EXPECT_LE(ErrorMessage(std::string(100'000, 'x'), kLimits).size(), 600u);
  EXPECT_EQ(ErrorMessage("", kLimits), "");
}

}  // namespace
}  // namespace fathom::engine
