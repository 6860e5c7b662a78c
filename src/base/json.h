// JSON that others wrote: parsed under limits, and read member by member with checked types.
//
// A member that is null counts as absent. Errors are kCorrupt and name the member. Include
// <nlohmann/json.hpp> where the values themselves are used.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/result.h"

namespace fathom {

// Errors: kCorrupt with the byte where it is not JSON (RFC 8259, in UTF-8); kLimit when it is
// nested deeper than limits.json_depth, which is checked before anything is built.
Result<nlohmann::json> ParseJson(std::string_view text, const Limits& limits);

// A whole number in [0, 2^64) and nothing else.
Result<uint64_t> AsUint64(const nlohmann::json& value, std::string_view name);

// The member of an object, or null when it is absent, null, or `object` is no object.
const nlohmann::json* FindMember(const nlohmann::json& object, std::string_view name);

// "" when absent.
Result<std::string> StringMember(const nlohmann::json& object, std::string_view name);
// false when absent.
Result<bool> BoolMember(const nlohmann::json& object, std::string_view name);
// None when absent.
Result<std::optional<uint64_t>> Uint64Member(const nlohmann::json& object, std::string_view name);
// Empty when absent.
Result<std::vector<std::string>> StringsMember(const nlohmann::json& object, std::string_view name);
// Null when absent.
Result<const nlohmann::json*> ArrayMember(const nlohmann::json& object, std::string_view name);
Result<const nlohmann::json*> ObjectMember(const nlohmann::json& object, std::string_view name);

}  // namespace fathom
