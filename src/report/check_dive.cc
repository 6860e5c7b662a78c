// The gate as dive --ci prints it: of its last commit, and of 0.13.1.
#include <fmt/format.h>

#include <cmath>

#include "base/text.h"
#include "base/units.h"
#include "report/check_report.h"
#include "report/check_text.h"

namespace fathom::report {
namespace {

using gate::RuleKind;
using gate::RuleResult;
using gate::Verdict;

std::string Fixed(double value, int digits) {
  return std::isnan(value)   ? "NaN"
         : std::isinf(value) ? "+Inf"
                             : fmt::format("{:.{}f}", value, digits);
}

std::string Whole(double value) {
  return std::isfinite(value) ? fmt::to_string(value) : Fixed(value, 0);
}

// Messages of 0.13.1 have all digits.
std::string Message013(const tree::ClassicNumbers& classic, const RuleResult& result) {
  if (result.numbers == gate::Numbers::kExact) {
    return Printable(result.message);
  }
  switch (result.kind) {
    case RuleKind::kHighestUserWastedPercent:
      return fmt::format(
          "too many bytes wasted, relative to the user bytes added "
          "(%-user-wasted-bytes={} > threshold={})",
          Whole(classic.wasted_user_percent()), result.limit);
    case RuleKind::kLowestEfficiency:
      return fmt::format("image efficiency is too low (efficiency={} < threshold={})",
                         Whole(classic.efficiency), result.limit);
    default:
      return Printable(result.message);
  }
}

}  // namespace

std::string DiveCheck(const Check& check) {
  const tree::ClassicNumbers& classic = check.analysis.classic;
  const bool any_waste = classic.wasted_bytes > 0;
  std::string out = "Analysis:\n";
  out += fmt::format("  efficiency:        {:.2f} %\n", 100 * classic.efficiency);
  out += fmt::format("  wastedBytes:       {} bytes {}\n", classic.wasted_bytes,
                     any_waste ? fmt::format("({})", HumanBytes(classic.wasted_bytes)) : "");
  out += fmt::format("  userWastedPercent: {} %\n",
                     any_waste ? Fixed(100 * classic.wasted_user_percent(), 2) : "0");
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
  for (const RuleResult& result : check.results) {
    out += fmt::format("  {}  {} ({})\n", Upper(result.verdict), result.rule,
                       Printable(result.message));
  }
  return out + fmt::format("\n{} [pass:{} fail:{} skip:{}]\n",
                           Passed(check.results) ? "PASS" : "FAIL", CountOf(check, Verdict::kPass),
                           CountOf(check, Verdict::kFail), CountOf(check, Verdict::kSkip));
}

std::string DiveCheck013(const Check& check) {
  const tree::ClassicNumbers& classic = check.analysis.classic;
  std::string out = fmt::format("  efficiency: {:.4f} %\n", 100 * classic.efficiency);
  out += fmt::format("  wastedBytes: {} bytes ({})\n", classic.wasted_bytes,
                     HumanBytes(classic.wasted_bytes));
  out += fmt::format("  userWastedPercent: {} %\n", Fixed(100 * classic.wasted_user_percent(), 4));
  out += "Inefficient Files:\n";
  if (classic.inefficiencies.empty()) {
    out += "None\n";
  } else {
    out += "Count  Wasted Space  File Path\n";
    for (const auto& inefficiency : classic.inefficiencies) {
      out += fmt::format("{:>5}  {:>12}  {}\n", inefficiency.count, HumanBytes(inefficiency.bytes),
                         Printable(inefficiency.path));
    }
  }
  out += "Results:\n";
  for (const RuleResult& result : check.results) {
    out += result.verdict == Verdict::kFail
               ? fmt::format("  FAIL: {}: {}\n", result.rule, Message013(classic, result))
           : result.verdict == Verdict::kSkip
               ? fmt::format("  SKIP: {}: rule disabled\n", result.rule)
               : fmt::format("  PASS: {}\n", result.rule);
  }
  return out + fmt::format("Result:{} [Total:{}] [Passed:{}] [Failed:{}] [Warn:0] [Skipped:{}]\n",
                           Passed(check.results) ? "PASS" : "FAIL", check.results.size(),
                           CountOf(check, Verdict::kPass), CountOf(check, Verdict::kFail),
                           CountOf(check, Verdict::kSkip));
}

}  // namespace fathom::report
