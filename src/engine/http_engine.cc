#include "engine/http_engine.h"

#include <chrono>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "engine/answers.h"
#include "engine/api_version.h"

namespace fathom::engine {
namespace {

constexpr uint64_t kErrorBytes = 64 << 10;
// Engines up to 24 copy the whole image before the first byte of a save.
constexpr std::chrono::minutes kSaveWithin{60};
constexpr std::chrono::minutes kSaveStall{10};

// From these on, a platform can be asked for.
constexpr ApiVersion kSaveWithPlatform{1, 48};
constexpr ApiVersion kInspectWithPlatform{1, 49};

// The value of the API's query parameter `platform`.
std::string PlatformQuery(const image::Platform& platform) {
  nlohmann::json object = {{"os", platform.os}, {"architecture", platform.architecture}};
  if (!platform.variant.empty()) {
    object["variant"] = platform.variant;
  }
  return "?platform=" +
         net::UrlEscape(object.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace));
}

Code CodeOfStatus(int status) {
  switch (status) {
    case 404:
      return Code::kNotFound;
    case 401:
    case 403:
      return Code::kDenied;
    case 400:
      return Code::kInvalidArgument;
    default:
      return status >= 500 ? Code::kUnavailable : Code::kCorrupt;
  }
}

class HttpEngine final : public Engine {
 public:
  HttpEngine(std::unique_ptr<net::HttpClient> client, HttpEngineOptions options,
             const Limits& limits)
      : client_(std::move(client)), options_(std::move(options)), limits_(limits) {}

  std::string name() const override { return options_.name; }
  std::string version() const override { return version_; }

  Status Negotiate() {
    TRY_ASSIGN(net::Response ping, Ask("/_ping"));
    version_ = Printable(ping.HeaderValue("Server"));
    std::string newest(ping.HeaderValue("Api-Version"));
    static_cast<void>(net::ReadBeginning(ping, kErrorBytes));
    ApiRange range;
    const auto told = ApiVersion::Parse(newest);
    // What the oldest is matters only when it may be above what would be asked.
    if (!told || *told > kNewestApi || !options_.api_version.empty()) {
      TRY_ASSIGN(range, AskVersion());
    } else {
      range.newest = *told;
    }
    TRY_ASSIGN(api_, ChooseApiVersion(range, options_.api_version));
    prefix_ = "/v" + api_.ToString();
    return {};
  }

  Result<ImageFacts> InspectImage(const std::string& image,
                                  const image::Platform& platform) override {
    std::string path = ImagePath(image) + "/json";
    if (!platform.os.empty() && api_ >= kInspectWithPlatform) {
      path += PlatformQuery(platform);
    }
    TRY_ASSIGN(const std::string text, AskForText(prefix_ + path, limits_.config_bytes));
    return Parsed(ParseImage(text, limits_));
  }

  Result<std::vector<image::HistoryEntry>> HistoryOf(const std::string& image) override {
    TRY_ASSIGN(const std::string text,
               AskForText(prefix_ + ImagePath(image) + "/history", limits_.config_bytes));
    return Parsed(ParseHistory(text, limits_));
  }

  Result<std::unique_ptr<ByteSource>> SaveImage(const std::string& image,
                                                const image::Platform& platform) override {
    std::string path = ImagePath(image) + "/get";
    if (!platform.os.empty() && api_ >= kSaveWithPlatform) {
      path += PlatformQuery(platform);
    }
    return AskForStream(path);
  }

  Result<ContainerFacts> InspectContainer(const std::string& container) override {
    TRY_ASSIGN(const std::string text,
               AskForText(prefix_ + ContainerPath(container) + "/json", limits_.config_bytes));
    return Parsed(ParseContainer(text, limits_));
  }

  Result<std::vector<Change>> ChangesOf(const std::string& container) override {
    TRY_ASSIGN(const std::string text,
               AskForText(prefix_ + ContainerPath(container) + "/changes", kChangesBytes));
    return Parsed(ParseChanges(text, limits_));
  }

  Result<std::unique_ptr<ByteSource>> ExportContainer(const std::string& container) override {
    return AskForStream(ContainerPath(container) + "/export");
  }

 private:
  static std::string ImagePath(const std::string& image) {
    return "/images/" + net::UrlEscape(image, "/:@");
  }
  static std::string ContainerPath(const std::string& container) {
    return "/containers/" + net::UrlEscape(container);
  }

  Result<net::Response> Ask(const std::string& path, bool save = false) {
    net::Request request;
    request.url = options_.base_url + path;
    request.headers = {{"User-Agent", "fathom"}};
    if (save) {
      request.answer_within = kSaveWithin;
      request.stall = kSaveStall;
    }
    TRY_ASSIGN(net::Response response, client_->Send(request));
    if (response.status == 200) {
      return response;
    }
    const std::string said = ErrorMessage(net::ReadBeginning(response, kErrorBytes), limits_);
    return Fail(CodeOfStatus(response.status), "it answers {}{}{}", response.status,
                said.empty() ? "" : ": ", said);
  }

  Result<std::string> AskForText(const std::string& path, uint64_t most) {
    TRY_ASSIGN(net::Response response, Ask(path));
    auto text = net::ReadText(response, most);
    return text ? std::move(text) : Wrap(std::move(text).error(), "its answer");
  }

  Result<std::unique_ptr<ByteSource>> AskForStream(const std::string& path) {
    TRY_ASSIGN(net::Response response, Ask(prefix_ + path, /*save=*/true));
    return std::move(response.body);
  }

  Result<ApiRange> AskVersion() {
    TRY_ASSIGN(const std::string text, AskForText("/version", limits_.config_bytes));
    TRY_ASSIGN(const VersionFacts facts, Parsed(ParseVersion(text, limits_)));
    ApiRange range;
    TRY_ASSIGN(range.newest, ApiVersion::Parse(facts.newest));
    if (!facts.oldest.empty()) {
      TRY_ASSIGN(range.oldest, ApiVersion::Parse(facts.oldest));
    }
    return range;
  }

  template <typename T>
  static Result<T> Parsed(Result<T> parsed) {
    return parsed ? std::move(parsed) : Wrap(std::move(parsed).error(), "its answer");
  }

  const std::unique_ptr<net::HttpClient> client_;
  const HttpEngineOptions options_;
  const Limits& limits_;
  std::string version_;
  ApiVersion api_;
  std::string prefix_;  // of every path: "/v1.41"
};

}  // namespace

Result<std::unique_ptr<Engine>> OpenHttpEngine(std::unique_ptr<net::HttpClient> client,
                                               HttpEngineOptions options, const Limits& limits) {
  auto engine = std::make_unique<HttpEngine>(std::move(client), std::move(options), limits);
  TRY(engine->Negotiate());
  return engine;
}

}  // namespace fathom::engine
