// HTTP clients that several threads share: each answer has one to itself until its body is gone.
#pragma once

#include <memory>
#include <vector>

#include "base/mutex.h"
#include "net/curl_client.h"
#include "net/http.h"

namespace fathom::net {

// Thread-safe. A response's body still belongs to one thread at a time, and may outlive the pool.
// The connection that was used last is used first, so that few are open.
class ClientPool final : public HttpClient {
 public:
  explicit ClientPool(ClientOptions options)
      : idle_(std::make_shared<Idle>()), options_(std::move(options)) {}

  // Errors: those of HttpClient::Send() and MakeCurlClient().
  Result<Response> Send(const Request& request) override;

 private:
  struct Idle {
    Mutex mutex;
    std::vector<std::unique_ptr<HttpClient>> clients GUARDED_BY(mutex);
  };
  class Lease;

  const std::shared_ptr<Idle> idle_;
  const ClientOptions options_;
};

}  // namespace fathom::net
