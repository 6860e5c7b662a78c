#include "engine/http_engine.h"

#include <gtest/gtest.h>

#include <map>

#include "engine/engine_fixture.h"

namespace fathom::engine {
namespace {

struct Answer {
  int status = 200;
  std::string body;
  std::vector<net::Header> headers;
};

// Answers by path, and notes what it was asked for.
class ScriptedClient final : public net::HttpClient {
 public:
  ScriptedClient(std::map<std::string, Answer> answers, std::vector<std::string>& asked)
      : answers_(std::move(answers)), asked_(asked) {}

  Result<net::Response> Send(const net::Request& request) override {
    const std::string path = request.url.substr(std::string("http://e").size());
    asked_.push_back(path);
    const auto found = answers_.find(path);
    const Answer answer = found == answers_.end() ? Answer{404, "", {}} : found->second;
    net::Response response;
    response.status = answer.status;
    response.headers = answer.headers;
    response.body = std::make_unique<testing::TextSource>(answer.body);
    return response;
  }

 private:
  std::map<std::string, Answer> answers_;
  std::vector<std::string>& asked_;
};

class HttpEngineTest : public ::testing::Test {
 protected:
  void Ping(const std::string& version) {
    answers_["/_ping"] = {200, "OK", {{"Api-Version", version}, {"Server", "Docker/test"}}};
  }

  Result<std::unique_ptr<Engine>> Open(const std::string& demanded = "") {
    return OpenHttpEngine(std::make_unique<ScriptedClient>(answers_, asked_),
                          {"Docker at e", "http://e", demanded}, kLimits);
  }

  // The error of an inspection that gets this answer.
  Error InspectError(Answer answer) {
    Ping("1.41");
    answers_["/v1.41/images/a:1/json"] = std::move(answer);
    auto engine = Open();
    const auto facts = (*engine)->InspectImage("a:1", {});
    EXPECT_FALSE(facts);
    return facts ? Error{Code::kCancelled, ""} : facts.error();
  }

  std::map<std::string, Answer> answers_;
  std::vector<std::string> asked_;
};

TEST_F(HttpEngineTest, AsksNoVersionAboveTheEngines) {
  Ping("1.41");
  answers_["/v1.41/images/a:1/get"] = {200, "tar", {}};
  auto engine = Open();
  ASSERT_TRUE(engine) << engine.error().message;
  EXPECT_EQ((*engine)->version(), "Docker/test");
  // Platforms can be asked for only from 1.48 on.
  const auto saved = (*engine)->SaveImage("a:1", {"linux", "arm64", ""});
  ASSERT_TRUE(saved) << saved.error().message;
  EXPECT_EQ(*ReadAll(**saved, 100), "tar");
}

TEST_F(HttpEngineTest, AsksNoVersionBelowTheEngines) {
  Ping("1.70");
  answers_["/version"] = {200, R"({"ApiVersion":"1.70","MinAPIVersion":"1.60"})", {}};
  answers_["/v1.60/images/a:1/get"] = {200, "tar", {}};
  auto engine = Open();
  ASSERT_TRUE(engine) << engine.error().message;
  EXPECT_TRUE((*engine)->SaveImage("a:1", {}));
}

TEST_F(HttpEngineTest, AsksForAPlatformWhereTheApiHasIt) {
  Ping("1.49");
  auto engine = Open();
  ASSERT_TRUE(engine);
  static_cast<void>((*engine)->SaveImage("a:1", {"linux", "arm64", "v8"}));
  EXPECT_EQ(asked_.back(),
            "/v1.49/images/a:1/get?platform=%7B%22architecture%22%3A%22arm64%22%2C%22os%22%3A%22"
            "linux%22%2C%22variant%22%3A%22v8%22%7D");
}

TEST_F(HttpEngineTest, EscapesNames) {
  Ping("1.41");
  auto engine = Open();
  static_cast<void>((*engine)->InspectImage("a?b#c d%", {}));
  EXPECT_EQ(asked_.back(), "/v1.41/images/a%3Fb%23c%20d%25/json");
  static_cast<void>((*engine)->InspectContainer("../images/x"));
  EXPECT_EQ(asked_.back(), "/v1.41/containers/..%2Fimages%2Fx/json");
}

TEST_F(HttpEngineTest, TellsErrorsApart) {
  EXPECT_EQ(InspectError({404, R"({"message":"No such image: a:1"})", {}}).code, Code::kNotFound);
  EXPECT_EQ(InspectError({403, "", {}}).code, Code::kDenied);
  EXPECT_EQ(InspectError({500, R"({"message":"disk full"})", {}}).code, Code::kUnavailable);
  EXPECT_TRUE(InspectError({500, R"({"message":"disk full"})", {}}).message.contains("disk full"));
  EXPECT_EQ(InspectError({302, "", {}}).code, Code::kCorrupt);
  EXPECT_EQ(InspectError({200, "{", {}}).code, Code::kCorrupt);
  EXPECT_EQ(InspectError({200, "<html>", {}}).code, Code::kCorrupt);
  EXPECT_EQ(InspectError({200, std::string(9 << 20, ' '), {}}).code, Code::kLimit);
}

TEST_F(HttpEngineTest, ErrorsOfAnySizeAreShownShort) {
  const Error error = InspectError({500, "\x1b[31m" + std::string(10 << 20, 'x'), {}});
  EXPECT_LT(error.message.size(), 1000u);
  EXPECT_FALSE(error.message.contains('\x1b'));
}

TEST_F(HttpEngineTest, RefusesWhatIsNoEngine) {
  answers_["/_ping"] = {200, "hello", {}};
  EXPECT_FALSE(Open());
  answers_["/version"] = {200, R"({"ApiVersion":"new"})", {}};
  EXPECT_EQ(Open().error().code, Code::kCorrupt);
}

}  // namespace
}  // namespace fathom::engine
