// The gate's table and its JSON.
#include "report/check_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "base/units.h"
#include "report/analysis_report.h"
#include "report/check_text.h"
#include "report/json_writer.h"
#include "report/paint.h"

namespace fathom::report {
namespace {

using gate::Finding;
using gate::RuleResult;
using gate::Verdict;

constexpr size_t kTableFindings = 10;  // findings of a rule in the table

Paint PaintOf(Verdict verdict) {
  return verdict == Verdict::kPass   ? Paint::kGreen
         : verdict == Verdict::kFail ? Paint::kRed
                                     : Paint::kNone;
}

void AddTableFindings(std::string& out, const Check& check, const RuleResult& result) {
  const auto& shown = result.findings.shown;
  for (size_t i = 0; i < std::min(shown.size(), kTableFindings); ++i) {
    out += "        " + FindingText(check, shown[i]) + '\n';
  }
  const uint64_t rest =
      result.findings.omitted + (shown.size() > kTableFindings ? shown.size() - kTableFindings : 0);
  if (rest > 0) {
    out += fmt::format("        … and {} more\n", rest);
  }
}

void WriteLayer(JsonWriter& json, const Check& check, std::string_view key,
                std::optional<size_t> layer) {
  json.Member(key, layer ? std::optional<uint64_t>(*layer) : std::nullopt);
  json.Key(std::string(key) + "Instruction");
  json.TextOrNull(layer ? Instruction(check.analysis, *layer) : "");
}

void WriteFinding(JsonWriter& json, const Check& check, const Finding& finding) {
  json.BeginObject();
  json.Key("path");
  json.TextOrNull(finding.path);
  if (!IsUtf8(finding.path)) {
    json.Member("pathBytes", Base64(AsBytes(finding.path)));
  }
  json.Member("bytes", finding.bytes);
  json.Key("cause");
  json.TextOrNull(finding.cause ? tree::CauseName(*finding.cause) : "");
  WriteLayer(json, check, "storedIn", finding.stored_in);
  WriteLayer(json, check, "hiddenBy", finding.hidden_by);
  json.Key("why");
  json.TextOrNull(finding.why);
  json.EndObject();
}

void WriteRule(JsonWriter& json, const Check& check, const RuleResult& result) {
  json.BeginObject();
  json.Member("name", result.rule);
  json.Member("numbers", gate::NumbersName(result.numbers));
  json.Member("status", gate::VerdictName(result.verdict));
  json.Key("value");
  json.TextOrNull(result.value);
  json.Member("threshold", result.threshold);
  json.Member("message", result.message);
  json.Key("findings");
  json.BeginArray();
  for (const Finding& finding : result.findings.shown) {
    WriteFinding(json, check, finding);
  }
  json.EndArray();
  json.Member("findingsOmitted", result.findings.omitted);
  json.EndObject();
}

}  // namespace

std::string CheckTable(const Check& check, bool color) {
  std::string out;
  for (const RuleResult& result : check.results) {
    out +=
        fmt::format("{}  {:<25} {:<8} {:>14}  limit {}\n",
                    Painted(Upper(result.verdict), PaintOf(result.verdict), color), result.rule,
                    gate::NumbersName(result.numbers), result.value, Printable(result.threshold));
    if (result.verdict == Verdict::kFail) {
      AddTableFindings(out, check, result);
    }
  }
  out += fmt::format("exact numbers {}\n", ScopeText(check));
  if (check.scope == gate::Scope::kUserLayers) {
    out += fmt::format("the user's layers hide {} of the base\n",
                       HumanBytes(HiddenBaseBytes(check.analysis)));
  }
  const bool passed = Passed(check.results);
  return out + fmt::format("{}: {} passed, {} failed, {} skipped\n",
                           passed ? Painted("PASS", Paint::kGreen, color)
                                  : Painted("FAIL", Paint::kRed, color),
                           CountOf(check, Verdict::kPass), CountOf(check, Verdict::kFail),
                           CountOf(check, Verdict::kSkip));
}

std::string CheckJson(const Check& check) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject();
  json.Member("schema", "fathom/check/v1");
  json.Key("reference");
  json.TextOrNull(check.analysis.image.reference);
  json.Member("passed", Passed(check.results));
  json.Member("scope", gate::ScopeName(check.scope));
  json.Key("base");
  json.BeginObject();
  json.Member("layers", check.analysis.base.layers);
  json.Member("origin", analyze::BaseOriginName(check.analysis.base.origin));
  json.Key("name");
  json.TextOrNull(check.analysis.base.name);
  json.Key("digest");
  json.TextOrNull(check.analysis.base.digest.ToString());
  json.Member("hiddenBytes", HiddenBaseBytes(check.analysis));
  json.EndObject();
  json.Key("rules");
  json.BeginArray();
  for (const RuleResult& result : check.results) {
    WriteRule(json, check, result);
  }
  json.EndArray();
  json.EndObject();
  out += '\n';
  return out;
}

}  // namespace fathom::report
