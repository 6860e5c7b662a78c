#include "cli/config_file.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <set>

#include "base/io.h"

namespace fathom::cli {
namespace {

constexpr uint64_t kMostFileBytes = 1 << 20;
constexpr size_t kMostKeyParts = 4;

size_t LineOf(const YAML::Node& node) {
  return node.Mark().is_null() ? 1 : static_cast<size_t>(node.Mark().line) + 1;
}

class Reader {
 public:
  Reader(const std::vector<std::string_view>& left_out, ConfigFile& file)
      : left_out_(left_out), file_(file) {}

  Status Mapping(const YAML::Node& mapping, const std::string& parent, size_t depth) {
    for (const auto& pair : mapping) {
      const size_t line = LineOf(pair.first);
      if (!pair.first.IsScalar()) {
        return At(line, "a key is a word");
      }
      const std::string key = parent + pair.first.Scalar();
      if (depth == 1 && std::ranges::find(left_out_, key) != left_out_.end()) {
        continue;
      }
      if (!seen_.insert(key).second) {
        return At(line, fmt::format("'{}' is there twice", key));
      }
      if (pair.second.IsMap() && depth < kMostKeyParts) {
        TRY(Mapping(pair.second, key + ".", depth + 1));
        continue;
      }
      TRY(Values(pair.second, key, line));
    }
    return {};
  }

 private:
  Status Values(const YAML::Node& node, const std::string& key, size_t line) {
    ConfigEntry entry{key, {}, line};
    if (node.IsScalar()) {
      entry.values.push_back(node.Scalar());
    } else if (node.IsSequence()) {
      for (const auto& item : node) {
        if (!item.IsScalar()) {
          return At(line, fmt::format("'{}' takes a list of words", key));
        }
        entry.values.push_back(item.Scalar());
      }
    }
    if (entry.values.empty()) {
      return At(line, fmt::format("'{}' has no value; take the line out instead", key));
    }
    file_.entries.push_back(std::move(entry));
    return {};
  }

  std::unexpected<Error> At(size_t line, const std::string& what) const {
    return Fail(Code::kInvalidArgument, "{}:{}: {}", file_.path, line, what);
  }

  const std::vector<std::string_view>& left_out_;
  ConfigFile& file_;
  std::set<std::string> seen_;
};

}  // namespace

const ConfigEntry* ConfigFile::Find(std::string_view key) const {
  const auto found = std::ranges::find(entries, key, &ConfigEntry::key);
  return found == entries.end() ? nullptr : &*found;
}

Result<ConfigFile> ParseConfig(const std::string& path, const std::string& text,
                               const std::vector<std::string_view>& left_out) {
  ConfigFile file{path, {}};
  try {
    const YAML::Node document = YAML::Load(text);
    if (document.IsNull()) {
      return file;
    }
    if (!document.IsMap()) {
      return Fail(Code::kInvalidArgument, "{}:{}: it takes lines of the form 'key: value'", path,
                  LineOf(document));
    }
    TRY(Reader(left_out, file).Mapping(document, "", 1));
  } catch (const YAML::Exception& error) {
    return Fail(Code::kInvalidArgument, "{}:{}: this is no YAML: {}", path,
                std::max(error.mark.line + 1, 1), error.msg);
  }
  return file;
}

Result<ConfigFile> ReadConfigFile(const std::string& path,
                                  const std::vector<std::string_view>& left_out) {
  auto text = ReadFile(path, kMostFileBytes);
  if (!text) {
    return std::unexpected(Error{Code::kInvalidArgument, std::move(text).error().message});
  }
  return ParseConfig(path, *text, left_out);
}

}  // namespace fathom::cli
