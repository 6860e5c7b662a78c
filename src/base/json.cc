#include "base/json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace fathom {
namespace {

using nlohmann::json;

// The deepest nesting of brackets outside strings. Text that is not JSON gives some number too.
uint64_t DepthOf(std::string_view text) {
  uint64_t depth = 0;
  uint64_t deepest = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      in_string = !in_string;
    } else if (in_string) {
      i += c == '\\' ? 1 : 0;
    } else if (c == '[' || c == '{') {
      deepest = std::max(deepest, ++depth);
    } else if (c == ']' || c == '}') {
      depth -= depth > 0 ? 1 : 0;
    }
  }
  return deepest;
}

std::unexpected<Error> WrongType(std::string_view name, std::string_view wanted,
                                 const json& value) {
  return Fail(Code::kCorrupt, "'{}' is not {} but of type {}", name, wanted, value.type_name());
}

Result<const json*> TypedMember(const json& object, std::string_view name, json::value_t type,
                                std::string_view wanted) {
  const json* const value = FindMember(object, name);
  if (value != nullptr && value->type() != type) {
    return WrongType(name, wanted, *value);
  }
  return value;
}

}  // namespace

Result<json> ParseJson(std::string_view text, const Limits& limits) {
  const uint64_t depth = DepthOf(text);
  if (depth > limits.json_depth) {
    return OverLimit(&Limits::json_depth, limits, fmt::format("JSON nested {} deep", depth));
  }
  try {
    return json::parse(text);
  } catch (const json::parse_error& error) {
    return Fail(Code::kCorrupt, "not JSON at byte {}", error.byte);
  } catch (const json::exception&) {
    return Fail(Code::kCorrupt, "JSON with a number that is out of range");
  }
}

Result<uint64_t> AsUint64(const json& value, std::string_view name) {
  if (!value.is_number_unsigned()) {
    return WrongType(name, "a whole number from 0 to 2^64 - 1", value);
  }
  return value.get<uint64_t>();
}

const json* FindMember(const json& object, std::string_view name) {
  if (!object.is_object()) {
    return nullptr;
  }
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

Result<std::string> StringMember(const json& object, std::string_view name) {
  TRY_ASSIGN(const json* value, TypedMember(object, name, json::value_t::string, "a string"));
  return value == nullptr ? std::string() : value->get<std::string>();
}

Result<bool> BoolMember(const json& object, std::string_view name) {
  TRY_ASSIGN(const json* value, TypedMember(object, name, json::value_t::boolean, "true or false"));
  return value != nullptr && value->get<bool>();
}

Result<std::optional<uint64_t>> Uint64Member(const json& object, std::string_view name) {
  const json* const value = FindMember(object, name);
  if (value == nullptr) {
    return std::nullopt;
  }
  TRY_ASSIGN(const uint64_t number, AsUint64(*value, name));
  return number;
}

Result<std::vector<std::string>> StringsMember(const json& object, std::string_view name) {
  TRY_ASSIGN(const json* list, ArrayMember(object, name));
  std::vector<std::string> strings;
  if (list == nullptr) {
    return strings;
  }
  for (const json& item : *list) {
    if (!item.is_string()) {
      return WrongType(fmt::format("{}[{}]", name, strings.size()), "a string", item);
    }
    strings.push_back(item.get<std::string>());
  }
  return strings;
}

Result<const json*> ArrayMember(const json& object, std::string_view name) {
  return TypedMember(object, name, json::value_t::array, "a list");
}

Result<const json*> ObjectMember(const json& object, std::string_view name) {
  return TypedMember(object, name, json::value_t::object, "an object");
}

}  // namespace fathom
