#include "cli/config_file.h"

#include <algorithm>
#include <set>

#include "base/io.h"
#include "base/yaml_tree.h"

namespace fathom::cli {
namespace {

constexpr size_t kMostKeyParts = 4;

class Reader {
 public:
  Reader(const std::vector<std::string_view>& left_out, OddValues odd_values, ConfigFile& file)
      : left_out_(left_out), odd_values_(odd_values), file_(file) {}

  Status Mapping(const YamlNode& mapping, const std::string& parent, size_t depth) {
    for (const YamlMember& member : mapping.members) {
      const std::string key = parent + member.key;
      if (depth == 1 && std::ranges::find(left_out_, key) != left_out_.end()) {
        continue;
      }
      // `a.b: 1` and `a: {b: 1}` are the same key.
      if (!seen_.insert(key).second) {
        return At(member.line, fmt::format("'{}' is there twice", key));
      }
      if (member.value.kind == YamlNode::Kind::kMap && depth < kMostKeyParts) {
        TRY(Mapping(member.value, key + ".", depth + 1));
        continue;
      }
      TRY(Values(member.value, key, member.line));
    }
    return {};
  }

 private:
  Status Values(const YamlNode& node, const std::string& key, int line) {
    ConfigEntry entry{key, {}, static_cast<size_t>(line)};
    if (node.kind == YamlNode::Kind::kScalar) {
      entry.values.push_back(node.text);
    }
    for (const YamlNode& item : node.items) {
      if (item.kind != YamlNode::Kind::kScalar) {
        return Odd(line, fmt::format("'{}' takes a list of words", key));
      }
      entry.values.push_back(item.text);
    }
    if (entry.values.empty()) {
      return Odd(line, fmt::format("'{}' has no value; take the line out instead", key));
    }
    file_.entries.push_back(std::move(entry));
    return {};
  }

  Status Odd(int line, const std::string& what) const {
    return odd_values_ == OddValues::kPassedOver ? Status() : At(line, what);
  }

  std::unexpected<Error> At(int line, const std::string& what) const {
    return Fail(Code::kInvalidArgument, "{}:{}: {}", file_.path, line, what);
  }

  const std::vector<std::string_view>& left_out_;
  OddValues odd_values_;
  ConfigFile& file_;
  std::set<std::string> seen_;
};

}  // namespace

const ConfigEntry* ConfigFile::Find(std::string_view key) const {
  const auto found = std::ranges::find(entries, key, &ConfigEntry::key);
  return found == entries.end() ? nullptr : &*found;
}

Result<ConfigFile> ParseConfig(const std::string& path, std::string_view text,
                               const std::vector<std::string_view>& left_out,
                               OddValues odd_values) {
  ConfigFile file{path, {}};
  const auto document = ParseYaml(text);
  if (!document) {
    return Wrap(document.error(), "{}", path);
  }
  if (document->kind == YamlNode::Kind::kNull) {
    return file;
  }
  if (document->kind != YamlNode::Kind::kMap) {
    return Fail(Code::kInvalidArgument, "{}:{}: it takes lines of the form 'key: value'", path,
                document->line);
  }
  TRY(Reader(left_out, odd_values, file).Mapping(*document, "", 1));
  return file;
}

Result<ConfigFile> ReadConfigFile(const std::string& path,
                                  const std::vector<std::string_view>& left_out,
                                  OddValues odd_values) {
  const auto text = ReadFile(path, kMostYamlBytes);
  if (!text) {
    return std::unexpected(Error{Code::kInvalidArgument, text.error().message});
  }
  return ParseConfig(path, *text, left_out, odd_values);
}

}  // namespace fathom::cli
