// The challenges with which a server asks who is there: WWW-Authenticate of RFC 9110 section 11.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fathom::registry {

struct Challenge {
  std::string scheme;  // in small letters: "bearer", "basic"
  std::vector<std::pair<std::string, std::string>> parameters;  // names in small letters

  // The value of a parameter; "" when there is none.
  std::string_view Parameter(std::string_view name) const;
};

// The challenges of one header, of which there may be several. What cannot be understood ends the
// list.
std::vector<Challenge> ParseChallenges(std::string_view header);

}  // namespace fathom::registry
