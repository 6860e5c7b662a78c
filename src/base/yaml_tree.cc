#include "base/yaml_tree.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <set>
#include <sstream>

namespace fathom {
namespace {

// Leaves the parser, which knows no other way out.
struct Refusal {
  std::string message;
};

// Builds the tree from the parser's events, so that limits hold while it reads.
class TreeBuilder final : public YAML::EventHandler {
 public:
  YamlNode Take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Begin(mark, "", anchor);
    Put({.kind = YamlNode::Kind::kNull,
         .line = mark.line + 1,
         .text = {},
         .items = {},
         .members = {}});
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    Refuse(mark, "aliases are not supported");
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Begin(mark, tag, anchor);
    if (ExpectsKey()) {
      open_.back().key = value;
      open_.back().key_line = mark.line + 1;
      open_.back().has_key = true;
      return;
    }
    Put({.kind = YamlNode::Kind::kScalar,
         .line = mark.line + 1,
         .text = value,
         .items = {},
         .members = {}});
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    Open(mark, tag, anchor, YamlNode::Kind::kList);
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    Open(mark, tag, anchor, YamlNode::Kind::kMap);
  }
  void OnMapEnd() override { Close(); }

 private:
  struct Level {
    YamlNode node;
    std::string key;  // of the value that comes next
    int key_line = 0;
    bool has_key = false;
    std::set<std::string> keys;
  };

  [[noreturn]] static void Refuse(const YAML::Mark& mark, std::string_view what) {
    throw Refusal{fmt::format("line {}: {}", mark.line + 1, what)};
  }

  bool ExpectsKey() const {
    return !open_.empty() && open_.back().node.kind == YamlNode::Kind::kMap &&
           !open_.back().has_key;
  }

  void Begin(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (anchor != 0) {
      Refuse(mark, "anchors are not supported");
    }
    if (!tag.empty() && tag != "?" && tag != "!") {
      Refuse(mark, "tags are not supported");
    }
    if (++nodes_ > kMostYamlNodes) {
      Refuse(mark, fmt::format("more than {} values", kMostYamlNodes));
    }
  }

  void Open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
            YamlNode::Kind kind) {
    Begin(mark, tag, anchor);
    if (ExpectsKey()) {
      Refuse(mark, "a key must be a word");
    }
    if (open_.size() == kMostYamlDepth) {
      Refuse(mark, fmt::format("nested deeper than {}", kMostYamlDepth));
    }
    Level level;
    level.node.kind = kind;
    level.node.line = mark.line + 1;
    open_.push_back(std::move(level));
  }

  void Close() {
    YamlNode node = std::move(open_.back().node);
    open_.pop_back();
    Put(std::move(node));
  }

  void Put(YamlNode node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Level& level = open_.back();
    if (level.node.kind == YamlNode::Kind::kList) {
      level.node.items.push_back(std::move(node));
      return;
    }
    if (!level.has_key) {  // a null
      throw Refusal{fmt::format("line {}: a key must be a word", node.line)};
    }
    if (!level.keys.insert(level.key).second) {
      throw Refusal{fmt::format("line {}: '{}' is there twice", node.line, level.key)};
    }
    level.node.members.push_back({std::move(level.key), level.key_line, std::move(node)});
    level.has_key = false;
  }

  YamlNode root_;
  std::vector<Level> open_;
  size_t nodes_ = 0;
};

// Refuses whatever comes after the first document. It must not wait for content: of a stray ','
// yaml-cpp makes one empty document after another.
class NoDocument final : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& mark) override {
    throw Refusal{
        fmt::format("line {}: more than one YAML document is not supported", mark.line + 1)};
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& /*mark*/, YAML::anchor_t /*anchor*/) override {}
  void OnAlias(const YAML::Mark& /*mark*/, YAML::anchor_t /*anchor*/) override {}
  void OnScalar(const YAML::Mark& /*mark*/, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
                const std::string& /*value*/) override {}
  void OnSequenceStart(const YAML::Mark& /*mark*/, const std::string& /*tag*/,
                       YAML::anchor_t /*anchor*/, YAML::EmitterStyle::value /*style*/) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark& /*mark*/, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
                  YAML::EmitterStyle::value /*style*/) override {}
  void OnMapEnd() override {}
};

}  // namespace

const YamlNode* YamlNode::Find(std::string_view key) const {
  const auto found = std::ranges::find(members, key, &YamlMember::key);
  return found == members.end() ? nullptr : &found->value;
}

std::string_view KindName(YamlNode::Kind kind) {
  constexpr std::string_view kNames[] = {"nothing", "a word", "a list", "a mapping"};
  return kNames[static_cast<size_t>(kind)];
}

Result<YamlNode> ParseYaml(std::string_view text) {
  if (text.size() > kMostYamlBytes) {
    return Fail(Code::kInvalidArgument, "more than {} bytes", kMostYamlBytes);
  }
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    TreeBuilder builder;
    if (parser.HandleNextDocument(builder)) {
      NoDocument rest;
      parser.HandleNextDocument(rest);
    }
    return builder.Take();
  } catch (const Refusal& refusal) {
    return Fail(Code::kInvalidArgument, "{}", refusal.message);
  } catch (const YAML::Exception& error) {
    return Fail(Code::kInvalidArgument, "no valid YAML: line {}: {}", error.mark.line + 1,
                error.msg);
  }
}

}  // namespace fathom
