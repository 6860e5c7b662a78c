// The gate as a comment on a merge request.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "base/units.h"
#include "report/check_report.h"
#include "report/check_text.h"

namespace fathom::report {
namespace {

using gate::RuleResult;
using gate::Verdict;

constexpr size_t kMarkdownFindings = 20;  // findings of a rule

// A code span: nothing in it is markup, a link or a mention. Only a backtick could end it, and only
// a '|' the cell of a table, so both are shown as escapes.
std::string Code(std::string_view text) {
  std::string span = "`";
  for (const char c : Printable(text)) {
    if (c == '`' || c == '|') {
      span += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      span += c;
    }
  }
  return span + (span == "`" ? " `" : "`");
}

void AddMarkdownFindings(std::string& out, const Check& check, const RuleResult& result) {
  const auto& shown = result.findings.shown;
  out += fmt::format("\n**{}**: {}\n\n", result.rule, Code(result.message));
  for (size_t i = 0; i < std::min(shown.size(), kMarkdownFindings); ++i) {
    out += shown[i].path.empty() ? fmt::format("- {}\n", Code(FindingDetail(check, shown[i])))
                                 : fmt::format("- {} {}\n", Code(shown[i].path),
                                               Code(FindingDetail(check, shown[i])));
  }
  const uint64_t rest = result.findings.omitted +
                        (shown.size() > kMarkdownFindings ? shown.size() - kMarkdownFindings : 0);
  if (rest > 0) {
    out += fmt::format("- and {} more\n", rest);
  }
}

}  // namespace

std::string CheckMarkdown(const Check& check) {
  std::string out = fmt::format(
      "<!-- fathom check -->\n## {} {}\n\n{} passed, {} failed, {} skipped. Exact numbers {}.\n",
      Passed(check.results) ? "PASS" : "FAIL", Code(ImageName(check)),
      CountOf(check, Verdict::kPass), CountOf(check, Verdict::kFail),
      CountOf(check, Verdict::kSkip), Code(ScopeText(check)));
  if (!check.results.empty()) {
    out += "\n| | rule | numbers | value | limit |\n| --- | --- | --- | ---: | --- |\n";
  }
  for (const RuleResult& result : check.results) {
    out += fmt::format("| {} | {} | {} | {} | {} |\n", Upper(result.verdict), result.rule,
                       gate::NumbersName(result.numbers), result.value, Code(result.threshold));
  }
  for (const RuleResult& result : check.results) {
    if (result.verdict == Verdict::kFail) {
      AddMarkdownFindings(out, check, result);
    }
  }
  return out;
}

}  // namespace fathom::report
