#include "net/curl_client.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>

#include "net/peer_fixture.h"

namespace fathom::net {
namespace {

using Connection = ScriptedPeer::Connection;

std::unique_ptr<HttpClient> ClientOf(const ScriptedPeer& peer) {
  ClientOptions options;
  options.unix_socket = peer.path();
  auto client = MakeCurlClient(std::move(options));
  EXPECT_TRUE(client) << client.error().message;
  return *std::move(client);
}

Request Get(std::chrono::milliseconds patience = std::chrono::seconds(20)) {
  Request request;
  request.url = "http://127.0.0.1/x";
  request.answer_within = patience;
  request.stall = patience;
  return request;
}

// The whole content of the answer, or the first error.
Result<std::string> Fetch(const ScriptedPeer& peer, const Request& request = Get()) {
  const auto client = ClientOf(peer);
  TRY_ASSIGN(Response response, client->Send(request));
  return ReadText(response, 64 << 20);
}

Error ErrorOf(const ScriptedPeer& peer, const Request& request = Get()) {
  const auto text = Fetch(peer, request);
  EXPECT_FALSE(text) << "an answer of " << text->size() << " bytes";
  return text ? Error{Code::kCancelled, ""} : text.error();
}

TEST(CurlClientTest, ReadsAnswersOfKnownLengthInChunksAndToTheEnd) {
  const ScriptedPeer known("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
  EXPECT_EQ(*Fetch(known), "hello");
  const ScriptedPeer chunks(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n");
  EXPECT_EQ(*Fetch(chunks), "hello");
  const ScriptedPeer to_the_end("HTTP/1.1 200 OK\r\n\r\nhello");
  EXPECT_EQ(*Fetch(to_the_end), "hello");
}

TEST(CurlClientTest, GivesStatusAndHeadersOfTheFinalAnswer) {
  const ScriptedPeer peer(
      "HTTP/1.1 103 Early Hints\r\nX-A: early\r\n\r\n"
      "HTTP/1.1 404 Not Found\r\nX-A:  final \r\nContent-Length: 2\r\n\r\nno");
  const auto client = ClientOf(peer);
  auto response = client->Send(Get());
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 404);
  EXPECT_TRUE(response->HeaderValue("x-a").starts_with("final"));
  EXPECT_EQ(ReadBeginning(*response, 100), "no");
}

TEST(CurlClientTest, SendsMethodHeadersAndBody) {
  std::string asked;
  const ScriptedPeer peer([&asked](const Connection& connection) {
    asked = connection.Ask();
    connection.Say("HTTP/1.1 204 No Content\r\n\r\n");
  });
  Request request = Get();
  request.method = "DELETE";
  request.headers = {{"X-Test", "yes"}};
  EXPECT_EQ(*Fetch(peer, request), "");
  EXPECT_TRUE(asked.starts_with("DELETE /x HTTP/1.1\r\n")) << asked;
  EXPECT_TRUE(asked.contains("X-Test: yes\r\n")) << asked;
  request.method = "POST";
  request.body = "{}";
  EXPECT_EQ(*Fetch(peer, request), "");
  EXPECT_TRUE(asked.starts_with("POST /x HTTP/1.1\r\n")) << asked;
  EXPECT_TRUE(asked.contains("Content-Length: 2\r\n")) << asked;
}

TEST(CurlClientTest, UsesAConnectionAgain) {
  std::atomic<int> connections = 0;
  const ScriptedPeer peer([&connections](const Connection& connection) {
    ++connections;
    while (!connection.Ask().empty()) {
      connection.Say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    }
  });
  const auto client = ClientOf(peer);
  for (int i = 0; i < 3; ++i) {
    auto response = client->Send(Get());
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(*ReadText(*response, 100), "ok");
  }
  EXPECT_EQ(connections, 1);
}

TEST(CurlClientTest, LeavesRedirectsToTheCaller) {
  const ScriptedPeer peer(
      "HTTP/1.1 302 Found\r\nLocation: http://elsewhere/\r\nContent-Length: 0\r\n\r\n");
  const auto client = ClientOf(peer);
  const auto response = client->Send(Get());
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 302);
  EXPECT_EQ(response->HeaderValue("Location"), "http://elsewhere/");
}

// A peer that writes faster than it is read has to wait.
TEST(CurlClientTest, FetchesNoMoreThanIsRead) {
  constexpr size_t kTotal = 64 << 20;
  std::atomic<size_t> said = 0;
  const ScriptedPeer peer([&said](const Connection& connection) {
    connection.Ask();
    connection.Say("HTTP/1.1 200 OK\r\n\r\n");
    const std::string piece(1 << 20, 'x');
    while (said < kTotal && connection.Say(piece)) {
      said += piece.size();
    }
  });
  const auto client = ClientOf(peer);
  auto response = client->Send(Get());
  ASSERT_TRUE(response);
  std::vector<uint8_t> some(1000);
  ASSERT_EQ(*ReadFull(*response->body, some), some.size());
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_LT(said, kTotal / 4);
  EXPECT_EQ(ReadText(*response, kTotal)->size(), kTotal - some.size());
}

// Small reads must not lose or mix up what waits between them.
TEST(CurlClientTest, KeepsTheOrderOfBytesOverReadsOfAnySize) {
  std::string content;
  for (int i = 0; i < 400'000; ++i) {
    content += fmt::format("{},", i);
  }
  const ScriptedPeer peer("HTTP/1.1 200 OK\r\n\r\n" + content);
  const auto client = ClientOf(peer);
  auto response = client->Send(Get());
  ASSERT_TRUE(response);
  std::string text;
  std::vector<uint8_t> buffer(300'000);
  for (size_t size = 1;; size = size * 7 % 299'993 + 1) {
    const auto got = response->body->Read({buffer.data(), size});
    ASSERT_TRUE(got) << got.error().message;
    if (*got == 0) {
      break;
    }
    text += AsText({buffer.data(), *got});
  }
  EXPECT_TRUE(text == content);
}

TEST(CurlClientTest, ATransferMayBeBrokenOff) {
  const ScriptedPeer peer([](const Connection& connection) {
    connection.Ask();
    connection.Say("HTTP/1.1 200 OK\r\n\r\n");
    const std::string piece(1 << 16, 'x');
    while (connection.Say(piece)) {
    }
  });
  const auto client = ClientOf(peer);
  for (int i = 0; i < 2; ++i) {
    auto response = client->Send(Get());
    ASSERT_TRUE(response) << response.error().message;
    uint8_t byte = 0;
    EXPECT_EQ(*response->body->Read({&byte, 1}), 1u);
  }
}

TEST(CurlClientTest, AnAnswerThatIsCutOffIsUnavailable) {
  for (const char* answer : {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello",
                             "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
                             "HTTP/1.1 200 OK\r\nX", ""}) {
    EXPECT_EQ(ErrorOf(ScriptedPeer(answer)).code, Code::kUnavailable) << answer;
  }
}

TEST(CurlClientTest, NonsenseIsUnavailable) {
  for (const char* answer :
       {"SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nx",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffffff\r\nx",
        "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello"}) {
    EXPECT_EQ(ErrorOf(ScriptedPeer(answer)).code, Code::kUnavailable) << answer;
  }
}

TEST(CurlClientTest, EndlessHeadersAreALimit) {
  const ScriptedPeer peer([](const Connection& connection) {
    connection.Ask();
    connection.Say("HTTP/1.1 200 OK\r\n");
    while (connection.Say("X-More: " + std::string(1000, 'x') + "\r\n")) {
    }
  });
  EXPECT_EQ(ErrorOf(peer).code, Code::kLimit);
}

TEST(CurlClientTest, SilenceEndsThePatience) {
  const std::chrono::milliseconds patience(100);
  const auto wait_for_client = [](const Connection& connection) { connection.Ask(); };
  const ScriptedPeer mute([&](const Connection& connection) {
    connection.Ask();
    wait_for_client(connection);
  });
  EXPECT_EQ(ErrorOf(mute, Get(patience)).code, Code::kUnavailable);
  const ScriptedPeer stops([&](const Connection& connection) {
    connection.Ask();
    connection.Say("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
    wait_for_client(connection);
  });
  const Error error = ErrorOf(stops, Get(patience));
  EXPECT_EQ(error.code, Code::kUnavailable);
  EXPECT_TRUE(error.message.contains("said nothing")) << error.message;
}

TEST(CurlClientTest, SaysWhyASocketCannotBeUsed) {
  ClientOptions options;
  options.unix_socket = "/nonexistent/socket";
  const auto client = MakeCurlClient(std::move(options));
  ASSERT_TRUE(client);
  const auto response = (*client)->Send(Get());
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, Code::kUnavailable);
  EXPECT_TRUE(response.error().message.contains("No such file")) << response.error().message;
}

TEST(CurlClientTest, SpeaksThroughAProgram) {
  ClientOptions options;
  auto dialer = DialProgram({"sh", "-c",
                             "read line; printf 'HTTP/1.1 200 OK\\r\\nContent-Length: 5\\r\\n\\r\\n"
                             "hello'; cat >/dev/null"});
  ASSERT_TRUE(dialer) << dialer.error().message;
  options.dialer = *std::move(dialer);
  const auto client = MakeCurlClient(std::move(options));
  ASSERT_TRUE(client);
  auto response = (*client)->Send(Get());
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(*ReadText(*response, 100), "hello");
}

TEST(CurlClientTest, TellsWhatAProgramComplainsOf) {
  ClientOptions options;
  auto dialer = DialProgram({"sh", "-c", "echo no route to host >&2; exit 3"});
  ASSERT_TRUE(dialer);
  options.dialer = *std::move(dialer);
  const auto client = MakeCurlClient(std::move(options));
  const auto response = (*client)->Send(Get());
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, Code::kUnavailable);
  EXPECT_TRUE(response.error().message.contains("no route to host")) << response.error().message;
  EXPECT_TRUE(response.error().message.contains("3")) << response.error().message;
}

TEST(CurlClientTest, AProgramThatIsNotThereIsNotFound) {
  ClientOptions options;
  auto dialer = DialProgram({"fathom-no-such-program"});
  ASSERT_TRUE(dialer);
  options.dialer = *std::move(dialer);
  const auto client = MakeCurlClient(std::move(options));
  const auto response = (*client)->Send(Get());
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, Code::kNotFound);
}

}  // namespace
}  // namespace fathom::net
