#include "registry/foreign_blob.h"

#include "base/text.h"
#include "registry/safe_target.h"

namespace fathom::registry {
namespace {

std::expected<std::unique_ptr<ByteSource>, Refusal> OpenAt(Registry& registry,
                                                           const std::string& url) {
  const auto target = net::ParseUrl(url);
  const auto origin = net::ParseUrl("https://" + registry.name() + "/");
  if (!target || !origin) {
    return std::unexpected(Error{Code::kInvalidArgument,
                                 fmt::format("'{}' is no URL that can be asked", Printable(url))});
  }
  const Settings& settings = registry.settings();
  if (const Status may = CheckTarget(*target, {*origin, false, settings.trusted_hosts}); !may) {
    return std::unexpected(may.error());
  }
  net::Request request;
  request.url = target->ToString();
  request.headers = {{"User-Agent", "fathom"}};
  request.answer_within = settings.answer_within;
  request.stall = settings.stall;
  request.stop = settings.stop;
  auto response = registry.http().Send(request);
  if (!response) {
    return std::unexpected(std::move(response).error());
  }
  if (response->status != 200) {
    return std::unexpected(
        Refusal({Code::kNotFound, fmt::format("'{}' answers {}", Printable(url), response->status)},
                response->status));
  }
  return std::move(response->body);
}

}  // namespace

std::expected<std::unique_ptr<ByteSource>, Refusal> OpenForeignBlob(
    Registry& registry, const std::vector<std::string>& urls) {
  Refusal why(Error{Code::kNotFound, "a foreign layer whose urls name no place"});
  for (const std::string& url : urls) {
    auto blob = OpenAt(registry, url);
    if (blob) {
      return blob;
    }
    why = std::move(blob).error();
  }
  why.message = "a foreign layer: " + why.message;
  return std::unexpected(std::move(why));
}

}  // namespace fathom::registry
