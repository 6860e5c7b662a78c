// One request of libcurl's and the answer to it; and the connections that requests share.
#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/curl_client.h"
#include "net/libcurl.h"

namespace fathom::net {

// The connections of one client and the transfers on them.
class Connections {
 public:
  Connections(const Libcurl& curl, ClientOptions options)
      : curl_(curl), options_(std::move(options)), multi_(curl.multi_init()) {}
  ~Connections() { curl_.multi_cleanup(multi_); }
  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;

  const Libcurl& curl() const { return curl_; }
  const ClientOptions& options() const { return options_; }
  CURLM* multi() const { return multi_; }

  // Lets all transfers go on as far as they can without waiting.
  Status Perform();

  // Waits until something can go on.
  Status Wait(std::chrono::milliseconds most);

 private:
  const Libcurl& curl_;
  const ClientOptions options_;
  CURLM* const multi_;
};

// One request and the answer to it. libcurl calls back only within Perform() and Unpause().
class Transfer {
 public:
  Transfer(std::shared_ptr<Connections> connections, const Request& request)
      : connections_(std::move(connections)),
        curl_(connections_->curl()),
        easy_(curl_.easy_init()),
        request_(request) {}
  ~Transfer() {
    if (added_) {
      curl_.multi_remove_handle(connections_->multi(), easy_);
    }
    curl_.easy_cleanup(easy_);
    curl_.slist_free_all(header_list_);
  }
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  Status Start();
  Status AwaitHeaders();
  Result<size_t> Read(ByteSpan out);
  void OnDone(CURLcode code) { done_ = code; }

  int status() const { return status_; }
  std::vector<Header> TakeHeaders() { return std::move(headers_); }

 private:
  void SetUpRequest();
  void SetUpPeer();
  void SetUpCallbacks();
  Status Advance(std::chrono::milliseconds silence);
  size_t TakeWaiting(ByteSpan out);
  std::unexpected<Error> Failed(CURLcode code) const;
  Error Explain(CURLcode code) const;

  template <typename T>
  void Set(CURLoption option, T value) {
    curl_.easy_setopt(easy_, option, value);
  }

  static size_t OnHeader(char* bytes, size_t size, size_t count, void* self) {
    return static_cast<Transfer*>(self)->TakeHeader({bytes, size * count});
  }
  static size_t OnBody(char* bytes, size_t size, size_t count, void* self) {
    return static_cast<Transfer*>(self)->TakeBody(AsBytes({bytes, size * count}));
  }
  size_t TakeHeader(std::string_view line);
  size_t TakeBody(ByteView bytes);

  const std::shared_ptr<Connections> connections_;
  const Libcurl& curl_;
  CURL* const easy_;
  const Request request_;
  curl_slist* header_list_ = nullptr;
  bool added_ = false;
  std::array<char, CURL_ERROR_SIZE> error_text_{};
  std::optional<Error> own_error_;  // why a callback refused to go on
  std::optional<CURLcode> done_;

  int status_ = 0;
  std::vector<Header> headers_;
  size_t header_bytes_ = 0;
  bool headers_complete_ = false;

  ByteSpan out_;       // where the reader wants the next bytes
  size_t filled_ = 0;  // of it
  std::vector<uint8_t> buffer_;
  ByteView waiting_;  // part of the buffer that is still to be read
  bool paused_ = false;
  uint64_t received_ = 0;  // bytes of headers and content that came
};

}  // namespace fathom::net
