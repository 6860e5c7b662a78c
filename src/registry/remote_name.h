// The name of an image or a repository in a registry, taken apart.
//
// Grammar: the OCI distribution specification 1.1 and Docker's references.
#pragma once

#include <string>
#include <string_view>

#include "base/digest.h"
#include "base/result.h"

namespace fathom::registry {

// A value. Docker Hub is the registry "docker.io", whatever people call it.
struct RemoteName {
  std::string registry;    // HOST or HOST:PORT
  std::string repository;  // "library/busybox"
  std::string tag;         // "" when only a digest is given
  Digest digest;           // empty when only a tag is given

  // "docker.io/library/busybox"
  std::string FullRepository() const { return registry + "/" + repository; }
  // With tag and digest, as Docker writes them.
  std::string ToString() const;
  // What the registry is asked for: the digest, else the tag.
  std::string Target() const { return digest.empty() ? tag : digest.ToString(); }

  friend bool operator==(const RemoteName&, const RemoteName&) = default;
};

// "busybox" is docker.io/library/busybox:latest. Errors: kInvalidArgument, with what is wrong.
Result<RemoteName> ParseRemoteName(std::string_view text);

// The same for a repository: neither tag nor digest may be there, and none is added.
Result<RemoteName> ParseRepository(std::string_view text);

// HOST or HOST:PORT, with a scheme and slashes around it or not, and Docker Hub's other names.
Result<std::string> ParseRegistry(std::string_view text);

// Whether a registry may call a repository or a tag so.
bool IsRepositoryPath(std::string_view path);
bool IsTag(std::string_view tag);

inline constexpr std::string_view kHub = "docker.io";

// HOST[:PORT] whose API serves a registry: Docker Hub's is another than its name.
std::string ApiHost(std::string_view registry);

}  // namespace fathom::registry
