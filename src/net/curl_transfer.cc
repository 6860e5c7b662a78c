#include "net/curl_transfer.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace fathom::net {
namespace {

using Clock = std::chrono::steady_clock;

// What libcurl reads at once; it allows no more.
constexpr long kReceiveBytes = 512 << 10;
// A transfer is paused when so much waits for its reader. One receive always fits.
constexpr size_t kBufferBytes = 2 * kReceiveBytes;
// A stop is seen so much later at most.
constexpr std::chrono::milliseconds kStopSeen{200};

}  // namespace

Status Connections::Perform() {
  int running = 0;
  if (const CURLMcode code = curl_.multi_perform(multi_, &running); code != CURLM_OK) {
    return Fail(Code::kIo, "libcurl: {}", curl_.multi_strerror(code));
  }
  int left = 0;
  while (const CURLMsg* message = curl_.multi_info_read(multi_, &left)) {
    void* transfer = nullptr;
    curl_.easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
    static_cast<Transfer*>(transfer)->OnDone(message->data.result);
  }
  return {};
}

Status Connections::Wait(std::chrono::milliseconds most) {
  Dialer* const dialer = options_.dialer.get();
  std::vector<curl_waitfd> extra;
  if (dialer != nullptr) {
    for (const int descriptor : dialer->watched()) {
      extra.push_back({descriptor, CURL_WAIT_POLLIN, 0});
    }
  }
  const auto timeout = static_cast<int>(std::clamp<int64_t>(most.count(), 1, 1 << 30));
  const CURLMcode code =
      curl_.multi_poll(multi_, extra.data(), static_cast<unsigned>(extra.size()), timeout, nullptr);
  if (code != CURLM_OK) {
    return Fail(Code::kIo, "libcurl: {}", curl_.multi_strerror(code));
  }
  return dialer == nullptr ? Status() : dialer->Serve();
}

namespace {

bool IsLoopback(std::string_view url) {
  const size_t slashes = url.find("://");
  const std::string_view host = slashes == std::string_view::npos ? url : url.substr(slashes + 3);
  return host.starts_with("localhost") || host.starts_with("127.") || host.starts_with("[::1]");
}

}  // namespace

void Transfer::SetUpRequest() {
  Set(CURLOPT_URL, request_.url.c_str());
  Set(CURLOPT_PROTOCOLS_STR, "http,https");
  Set(CURLOPT_NOSIGNAL, 1L);
  if (request_.method == "POST") {
    Set(CURLOPT_POST, 1L);
    Set(CURLOPT_POSTFIELDSIZE, static_cast<long>(request_.body.size()));
    Set(CURLOPT_POSTFIELDS, request_.body.c_str());
  } else if (request_.method == "HEAD") {
    Set(CURLOPT_NOBODY, 1L);
  } else {
    Set(CURLOPT_CUSTOMREQUEST, request_.method.c_str());
  }
  for (const Header& header : request_.headers) {
    const std::string line = fmt::format("{}: {}", header.name, header.value);
    header_list_ = curl_.slist_append(header_list_, line.c_str());
  }
  // Only with a large body would a peer be asked for its consent first.
  header_list_ = curl_.slist_append(header_list_, "Expect:");
  Set(CURLOPT_HTTPHEADER, header_list_);
}

void Transfer::SetUpPeer() {
  const ClientOptions& options = connections_->options();
  Set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_within.count()));
  if (!options.unix_socket.empty()) {
    Set(CURLOPT_UNIX_SOCKET_PATH, options.unix_socket.c_str());
  }
  if (options.dialer != nullptr) {
    Set(CURLOPT_ABSTRACT_UNIX_SOCKET, options.dialer->socket_name().c_str());
  }
  if (!options.unix_socket.empty() || options.dialer != nullptr || IsLoopback(request_.url)) {
    Set(CURLOPT_PROXY, "");
  }
  const auto file = [this](CURLoption option, const std::string& path) {
    if (!path.empty()) {
      Set(option, path.c_str());
    }
  };
  file(CURLOPT_CAINFO, options.tls.ca);
  file(CURLOPT_SSLCERT, options.tls.certificate);
  file(CURLOPT_SSLKEY, options.tls.key);
  Set(CURLOPT_SSL_VERIFYPEER, options.tls.verify ? 1L : 0L);
  Set(CURLOPT_SSL_VERIFYHOST, options.tls.verify ? 2L : 0L);
}

void Transfer::SetUpCallbacks() {
  Set(CURLOPT_PRIVATE, static_cast<void*>(this));
  Set(CURLOPT_ERRORBUFFER, error_text_.data());
  Set(CURLOPT_BUFFERSIZE, kReceiveBytes);
  Set(CURLOPT_HEADERFUNCTION, &OnHeader);
  Set(CURLOPT_HEADERDATA, static_cast<void*>(this));
  Set(CURLOPT_WRITEFUNCTION, &OnBody);
  Set(CURLOPT_WRITEDATA, static_cast<void*>(this));
}

Status Transfer::Start() {
  SetUpRequest();
  SetUpPeer();
  SetUpCallbacks();
  const CURLMcode code = curl_.multi_add_handle(connections_->multi(), easy_);
  if (code != CURLM_OK) {
    return Fail(Code::kIo, "libcurl: {}", curl_.multi_strerror(code));
  }
  added_ = true;
  return {};
}

