// A YAML document that somebody wrote by hand, as a tree of texts, read under limits.
//
// Of YAML only what a configuration needs: mappings, lists and scalars. Anchors, aliases and tags
// are refused, as are keys that are there twice and a second document; so a text never stands for
// more than it says.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace fathom {

struct YamlMember;

struct YamlNode {
  enum class Kind { kNull, kScalar, kList, kMap };

  Kind kind = Kind::kNull;
  int line = 0;                     // from 1
  std::string text;                 // of a scalar
  std::vector<YamlNode> items;      // of a list
  std::vector<YamlMember> members;  // of a map

  const YamlNode* Find(std::string_view key) const;  // null when absent
};

struct YamlMember {
  std::string key;
  int line = 0;  // of the key
  YamlNode value;
};

// How errors name it: "a list".
std::string_view KindName(YamlNode::Kind kind);

constexpr size_t kMostYamlBytes = 1 << 20;
constexpr size_t kMostYamlDepth = 32;
constexpr size_t kMostYamlNodes = 100'000;

// Errors: kInvalidArgument with the line. An empty text is a null.
Result<YamlNode> ParseYaml(std::string_view text);

}  // namespace fathom
