#include "gate/rules_file.h"

#include <algorithm>
#include <array>

#include "base/io.h"
#include "base/nearest.h"
#include "base/yaml_tree.h"

namespace fathom::gate {
namespace {

constexpr std::array<std::string_view, 3> kForbiddenKeys = {"path", "presence", "reason"};
constexpr std::array<std::string_view, 8> kPresences = {
    "any", "visible", "wasted", "rewritten", "metadata", "identical", "removed", "hidden"};

bool IsDives(RuleKind kind) {
  return kind == RuleKind::kLowestEfficiency || kind == RuleKind::kHighestWastedBytes ||
         kind == RuleKind::kHighestUserWastedPercent;
}

// Reads one file; errors leave out its name.
class RulesReader {
 public:
  RulesReader(const std::string& origin, Numbers numbers) : origin_(origin), numbers_(numbers) {}

  Result<RulesFile> Read(const YamlNode& document, const RuleTexts& defaults);

 private:
  bool classic() const { return numbers_ == Numbers::kClassic; }
  Status ReadMember(const YamlMember& member);
  Status Unknown(const YamlMember& member);
  Status ReadRule(const RuleInfo& info, const YamlNode& value);
  Status ReadPaths(const RuleInfo& info, const YamlNode& value);
  Status ReadForbidden(const YamlNode& item, ForbiddenPath& path);
  Result<std::vector<std::string>> ReadGlobs(std::string_view key, const YamlNode& value);

  static std::unexpected<Error> WrongForm(std::string_view key, std::string_view wanted,
                                          const YamlNode& value) {
    return Fail(Code::kInvalidArgument, "line {}: {} takes {}, not {}", value.line, key, wanted,
                KindName(value.kind));
  }