// Each answer, an interim one (1xx) too, begins with a status line and ends with an empty one.
size_t Transfer::TakeHeader(std::string_view line) {
  const size_t size = line.size();
  header_bytes_ += size;
  received_ += size;
  if (header_bytes_ > connections_->options().header_bytes) {
    own_error_ = Error{Code::kLimit, fmt::format("the answer has more than {} bytes of headers",
                                                 connections_->options().header_bytes)};
    return 0;
  }
  if (headers_complete_) {
    return size;  // trailers
  }
  line = line.substr(0, line.find_last_not_of("\r\n") + 1);
  if (line.empty()) {
    long status = 0;
    curl_.easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
    status_ = static_cast<int>(status);
    headers_complete_ = status >= 200;
    if (!headers_complete_) {
      headers_.clear();
    }
  } else if (const size_t colon = line.find(':');
             colon != std::string_view::npos && !line.starts_with("HTTP/")) {
    std::string_view value = line.substr(colon + 1);
    value = value.substr(std::min(value.find_first_not_of(" \t"), value.size()));
    headers_.push_back({std::string(line.substr(0, colon)), std::string(value)});
  }
  return size;
}

// Straight to the reader as far as it has room; the rest waits.
size_t Transfer::TakeBody(ByteView bytes) {
  const ByteSpan room = out_.subspan(filled_);
  const size_t direct = waiting_.empty() ? std::min(room.size(), bytes.size()) : 0;
  const ByteView rest = bytes.subspan(direct);
  if (!rest.empty() && waiting_.size() + rest.size() > kBufferBytes) {
    paused_ = true;
    return CURL_WRITEFUNC_PAUSE;
  }
  std::ranges::copy(bytes.first(direct), room.begin());
  filled_ += direct;
  received_ += bytes.size();
  if (!rest.empty()) {
    const auto used = static_cast<ptrdiff_t>(buffer_.size() - waiting_.size());
    buffer_.erase(buffer_.begin(), buffer_.begin() + used);
    buffer_.insert(buffer_.end(), rest.begin(), rest.end());
    waiting_ = buffer_;
  }
  return bytes.size();
}

size_t Transfer::TakeWaiting(ByteSpan out) {
  const size_t count = std::min(out.size(), waiting_.size());
  std::copy_n(waiting_.begin(), count, out.begin());
  waiting_ = waiting_.subspan(count);
  return count;
}

// Goes on until a byte has come or the transfer is done. The peer may be silent for so long.
Status Transfer::Advance(std::chrono::milliseconds silence) {
  const auto deadline = Clock::now() + silence;
  const uint64_t before = received_;
  if (std::exchange(paused_, false)) {
    curl_.easy_pause(easy_, CURLPAUSE_CONT);  // hands over what had no room
  }
  while (received_ == before && !done_) {
    TRY(connections_->Perform());
    if (received_ != before || done_) {
      break;
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) {
      return Fail(Code::kUnavailable, "it said nothing for {} seconds",
                  std::chrono::ceil<std::chrono::seconds>(silence).count());
    }
    if (request_.stop.stop_requested()) {
      return Fail(Code::kCancelled, "it was asked to stop");
    }
    TRY(connections_->Wait(request_.stop.stop_possible() ? std::min(left, kStopSeen) : left));
  }
  return {};
}

Status Transfer::AwaitHeaders() {
  const auto deadline = Clock::now() + request_.answer_within;
  while (!headers_complete_ && !done_) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) {
      return Fail(Code::kUnavailable, "no answer within {} seconds",
                  std::chrono::ceil<std::chrono::seconds>(request_.answer_within).count());
    }
    TRY(Advance(left));
  }
  if (!headers_complete_ || own_error_) {
    return Failed(done_.value_or(CURLE_GOT_NOTHING));
  }
  return {};
}

Result<size_t> Transfer::Read(ByteSpan out) {
  if (!waiting_.empty()) {
    return TakeWaiting(out);
  }
  out_ = out;
  Status status;
  while (status && filled_ == 0 && !done_) {
    status = Advance(request_.stall);
  }
  out_ = {};
  if (const size_t filled = std::exchange(filled_, 0); filled > 0) {
    return filled;
  }
  TRY(status);
  if (*done_ != CURLE_OK) {
    return Failed(*done_);
  }
  return 0;
}

Error Transfer::Explain(CURLcode code) const {
  if (own_error_) {
    return *own_error_;
  }
  const std::string text = error_text_[0] != '\0' ? error_text_.data() : curl_.easy_strerror(code);
  long number = 0;
  curl_.easy_getinfo(easy_, CURLINFO_OS_ERRNO, &number);
  switch (code) {
    case CURLE_COULDNT_CONNECT:
      if (number == EACCES || number == EPERM) {
        return {Code::kDenied, std::strerror(static_cast<int>(number))};
      }
      return {Code::kUnavailable,
              number == 0 ? text : std::string(std::strerror(static_cast<int>(number)))};
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
      return {Code::kUnavailable, fmt::format("the answer was cut off ({})", text)};
    case CURLE_PEER_FAILED_VERIFICATION:
      return {Code::kDenied, fmt::format("its certificate is not trusted ({})", text)};
    case CURLE_URL_MALFORMAT:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
      return {Code::kInvalidArgument, text};
    default:
      return {Code::kUnavailable, text};
  }
}

std::unexpected<Error> Transfer::Failed(CURLcode code) const {
  Error error = Explain(code);
  Dialer* const dialer = connections_->options().dialer.get();
  const std::string complaint =
      dialer == nullptr || own_error_ ? std::string() : dialer->Complaint();
  if (!complaint.empty()) {
    error.message = fmt::format("{} ({})", complaint, error.message);
  }
  return std::unexpected(std::move(error));
}

}  // namespace fathom::net
