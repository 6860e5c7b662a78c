// For tests: a registry in memory, asked through the HTTP port by any number of threads.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "net/http.h"
#include "net/url.h"
#include "registry/registry.h"

namespace fathom::registry {

class MemoryRegistry final : public net::HttpClient {
 public:
  static constexpr const char* kName = "registry.test";

  Result<net::Response> Send(const net::Request& request) override {
    const net::Url url = *net::ParseUrl(request.url);
    {
      const MutexLock lock(mutex_);
      asked_.push_back(request.method + " " + url.target);
    }
    if (before) {
      if (auto answer = before(request, url)) {
        return *std::move(answer);
      }
    }
    const std::string path = url.target.substr(0, url.target.find('?'));
    if (path == "/v2/") {
      return Text(200, "");
    }
    const auto found = files.find(path);
    if (found == files.end()) {
      return Text(404, R"({"errors":[{"code":"NAME_UNKNOWN"}]})");
    }
    return Ranged(request, found->second);
  }

  // Keeps a manifest of these blobs under a tag and its digest; the digest.
  Digest Add(const std::string& repository, const std::string& tag,
             const std::vector<std::string>& blobs) {
    std::string layers;
    for (const std::string& blob : blobs) {
      layers += (layers.empty() ? "" : ",") + AddBlob(repository, blob);
    }
    const std::string config = AddBlob(repository, "{\"tag\":\"" + tag + "\"}");
    const std::string manifest =
        R"({"schemaVersion":2,"config":)" + config + R"(,"layers":[)" + layers + "]}";
    const Digest digest = DigestOf(AsBytes(manifest));
    for (const std::string& name : {tag, digest.ToString()}) {
      files["/v2/" + repository + "/manifests/" + name] = manifest;
    }
    return digest;
  }

  std::string AddBlob(const std::string& repository, const std::string& blob) {
    const std::string digest = DigestOf(AsBytes(blob)).ToString();
    files["/v2/" + repository + "/blobs/" + digest] = blob;
    return fmt::format(R"({{"mediaType":"application/x","digest":"{}","size":{}}})", digest,
                       blob.size());
  }

  static net::Response Text(int status, std::string text, std::vector<net::Header> headers = {}) {
    net::Response response;
    response.status = status;
    response.headers = std::move(headers);
    response.headers.push_back({"Content-Length", std::to_string(text.size())});
    response.body = std::make_unique<Body>(std::move(text));
    return response;
  }

  size_t Asked(std::string_view part) const {
    const MutexLock lock(mutex_);
    return static_cast<size_t>(std::ranges::count_if(
        asked_, [part](const std::string& one) { return one.contains(part); }));
  }

  std::map<std::string, std::string> files;  // by path; not changed while it is asked
  std::function<std::optional<net::Response>(const net::Request&, const net::Url&)> before;
  std::atomic<bool> ranges = true;

 private:
  class Body final : public ByteSource {
   public:
    explicit Body(std::string text) : text_(std::move(text)), source_(AsBytes(text_)) {}
    Result<size_t> Read(ByteSpan out) override {
      return source_.Read(out.first(std::min<size_t>(out.size(), 64 << 10)));
    }

   private:
    const std::string text_;
    MemorySource source_;
  };

  net::Response Ranged(const net::Request& request, const std::string& content) const {
    for (const net::Header& header : request.headers) {
      if (header.name != "Range" || !ranges) {
        continue;
      }
      const std::string& value = header.value;
      const size_t dash = value.find('-');
      const uint64_t begin = std::stoull(value.substr(6, dash - 6));
      const uint64_t end =
          dash + 1 == value.size() ? content.size() : std::stoull(value.substr(dash + 1)) + 1;
      return Text(
          206, content.substr(begin, end - begin),
          {{"Content-Range", fmt::format("bytes {}-{}/{}", begin, end - 1, content.size())}});
    }
    return Text(200, request.method == "HEAD" ? "" : content,
                {{"Docker-Content-Digest", DigestOf(AsBytes(content)).ToString()}});
  }

  mutable Mutex mutex_;
  std::vector<std::string> asked_ GUARDED_BY(mutex_);
};

// Registries over it. Nobody has credentials.
inline std::unique_ptr<Registries> RegistriesOver(std::shared_ptr<MemoryRegistry> http,
                                                  Settings settings = {}) {
  return *Registries::Make(
      std::move(settings), [](const char*) { return std::string(); }, std::move(http));
}

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "registry-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::string At(std::string_view name) const { return path_ + "/" + std::string(name); }

 private:
  std::string path_;
};

}  // namespace fathom::registry
