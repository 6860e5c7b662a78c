#include "tui/subject.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>

#include "base/json.h"
#include "gate/evaluate.h"
#include "tree/lookup.h"

namespace fathom::tui {
namespace {

using nlohmann::json;

std::vector<LostContent> FindLost(const tree::FileTree& tree) {
  std::vector<LostContent> lost;
  for (const tree::Waste& waste : tree.waste()) {
    const tree::Inode& inode = tree.inodes()[waste.inode];
    if (const uint64_t bytes = tree.size(inode); bytes > 0) {
      lost.push_back({waste.node, bytes, waste.cause, inode.layer, waste.hidden_by});
    }
  }
  std::ranges::sort(lost, [](const LostContent& a, const LostContent& b) {
    return a.bytes != b.bytes ? a.bytes > b.bytes
                              : std::tie(a.node, a.stored_in, a.hidden_by) <
                                    std::tie(b.node, b.stored_in, b.hidden_by);
  });
  return lost;
}

using Rows = std::vector<std::pair<std::string, std::string>>;

std::vector<std::string> TextsOf(const json& member) {
  std::vector<std::string> texts;
  if (member.is_string()) {
    texts.push_back(member.get<std::string>());
  }
  for (size_t i = 0; member.is_array() && i < member.size(); ++i) {
    if (member[i].is_string()) {
      texts.push_back(member[i].get<std::string>());
    }
  }
  return texts;
}

// A member that is a text or a list of texts, which are the words of one line.
void AddLine(Rows& rows, const json& config, const char* name, const char* label) {
  const json* member = FindMember(config, name);
  const std::string line =
      member == nullptr ? "" : fmt::format("{}", fmt::join(TextsOf(*member), " "));
  if (!line.empty()) {
    rows.emplace_back(label, line);
  }
}

void AddLines(Rows& rows, const json& config, const char* name, const char* label) {
  const json* member = FindMember(config, name);
  for (std::string& text : member == nullptr ? std::vector<std::string>() : TextsOf(*member)) {
    rows.emplace_back(label, std::move(text));
  }
}

void AddNames(Rows& rows, const json& config, const char* name, const char* label) {
  const json* member = FindMember(config, name);
  if (member == nullptr || !member->is_object()) {
    return;
  }
  for (const auto& [key, value] : member->items()) {
    rows.emplace_back(label, value.is_string() ? key + "=" + value.get<std::string>() : key);
  }
}

// The findings of two rules of the gate: what usually holds secrets, and what runs with other
// rights.
void AddFindings(std::vector<Remark>& remarks, const analyze::Analysis& analysis) {
  gate::RuleSet rules;
  for (const auto kind :
       {gate::RuleKind::kForbiddenSecretPaths, gate::RuleKind::kAllowedSetuidPaths}) {
    gate::Rule rule;
    rule.kind = kind;
    rules.Put(std::move(rule));
  }
  for (const gate::RuleResult& result : gate::Evaluate(rules, analysis)) {
    const bool secret = result.kind == gate::RuleKind::kForbiddenSecretPaths;
    for (const gate::Finding& finding : result.findings.shown) {
      Remark remark;
      remark.title = secret ? "may hold a secret" : "setuid or setgid";
      remark.path = finding.path;
      remark.why = finding.why;
      remark.bytes = finding.bytes;
      remark.layer = finding.stored_in;
      if (finding.stored_in) {
        const auto node =
            tree::LookUp(analysis.tree, finding.path, *finding.stored_in, tree::LastLink::kKeep);
        remark.node = node ? std::optional(*node) : std::nullopt;
      }
      remarks.push_back(std::move(remark));
    }
  }
}

std::vector<Remark> FindRemarks(const analyze::Analysis& analysis) {
  std::vector<Remark> remarks;
  AddFindings(remarks, analysis);
  const auto add = [&](size_t layer, uint64_t count, const char* title, const char* why) {
    if (count > 0) {
      Remark remark;
      remark.title = title;
      remark.why = fmt::format("{} {}", count, why);
      remark.layer = layer;
      remarks.push_back(std::move(remark));
    }
  };
  for (size_t layer = 0; layer < analysis.tree.layer_count(); ++layer) {
    const tree::LayerNumbers& numbers = analysis.tree.numbers(layer);
    add(layer, numbers.linked_parents, "engines disagree",
        "entries below a link of a lower layer: overlay drivers make a directory of it");
    add(layer, numbers.dangling_links, "dangling hard links", "hard links to something absent");
  }
  return remarks;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> DescribeConfig(std::string_view config_json) {
  Rows rows;
  const auto document = ParseJson(config_json, {});
  const json* config = document ? FindMember(*document, "config") : nullptr;
  if (config == nullptr || !config->is_object()) {
    return rows;
  }
  AddLine(rows, *config, "Entrypoint", "Entrypoint");
  AddLine(rows, *config, "Cmd", "Cmd");
  AddLine(rows, *config, "User", "User");
  AddLine(rows, *config, "WorkingDir", "Workdir");
  AddLine(rows, *config, "StopSignal", "Stop signal");
  AddNames(rows, *config, "ExposedPorts", "Port");
  AddNames(rows, *config, "Volumes", "Volume");
  AddLines(rows, *config, "Env", "Env");
  AddNames(rows, *config, "Labels", "Label");
  return rows;
}

ImageFacts MakeImageFacts(const analyze::Analysis& analysis) {
  ImageFacts facts;
  facts.lost = FindLost(analysis.tree);
  facts.lost_count = facts.lost.size();
  facts.lost.resize(std::min(facts.lost.size(), ImageFacts::kMostLost));
  facts.config = DescribeConfig(analysis.image.config_json);
  facts.remarks = FindRemarks(analysis);
  return facts;
}

}  // namespace fathom::tui
