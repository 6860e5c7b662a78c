#include "report/check_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "base/units.h"
#include "report/json_writer.h"
#include "report/paint.h"
#include "report/wasted_paths.h"

namespace fathom::report {
namespace {

using gate::RuleResult;
using gate::Verdict;

constexpr size_t kMostPaths = 20;

std::string_view NumbersName(gate::Numbers numbers) {
  return numbers == gate::Numbers::kExact ? "exact" : "classic";
}

std::string Upper(Verdict verdict) {
  std::string text(gate::VerdictName(verdict));
  std::ranges::transform(text, text.begin(), [](char c) { return static_cast<char>(c - 32); });
  return text;
}

Paint PaintOf(Verdict verdict) {
  return verdict == Verdict::kPass   ? Paint::kGreen
         : verdict == Verdict::kFail ? Paint::kRed
                                     : Paint::kNone;
}

auto CountOf(const std::vector<RuleResult>& results, Verdict verdict) {
  return std::ranges::count(results, verdict, &RuleResult::verdict);
}

}  // namespace

bool Passed(const std::vector<RuleResult>& results) {
  return CountOf(results, Verdict::kFail) == 0;
}

std::string CheckTable(const analyze::Analysis& analysis, const std::vector<RuleResult>& results,
                       bool color) {
  std::string out;
  for (const RuleResult& result : results) {
    out += fmt::format("{}  {:<25} {:<8} {:>14}  limit {}\n",
                       Painted(Upper(result.verdict), PaintOf(result.verdict), color), result.rule,
                       NumbersName(result.numbers), result.value, Printable(result.threshold));
  }
  const auto paths = WastedPaths(analysis);
  for (size_t i = 0; i < std::min(paths.size(), kMostPaths); ++i) {
    out += fmt::format("  {:>9}  {:<9}  {}\n", HumanBytes(paths[i].bytes),
                       tree::CauseName(paths[i].cause), Printable(paths[i].path));
  }
  return out + fmt::format("{}: {} passed, {} failed, {} skipped\n",
                           Passed(results) ? Painted("PASS", Paint::kGreen, color)
                                           : Painted("FAIL", Paint::kRed, color),
                           CountOf(results, Verdict::kPass), CountOf(results, Verdict::kFail),
                           CountOf(results, Verdict::kSkip));
}

std::string CheckJson(const analyze::Analysis& analysis, const std::vector<RuleResult>& results) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject();
  json.Member("schema", "fathom/check/v1");
  json.Key("reference");
  json.TextOrNull(analysis.image.reference);
  json.Member("passed", Passed(results));
  json.Key("rules");
  json.BeginArray();
  for (const RuleResult& result : results) {
    json.BeginObject();
    json.Member("name", result.rule);
    json.Member("numbers", NumbersName(result.numbers));
    json.Member("status", gate::VerdictName(result.verdict));
    json.Key("value");
    json.TextOrNull(result.value);
    json.Member("threshold", result.threshold);
    json.Member("message", result.message);
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  out += '\n';
  return out;
}

std::string DiveCheck(const analyze::Analysis& analysis, const std::vector<RuleResult>& results) {
  const tree::ClassicNumbers& classic = analysis.classic;
  const bool any_waste = classic.wasted_bytes > 0;
  std::string out = "Analysis:\n";
  out += fmt::format("  efficiency:        {:.2f} %\n", 100 * classic.efficiency);
  out += fmt::format("  wastedBytes:       {} bytes {}\n", classic.wasted_bytes,
                     any_waste ? fmt::format("({})", HumanBytes(classic.wasted_bytes)) : "");
  out += any_waste
             ? fmt::format("  userWastedPercent: {:.2f} %\n", 100 * classic.wasted_user_percent())
             : "  userWastedPercent: 0 %\n";
  out += "\nInefficient Files:";
  if (classic.inefficiencies.empty()) {
    out += " (None)\n";
  } else {
    out += fmt::format("\n  {:<5}  {:<12}  {}\n", "Count", "Wasted Space", "File Path");
    for (const auto& inefficiency : classic.inefficiencies) {
      out += fmt::format("  {:<5}  {:<12}  {}\n", inefficiency.count,
                         HumanBytes(inefficiency.bytes), Printable(inefficiency.path));
    }
  }
  out += "\nEvaluation:\n";
  for (const RuleResult& result : results) {
    out += fmt::format("  {}  {} ({})\n", Upper(result.verdict), result.rule,
                       Printable(result.message));
  }
  return out + fmt::format("\n{} [pass:{} fail:{} skip:{}]\n", Passed(results) ? "PASS" : "FAIL",
                           CountOf(results, Verdict::kPass), CountOf(results, Verdict::kFail),
                           CountOf(results, Verdict::kSkip));
}

}  // namespace fathom::report
