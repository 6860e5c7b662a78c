// Lists that a registry gives in pages: tags, repositories, referrers.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "registry/registry.h"

namespace fathom::registry {

// What "next" a Link header (RFC 8288) leads to; "" when there is none.
std::string NextLink(const net::Response& response);

// Shows each page's text to `take`, following the links from one to the next. Errors: those of
// Registry::Send() and of `take`; kLimit for a page of more than `most` bytes; kCorrupt for links
// that lead back to where they came from.
std::expected<void, Refusal> ReadPages(Registry& registry, Call call, uint64_t most,
                                       const std::function<Status(std::string_view)>& take);

// Names, page by page, in the registry's order. May be empty.
using TakeNames = std::function<Status(std::vector<std::string> names)>;

// The tags of a repository, `page` at a time. What could not be a tag is left out.
std::expected<void, Refusal> ListTags(Registry& registry, const std::string& repository,
                                      unsigned page, const TakeNames& take);

// All repositories, where the registry lists them: Docker Hub does not. `after`: only those behind
// this name.
std::expected<void, Refusal> ListRepositories(Registry& registry, unsigned page,
                                              const std::string& after, const TakeNames& take);

}  // namespace fathom::registry
