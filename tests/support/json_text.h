// JSON as text, composed by hand: members are (key, JSON value) in the order given.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fathom::testing {

using JsonMembers = std::vector<std::pair<std::string, std::string>>;

// A JSON string. Bytes from 0x80 on are passed through.
inline std::string JsonString(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(c));
      out += escaped;
    } else {
      out += c;
    }
  }
  return out + '"';
}

inline std::string JsonObject(const JsonMembers& members) {
  std::string out;
  for (const auto& [key, value] : members) {
    out += out.empty() ? "{" : ",";
    out += JsonString(key) + ":" + value;
  }
  return out.empty() ? "{}" : out + "}";
}

inline std::string JsonArray(const std::vector<std::string>& values) {
  std::string out;
  for (const std::string& value : values) {
    out += (out.empty() ? "[" : ",") + value;
  }
  return out.empty() ? "[]" : out + "]";
}

inline std::string JsonStrings(const std::vector<std::string>& texts) {
  std::vector<std::string> values;
  for (const std::string& text : texts) {
    values.push_back(JsonString(text));
  }
  return JsonArray(values);
}

// An object whose values are all strings.
inline std::string JsonStringMap(const std::vector<std::pair<std::string, std::string>>& entries) {
  JsonMembers members;
  for (const auto& [key, value] : entries) {
    members.emplace_back(key, JsonString(value));
  }
  return JsonObject(members);
}

}  // namespace fathom::testing
