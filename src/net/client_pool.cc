#include "net/client_pool.h"

namespace fathom::net {

// A body, and after it the client that it came from, which goes back.
class ClientPool::Lease final : public ByteSource {
 public:
  Lease(std::shared_ptr<Idle> idle, std::unique_ptr<HttpClient> client)
      : idle_(std::move(idle)), client_(std::move(client)) {}
  ~Lease() override {
    body_.reset();
    const MutexLock lock(idle_->mutex);
    idle_->clients.push_back(std::move(client_));
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  Result<Response> Send(const Request& request) { return client_->Send(request); }
  void Hold(std::unique_ptr<ByteSource> body) { body_ = std::move(body); }
  Result<size_t> Read(ByteSpan out) override { return body_->Read(out); }

 private:
  const std::shared_ptr<Idle> idle_;
  std::unique_ptr<HttpClient> client_;
  std::unique_ptr<ByteSource> body_;
};

Result<Response> ClientPool::Send(const Request& request) {
  std::unique_ptr<HttpClient> client;
  {
    const MutexLock lock(idle_->mutex);
    if (!idle_->clients.empty()) {
      client = std::move(idle_->clients.back());
      idle_->clients.pop_back();
    }
  }
  if (client == nullptr) {
    TRY_ASSIGN(client, MakeCurlClient(options_));
  }
  auto lease = std::make_unique<Lease>(idle_, std::move(client));
  TRY_ASSIGN(Response response, lease->Send(request));
  lease->Hold(std::move(response.body));
  response.body = std::move(lease);
  return response;
}

}  // namespace fathom::net
