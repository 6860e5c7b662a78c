// JUnit XML, in the strict form of the schema for Ant's reports, which Jenkins and GitLab read.
#include <fmt/format.h>

#include "base/text.h"
#include "report/check_report.h"
#include "report/check_text.h"

namespace fathom::report {
namespace {

using gate::RuleResult;
using gate::Verdict;

// XML 1.0 has no way to write a control character, so they are shown as escapes; it also lacks
// U+FFFE and U+FFFF.
std::string Xml(std::string_view text) {
  std::string out;
  const std::string shown = Printable(text);
  for (size_t i = 0; i < shown.size(); ++i) {
    const std::string_view rest = std::string_view(shown).substr(i);
    if (rest.starts_with("\xef\xbf\xbe") || rest.starts_with("\xef\xbf\xbf")) {
      out += rest[2] == '\xbe' ? "\\u{fffe}" : "\\u{ffff}";
      i += 2;
      continue;
    }
    switch (shown[i]) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += shown[i];
    }
  }
  return out;
}

// When the image was made, to the second, since the time of the check would be another each time.
std::string Timestamp(const std::string& created) {
  constexpr std::string_view kForm = "dddd-dd-ddTdd:dd:dd";
  bool well = created.size() >= kForm.size();
  for (size_t i = 0; well && i < kForm.size(); ++i) {
    well = kForm[i] == 'd' ? created[i] >= '0' && created[i] <= '9' : created[i] == kForm[i];
  }
  const auto in = [&](size_t at, int least, int most) {
    const int value = (created[at] - '0') * 10 + (created[at + 1] - '0');
    return value >= least && value <= most;
  };
  well = well && created.substr(0, 4) != "0000" && in(5, 1, 12) && in(8, 1, 28) && in(11, 0, 23) &&
         in(14, 0, 59) && in(17, 0, 59);
  return well ? created.substr(0, kForm.size()) : "1970-01-01T00:00:00";
}

std::string Property(std::string_view name, std::string_view value) {
  return fmt::format("      <property name=\"{}\" value=\"{}\"/>\n", name, Xml(value));
}

void AddCase(std::string& out, const Check& check, const RuleResult& result) {
  out += fmt::format("    <testcase name=\"{}\" classname=\"fathom.check.{}\" time=\"0\"",
                     result.rule, gate::NumbersName(result.numbers));
  if (result.verdict == Verdict::kPass) {
    out += "/>\n";
    return;
  }
  if (result.verdict == Verdict::kSkip) {
    out += "><skipped/></testcase>\n";
    return;
  }
  out += fmt::format(">\n      <failure type=\"{}\" message=\"{}\">", result.rule,
                     Xml(result.message));
  for (const gate::Finding& finding : result.findings.shown) {
    out += Xml(FindingText(check, finding)) + '\n';
  }
  if (result.findings.omitted > 0) {
    out += fmt::format("and {} more\n", result.findings.omitted);
  }
  out += "</failure>\n    </testcase>\n";
}

}  // namespace

std::string CheckJunit(const Check& check) {
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
  out += fmt::format(
      "  <testsuite id=\"0\" package=\"fathom\" name=\"fathom check {}\" timestamp=\"{}\" "
      "hostname=\"localhost\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\" "
      "time=\"0\">\n",
      Xml(ImageName(check)), Timestamp(check.analysis.image.config.created), check.results.size(),
      CountOf(check, Verdict::kFail), CountOf(check, Verdict::kSkip));
  out += "    <properties>\n" + Property("image", ImageName(check)) +
         Property("configDigest", check.analysis.image.config_digest.ToString()) +
         Property("scope", ScopeText(check)) + "    </properties>\n";
  for (const RuleResult& result : check.results) {
    AddCase(out, check, result);
  }
  return out + "    <system-out/>\n    <system-err/>\n  </testsuite>\n</testsuites>\n";
}

}  // namespace fathom::report
