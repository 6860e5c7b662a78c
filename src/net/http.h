// HTTP as a client: the port through which engines and registries are asked. Tests replace it.
//
// Terms are those of RFC 9110. Redirects are answers like any other: whoever asked decides.
#pragma once

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/io.h"

namespace fathom::net {

struct Header {
  std::string name;
  std::string value;
};

struct Request {
  std::string method = "GET";
  std::string url;  // absolute, already escaped
  std::vector<Header> headers;
  std::string body;
  // How long the peer may be silent: before its answer begins, and then between two of its bytes.
  // The whole transfer may take as long as it wants.
  std::chrono::milliseconds answer_within = std::chrono::seconds(60);
  std::chrono::milliseconds stall = std::chrono::seconds(60);
  // Ends the waiting, here and while the body is read, with kCancelled.
  std::stop_token stop = {};
};

struct Response {
  int status = 0;
  std::vector<Header> headers;
  // The content as it arrives, transfer codings removed. Bytes that nobody reads are not fetched:
  // the peer waits. Destroying it breaks the transfer off. It may outlive the client.
  std::unique_ptr<ByteSource> body;

  // The value of the first header of this name, in any case; "" when there is none.
  std::string_view HeaderValue(std::string_view name) const;
  // The values of all of them, in their order.
  std::vector<std::string_view> HeaderValues(std::string_view name) const;
};

// Not thread-safe, and neither are the bodies of its responses, of which several may be read in
// turn: all of it belongs to one thread at a time.
class HttpClient {
 public:
  virtual ~HttpClient() = default;

  // Returns when the answer's headers are there. Errors, here and while the body is read:
  // kUnavailable when the peer cannot be reached, breaks off, talks no HTTP or is silent for too
  // long; kDenied when it may not be reached, or its certificate is not trusted;
  // kInvalidArgument for an URL that names no peer; kLimit for headers that do not end; kIo.
  virtual Result<Response> Send(const Request& request) = 0;
};

// The whole content; kLimit when it is more than `most` bytes.
Result<std::string> ReadText(Response& response, uint64_t most);

// The beginning of a content that explains an error; what cannot be read is left out.
std::string ReadBeginning(Response& response, uint64_t most);

// `text` as one component of an URL's path or query: all but unreserved characters (RFC 3986) and
// those in `kept` are escaped.
std::string UrlEscape(std::string_view text, std::string_view kept = "");

}  // namespace fathom::net
