// SARIF 2.1.0 (OASIS), as code scanning services read it, and GitLab's code quality report.
#include <fmt/format.h>

#include "base/text.h"
#include "report/analysis_report.h"
#include "report/check_report.h"
#include "report/check_text.h"
#include "report/json_writer.h"

namespace fathom::report {
namespace {

using gate::Finding;
using gate::RuleInfo;
using gate::RuleResult;
using gate::Verdict;

constexpr const char* kRoot = "IMAGE";  // what locations are relative to

// A relative reference of RFC 3986. A ':' in its first part would make a scheme of it.
std::string Uri(std::string_view path) {
  constexpr std::string_view kPlain = "/-._~";
  std::string uri;
  for (const char c : path) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter || kPlain.contains(c)) {
      uri += c;
    } else {
      uri += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return uri;
}

void Message(JsonWriter& json, std::string_view key, std::string_view text) {
  json.Key(key);
  json.BeginObject();
  json.Member("text", text);
  json.EndObject();
}

void WriteRules(JsonWriter& json) {
  json.Key("rules");
  json.BeginArray();
  for (const RuleInfo& info : gate::RuleInfos()) {
    json.BeginObject();
    json.Member("id", info.name);
    Message(json, "shortDescription", info.title);
    Message(json, "fullDescription", info.help);
    Message(json, "help", info.help);
    json.Key("defaultConfiguration");
    json.BeginObject();
    json.Member("level", "error");
    json.EndObject();
    json.EndObject();
  }
  json.EndArray();
}

void WriteLayer(JsonWriter& json, const Check& check, size_t layer) {
  json.BeginObject();
  json.Member("name", fmt::format("layer {}", layer));
  json.Member("fullyQualifiedName", layer < check.analysis.image.layers.size()
                                        ? check.analysis.image.layers[layer].diff_id.ToString()
                                        : "");
  json.Member("kind", "resource");
  json.EndObject();
}

void WriteLocation(JsonWriter& json, const Check& check, const Finding& finding) {
  json.Key("locations");
  json.BeginArray();
  json.BeginObject();
  json.Key("physicalLocation");
  json.BeginObject();
  json.Key("artifactLocation");
  json.BeginObject();
  json.Member("uri", Uri(FindingLocation(finding)));
  json.Member("uriBaseId", kRoot);
  json.EndObject();
  json.Key("region");  // services refuse a result without a line
  json.BeginObject();
  json.Member("startLine", uint64_t{1});
  json.EndObject();
  json.EndObject();
  if (finding.stored_in) {
    json.Key("logicalLocations");
    json.BeginArray();
    WriteLayer(json, check, *finding.stored_in);
    json.EndArray();
  }
  json.EndObject();
  json.EndArray();
}

void WriteResult(JsonWriter& json, const Check& check, const RuleResult& result,
                 const Finding& finding, const std::string& fingerprint) {
  json.BeginObject();
  json.Member("ruleId", result.rule);
  json.Member("ruleIndex", static_cast<uint64_t>(result.kind));
  json.Member("level", "error");
  Message(json, "message",
          fmt::format("{}: {}", Printable(result.message), FindingText(check, finding)));
  WriteLocation(json, check, finding);
  json.Key("partialFingerprints");
  json.BeginObject();
  json.Member("fathom/v1", fingerprint);
  json.EndObject();
  json.EndObject();
}

// A failed rule without findings has one of the image as a whole.
RuleResult WithFinding(RuleResult result) {
  if (result.findings.shown.empty()) {
    result.findings.shown.emplace_back();
  }
  return result;
}

void WriteImage(JsonWriter& json, const Check& check) {
  json.Key("originalUriBaseIds");
  json.BeginObject();
  json.Key(kRoot);
  json.BeginObject();
  Message(json, "description", "the files of " + Printable(ImageName(check)));
  json.EndObject();
  json.EndObject();
  json.Key("properties");
  json.BeginObject();
  json.Member("image", Printable(ImageName(check)));
  json.Member("configDigest", check.analysis.image.config_digest.ToString());
  json.Member("scope", ScopeText(check));
  json.EndObject();
}

}  // namespace

std::string CheckSarif(const Check& check) {
  std::string out;
  JsonWriter json(out, true);
  json.BeginObject();
  json.Member("$schema", "https://json.schemastore.org/sarif-2.1.0.json");
  json.Member("version", "2.1.0");
  json.Key("runs");
  json.BeginArray();
  json.BeginObject();
  json.Key("tool");
  json.BeginObject();
  json.Key("driver");
  json.BeginObject();
  json.Member("name", "fathom");
  WriteRules(json);
  json.EndObject();
  json.EndObject();
  json.Member("columnKind", "unicodeCodePoints");
  WriteImage(json, check);
  json.Key("results");
  json.BeginArray();
  for (const RuleResult& judged : check.results) {
    if (judged.verdict != Verdict::kFail) {
      continue;
    }
    const RuleResult result = WithFinding(judged);
    const std::vector<std::string> fingerprints = Fingerprints(result);
    for (size_t i = 0; i < result.findings.shown.size(); ++i) {
      WriteResult(json, check, result, result.findings.shown[i], fingerprints[i]);
    }
  }
  json.EndArray();
  json.EndObject();
  json.EndArray();
  json.EndObject();
  return out + '\n';
}

std::string CheckGitlab(const Check& check) {
  std::string out;
  JsonWriter json(out, true);
  json.BeginArray();
  for (const RuleResult& judged : check.results) {
    if (judged.verdict != Verdict::kFail) {
      continue;
    }
    const RuleResult result = WithFinding(judged);
    const std::vector<std::string> fingerprints = Fingerprints(result);
    const bool grave = result.kind == gate::RuleKind::kForbiddenSecretPaths ||
                       result.kind == gate::RuleKind::kAllowedSetuidPaths;
    for (size_t i = 0; i < result.findings.shown.size(); ++i) {
      const Finding& finding = result.findings.shown[i];
      json.BeginObject();
      json.Member("description",
                  fmt::format("{}: {}", Printable(result.message), FindingText(check, finding)));
      json.Member("check_name", result.rule);
      json.Member("fingerprint", fingerprints[i]);
      json.Member("severity", grave ? "critical" : "major");
      json.Key("location");
      json.BeginObject();
      json.Member("path", Printable(FindingLocation(finding)));
      json.Key("lines");
      json.BeginObject();
      json.Member("begin", uint64_t{1});
      json.EndObject();
      json.EndObject();
      json.EndObject();
    }
  }
  json.EndArray();
  return out + '\n';
}

}  // namespace fathom::report