  const std::string& origin_;
  Numbers numbers_;
  RulesFile file_;
  std::vector<RuleKind> seen_;
};

Result<RulesFile> RulesReader::Read(const YamlNode& document, const RuleTexts& defaults) {
  const YamlNode* const rules = document.Find("rules");
  const bool no_mapping =
      document.kind != YamlNode::Kind::kNull && document.kind != YamlNode::Kind::kMap;
  if (no_mapping || (rules != nullptr && rules->kind != YamlNode::Kind::kMap &&
                     rules->kind != YamlNode::Kind::kNull)) {
    return Fail(Code::kInvalidArgument, "it has no mapping 'rules:'");
  }
  if (classic()) {
    TRY_ASSIGN(file_.rules, MakeRules(numbers_, origin_, defaults));
  } else if (rules != nullptr) {
    file_.rules.emplace();
    file_.rules->numbers = numbers_;
    file_.rules->origin = origin_;
  }
  if (rules != nullptr) {
    for (const YamlMember& member : rules->members) {
      TRY(ReadMember(member));
    }
    if (!classic() && file_.rules->rules.empty()) {
      file_.warnings.push_back(origin_ + ": 'rules:' names no rule");
    }
  }
  return std::move(file_);
}

Status RulesReader::ReadMember(const YamlMember& member) {
  const RuleInfo* const info = FindRule(member.key);
  if (info != nullptr && (!classic() || IsDives(info->kind))) {
    if ((std::ranges::find(seen_, info->kind) != std::ranges::end(seen_))) {
      return Fail(Code::kInvalidArgument, "line {}: {} is there twice, once as '{}'",
                  member.value.line, info->name, member.key);
    }
    seen_.push_back(info->kind);
    return ReadRule(*info, member.value);
  }
  if (!classic() && (member.key == "ignoredPaths" || member.key == "ignored-paths")) {
    TRY_ASSIGN(file_.rules->ignored_paths, ReadGlobs(member.key, member.value));
    return {};
  }
  if (!classic() && (member.key == "allowedSecretPaths" || member.key == "allowed-secret-paths")) {
    TRY_ASSIGN(file_.rules->allowed_secret_paths, ReadGlobs(member.key, member.value));
    return {};
  }
  return Unknown(member);
}

Status RulesReader::Unknown(const YamlMember& member) {
  if (classic()) {
    constexpr std::array<std::string_view, 3> kDives = {"lowestEfficiency", "highestWastedBytes",
                                                        "highestUserWastedPercent"};
    file_.warnings.push_back(fmt::format("{}: unknown rule '{}' is ignored{}", origin_, member.key,
                                         DidYouMean(member.key, kDives)));
    return {};
  }
  return Fail(Code::kInvalidArgument, "line {}: unknown rule '{}'{}", member.value.line, member.key,
              DidYouMean(member.key, RuleKeys()));
}

Status RulesReader::ReadRule(const RuleInfo& info, const YamlNode& value) {
  if (info.form == ValueForm::kPaths && value.kind == YamlNode::Kind::kList) {
    return ReadPaths(info, value);
  }
  const bool word = value.kind == YamlNode::Kind::kScalar || value.kind == YamlNode::Kind::kNull;
  if (!word || (info.form == ValueForm::kPaths && !IsOff(value.text))) {
    return WrongForm(info.name, info.form == ValueForm::kPaths ? "a list of globs" : "one value",
                     value);
  }
  TRY_ASSIGN(Rule rule, MakeRule(info, "it", value.text));
  file_.rules->Put(std::move(rule));
  return {};
}

Status RulesReader::ReadPaths(const RuleInfo& info, const YamlNode& value) {
  Rule rule{.kind = info.kind, .text = {}, .paths = {}};
  std::vector<std::string> globs;
  for (const YamlNode& item : value.items) {
    ForbiddenPath path;
    if (item.kind == YamlNode::Kind::kScalar) {
      path.glob = item.text;
    } else if (item.kind == YamlNode::Kind::kMap && info.kind == RuleKind::kForbiddenPaths) {
      TRY(ReadForbidden(item, path));
    } else {
      return WrongForm(fmt::format("an item of {}", info.name), "a glob", item);
    }
    rule.text += (globs.empty() ? "" : ", ") + path.glob;
    globs.push_back(path.glob);
    rule.paths.push_back(std::move(path));
  }
  rule.text = globs.empty() ? "none" : rule.text;
  TRY(CheckGlobs(info.name, globs));
  file_.rules->Put(std::move(rule));
  return {};
}

Status RulesReader::ReadForbidden(const YamlNode& item, ForbiddenPath& path) {
  for (const YamlMember& member : item.members) {
    const bool words = member.key == "presence" && member.value.kind == YamlNode::Kind::kList;
    if (!(std::ranges::find(kForbiddenKeys, member.key) != std::ranges::end(kForbiddenKeys))) {
      return Fail(Code::kInvalidArgument, "line {}: unknown key '{}' of a forbidden path{}",
                  member.value.line, member.key, DidYouMean(member.key, kForbiddenKeys));
    }
    if (member.value.kind != YamlNode::Kind::kScalar && !words) {
      return WrongForm(member.key, "a word", member.value);
    }
    if (member.key == "path") {
      path.glob = member.value.text;
    } else if (member.key == "reason") {
      path.reason = member.value.text;
    }
  }
  if (path.glob.empty()) {
    return Fail(Code::kInvalidArgument, "line {}: a forbidden path without 'path'", item.line);
  }
  const YamlNode* const presence = item.Find("presence");
  if (presence == nullptr) {
    return {};
  }
  std::optional<Presence> all;
  const std::vector<YamlNode> one = {*presence};
  for (const YamlNode& word : presence->kind == YamlNode::Kind::kList ? presence->items : one) {
    const auto parsed = Presence::Parse(word.text);
    if (!parsed) {
      return Fail(Code::kInvalidArgument,
                  "line {}: '{}' is no presence{}; it is any, visible, wasted, or a cause of waste",
                  word.line, word.text, DidYouMean(word.text, kPresences));
    }
    all = all ? *all | *parsed : *parsed;
  }
  if (!all) {
    return Fail(Code::kInvalidArgument, "line {}: an empty presence", item.line);
  }
  path.presence = *all;
  return {};
}

Result<std::vector<std::string>> RulesReader::ReadGlobs(std::string_view key,
                                                        const YamlNode& value) {
  std::vector<std::string> globs;
  if (value.kind == YamlNode::Kind::kNull) {
    return globs;
  }
  if (value.kind != YamlNode::Kind::kList) {
    return WrongForm(key, "a list of globs", value);
  }
  for (const YamlNode& item : value.items) {
    if (item.kind != YamlNode::Kind::kScalar) {
      return WrongForm(fmt::format("an item of {}", key), "a glob", item);
    }
    globs.push_back(item.text);
  }
  TRY(CheckGlobs(key, globs));
  return globs;
}

}  // namespace

Result<RulesFile> ParseRules(std::string_view text, const std::string& origin, Numbers numbers,
                             const RuleTexts& defaults) {
  auto document = ParseYaml(text);
  if (!document) {
    return Wrap(std::move(document).error(), "{}", origin);
  }
  auto file = RulesReader(origin, numbers).Read(*document, defaults);
  if (!file) {
    return Wrap(std::move(file).error(), "{}", origin);
  }
  return file;
}

Result<RulesFile> ReadRules(const std::string& path, Numbers numbers, const RuleTexts& defaults) {
  TRY_ASSIGN(const std::string text, ReadFile(path, kMostYamlBytes));
  return ParseRules(text, fmt::format("'{}'", path), numbers, defaults);
}

}  // namespace fathom::gate
