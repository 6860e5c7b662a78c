#include "registry/blob_stream.h"

#include <algorithm>

#include "base/number.h"
#include "registry/retry.h"

namespace fathom::registry {
namespace {

constexpr int kPartial = 206;
constexpr unsigned kMostFailures = 5;

// `bytes BEGIN-LAST/SIZE`
struct ContentRange {
  uint64_t begin;
  uint64_t last;
  std::optional<uint64_t> size;
};
std::optional<ContentRange> ParseContentRange(std::string_view text) {
  constexpr std::string_view kUnit = "bytes ";
  if (!text.starts_with(kUnit)) {
    return std::nullopt;
  }
  text.remove_prefix(kUnit.size());
  const size_t dash = text.find('-');
  const size_t slash = text.find('/');
  if (dash == std::string_view::npos || slash == std::string_view::npos || slash < dash) {
    return std::nullopt;
  }
  const auto begin = ParseNumber<uint64_t>(text.substr(0, dash));
  const auto last = ParseNumber<uint64_t>(text.substr(dash + 1, slash - dash - 1));
  return begin && last ? std::optional(ContentRange{*begin, *last,
                                                    ParseNumber<uint64_t>(text.substr(slash + 1))})
                       : std::nullopt;
}

}  // namespace

std::expected<std::unique_ptr<BlobStream>, Refusal> BlobStream::Open(Registry& registry,
                                                                     std::string repository,
                                                                     const Digest& digest,
                                                                     ByteRange range) {
  std::unique_ptr<BlobStream> stream(
      new BlobStream(registry, std::move(repository), digest, range));
  if (auto asked = stream->Ask(); !asked) {
    return std::unexpected(std::move(asked).error());
  }
  return stream;
}

std::expected<void, Refusal> BlobStream::Ask() {
  Call call;
  call.path = fmt::format("/v2/{}/blobs/{}", repository_, digest_.ToString());
  call.scope = PullScope(repository_);
  call.headers = {{"Accept-Encoding", "identity"}};
  const bool part = at_ > 0 || range_.end;
  if (part) {
    call.headers.push_back(
        {"Range",
         fmt::format("bytes={}-{}", at_, range_.end ? std::to_string(*range_.end - 1) : "")});
  }
  auto answer = registry_.Send(call);
  if (!answer) {
    return std::unexpected(std::move(answer).error());
  }
  const net::Response& response = answer->http;
  ranged_ = response.status == kPartial;
  uint64_t first = 0;
  if (ranged_) {
    const auto range = ParseContentRange(response.HeaderValue("Content-Range"));
    if (!part || !range || range->begin != at_) {
      return std::unexpected(
          Refusal({Code::kCorrupt, "it sends another part of the blob than it was asked for"},
                  response.status));
    }
    first = range->begin;
    blob_bytes_ = range->size ? range->size : blob_bytes_;
  } else if (const auto size = ParseNumber<uint64_t>(response.HeaderValue("Content-Length"))) {
    blob_bytes_ = size;
  }
  if (range_.strict && !ranged_ && at_ > 0) {
    return std::unexpected(
        Refusal({Code::kInvalidArgument, "it knows no ranges"}, response.status));
  }
  body_ = std::move(answer->http.body);
  if (Status skipped = SkipTo(at_ - first); !skipped) {
    return std::unexpected(Refusal(std::move(skipped).error(), response.status));
  }
  return {};
}

// Of a blob that is sent whole: what was handed out before.
Status BlobStream::SkipTo(uint64_t offset) {
  TRY_ASSIGN(const uint64_t skipped, body_->Skip(offset));
  return skipped == offset ? Status()
                           : Status(Fail(Code::kUnavailable, "the blob ended before it was whole"));
}

Result<size_t> BlobStream::Read(ByteSpan out) {
  const auto until_end = range_.end ? *range_.end - at_ : UINT64_MAX;
  if (until_end == 0) {
    return 0;
  }
  const ByteSpan room = out.first(static_cast<size_t>(std::min<uint64_t>(out.size(), until_end)));
  while (true) {
    auto got = body_->Read(room);
    const std::optional<uint64_t> end = range_.end ? range_.end : blob_bytes_;
    const bool cut = got && *got == 0 && end && at_ < *end;
    if (got && !cut) {
      at_ += *got;
      failures_ = *got > 0 ? 0 : failures_;
      return *got;
    }
    Error why = cut ? Error{Code::kUnavailable,
                            fmt::format("the blob ended after {} of {} bytes", at_, *end)}
                    : std::move(got).error();
    TRY(GoOn(std::move(why)));
  }
}

// Asks for the rest, a few times.
Status BlobStream::GoOn(Error why) {
  while (why.code == Code::kUnavailable && ++failures_ <= kMostFailures) {
    body_.reset();
    TRY(Pause(Backoff(failures_, at_ ^ 0x9e3779b97f4a7c15u), registry_.settings().stop));
    auto asked = Ask();
    if (asked) {
      return {};
    }
    why = std::move(asked).error();
  }
  return std::unexpected(std::move(why));
}

}  // namespace fathom::registry
