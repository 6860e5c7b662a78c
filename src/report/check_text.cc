#include "report/check_text.h"

#include <algorithm>
#include <map>

#include "base/digest.h"
#include "base/text.h"
#include "report/analysis_report.h"

namespace fathom::report {
namespace {

constexpr size_t kInstructionBytes = 80;  // bytes of an instruction within a line

std::string Cut(std::string text, size_t most) {
  if (text.size() <= most) {
    return text;
  }
  size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) {
    --end;
  }
  return text.substr(0, end) + "…";
}

}  // namespace

bool Passed(const std::vector<gate::RuleResult>& results) {
  return std::ranges::none_of(results, [](const gate::RuleResult& result) {
    return result.verdict == gate::Verdict::kFail;
  });
}

size_t CountOf(const Check& check, gate::Verdict verdict) {
  return static_cast<size_t>(
      std::ranges::count(check.results, verdict, &gate::RuleResult::verdict));
}

std::string Upper(gate::Verdict verdict) {
  std::string text(gate::VerdictName(verdict));
  std::ranges::transform(text, text.begin(), [](char c) { return static_cast<char>(c - 32); });
  return text;
}

std::string ImageName(const Check& check) {
  const image::Image& image = check.analysis.image;
  return !image.reference.empty() ? image.reference
         : !check.name.empty()    ? std::string(check.name)
                                  : image.config_digest.ToString();
}

std::string LayerText(const Check& check, size_t layer) {
  const std::string instruction =
      Cut(Printable(Instruction(check.analysis, layer)), kInstructionBytes);
  return instruction.empty() ? fmt::format("layer {}", layer)
                             : fmt::format("layer {} ({})", layer, instruction);
}

std::string FindingDetail(const Check& check, const gate::Finding& finding) {
  std::string text = fmt::format("{} byte{}", finding.bytes, finding.bytes == 1 ? "" : "s");
  if (finding.stored_in) {
    text += ", stored in " + LayerText(check, *finding.stored_in);
  }
  if (finding.hidden_by && finding.cause) {
    text += fmt::format(", {} by {}",
                        *finding.cause == tree::Cause::kMetadata    ? "changed in its metadata"
                        : *finding.cause == tree::Cause::kIdentical ? "stored again"
                                                                    : CauseName(*finding.cause),
                        LayerText(check, *finding.hidden_by));
  }
  return finding.why.empty() ? text : text + "; " + Printable(finding.why);
}

std::string FindingText(const Check& check, const gate::Finding& finding) {
  return finding.path.empty()
             ? FindingDetail(check, finding)
             : fmt::format("{}: {}", Printable(finding.path), FindingDetail(check, finding));
}

std::string ScopeText(const Check& check) {
  const analyze::BaseImage& base = check.analysis.base;
  const std::string name = Printable(base.name.empty() ? base.digest.ToString() : base.name);
  const std::string how = base.origin == analyze::BaseOrigin::kAssumed
                              ? "the base is not known, so the first layer is taken for it"
                          : base.origin == analyze::BaseOrigin::kGiven ? "as given"
                                                                       : "those of " + name;
  const std::string which =
      check.scope == gate::Scope::kImage ? "over all layers" : "over the user's layers only";
  return fmt::format("{}; base: {} layer{}, {}", which, base.layers, base.layers == 1 ? "" : "s",
                     how);
}

std::string FindingLocation(const gate::Finding& finding) {
  return finding.path.size() > 1 ? finding.path.substr(1)
         : finding.stored_in     ? fmt::format("layers/{}", *finding.stored_in)
                                 : "image";
}

std::vector<std::string> Fingerprints(const gate::RuleResult& result) {
  std::map<std::string, size_t> seen;
  std::vector<std::string> prints;
  for (const gate::Finding& finding : result.findings.shown) {
    std::string identity = result.rule + '\0' + FindingLocation(finding) + '\0';
    identity += finding.cause ? tree::CauseName(*finding.cause) : "visible";
    const size_t number = seen[identity]++;
    prints.push_back(DigestOf(AsBytes(identity + '\0' + fmt::to_string(number))).Hex());
  }
  return prints;
}

uint64_t HiddenBaseBytes(const analyze::Analysis& analysis) {
  uint64_t bytes = 0;
  for (const tree::Waste& waste : analysis.tree.waste()) {
    const tree::Inode& inode = analysis.tree.inodes()[waste.inode];
    if (inode.layer < analysis.base_layers && waste.hidden_by >= analysis.base_layers) {
      bytes += analysis.tree.size(inode);
    }
  }
  return bytes;
}

}  // namespace fathom::report
