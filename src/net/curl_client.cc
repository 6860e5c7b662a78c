#include "net/curl_client.h"

#include "net/curl_transfer.h"

namespace fathom::net {
namespace {

class TransferBody final : public ByteSource {
 public:
  explicit TransferBody(std::unique_ptr<Transfer> transfer) : transfer_(std::move(transfer)) {}
  Result<size_t> Read(ByteSpan out) override { return transfer_->Read(out); }

 private:
  std::unique_ptr<Transfer> transfer_;
};

class CurlClient final : public HttpClient {
 public:
  explicit CurlClient(std::shared_ptr<Connections> connections)
      : connections_(std::move(connections)) {}

  Result<Response> Send(const Request& request) override {
    auto transfer = std::make_unique<Transfer>(connections_, request);
    TRY(transfer->Start());
    TRY(transfer->AwaitHeaders());
    Response response;
    response.status = transfer->status();
    response.headers = transfer->TakeHeaders();
    response.body = std::make_unique<TransferBody>(std::move(transfer));
    return response;
  }

 private:
  std::shared_ptr<Connections> connections_;
};

}  // namespace

Result<std::unique_ptr<HttpClient>> MakeCurlClient(ClientOptions options) {
  TRY_ASSIGN(const Libcurl* curl, LoadLibcurl());
  return std::make_unique<CurlClient>(std::make_shared<Connections>(*curl, std::move(options)));
}

}  // namespace fathom::net
