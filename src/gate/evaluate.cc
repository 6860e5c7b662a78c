#include "gate/evaluate.h"

#include <cmath>

#include "gate/path_search.h"
#include "gate/secret_paths.h"

namespace fathom::gate {
namespace {

using analyze::Analysis;
using tree::FileTree;
using tree::State;
using tree::Version;

double Ratio(uint64_t part, uint64_t whole, double of_nothing) {
  return whole == 0 ? of_nothing : static_cast<double>(part) / static_cast<double>(whole);
}

// As Go prints them.
std::string GoFixed(double value, int digits) {
  return std::isnan(value)   ? "NaN"
         : std::isinf(value) ? "+Inf"
                             : fmt::format("{:.{}f}", value, digits);
}

// Globs that were checked when the rules were read.
PathGlobs MustMake(std::span<const std::string> globs) {
  auto made = PathGlobs::Make(globs);
  return made ? std::move(*made) : PathGlobs();
}

// Evaluates one set of rules.
class Judge {
 public:
  Judge(const RuleSet& rules, const Analysis& analysis, const EvaluateOptions& options)
      : rules_(rules),
        analysis_(analysis),
        tree_(analysis.tree),
        options_(options),
        first_layer_(options.scope == Scope::kUserLayers ? analysis.base_layers : 0),
        ignored_(Covered(tree_, MustMake(rules.ignored_paths))),
        measures_(TakeMeasures()) {}

  const Measures& measures() const { return measures_; }
  RuleResult Judged(const Rule& rule) const;

 private:
  Measures TakeMeasures() const;
  RuleResult JudgedClassic(const Rule& rule) const;
  RuleResult Result(const Rule& rule, bool failed, std::string value, std::string complaint,
                    std::vector<Finding> findings) const;
  RuleResult Paths(const Rule& rule, std::vector<Finding> findings, std::string_view what) const;

  std::vector<Finding> WastedPaths(size_t first_layer) const;
  std::vector<Finding> Layers(uint64_t more_than) const;
  std::vector<Finding> Setuid(const Rule& rule) const;
  std::vector<Finding> Forbidden(const Rule& rule) const;
  std::vector<Finding> Secrets() const;
  std::vector<Finding> ClassicPaths() const;
  Finding FindingOf(const Occurrence& occurrence, std::string why) const;

  const RuleSet& rules_;
  const Analysis& analysis_;
  const FileTree& tree_;
  const EvaluateOptions& options_;
  size_t first_layer_;
  std::vector<bool> ignored_;  // by node
  Measures measures_;
};

Measures Judge::TakeMeasures() const {
  Measures measures;
  measures.layer_count = tree_.layer_count() - std::min(first_layer_, tree_.layer_count());
  for (size_t layer = 0; layer < tree_.layer_count(); ++layer) {
    const uint64_t stored = tree_.numbers(layer).stored_bytes;
    measures.stored_bytes += layer >= first_layer_ ? stored : 0;
    measures.user_stored_bytes += layer >= analysis_.base_layers ? stored : 0;
  }
  for (const tree::Waste& waste : tree_.waste()) {
    const tree::Inode& inode = tree_.inodes()[waste.inode];
    const uint64_t bytes = tree_.size(inode);
    const bool ignored = ignored_[waste.node];
    if (inode.layer >= first_layer_) {
      (ignored ? measures.ignored_bytes : measures.wasted_bytes) += bytes;
    }
    if (inode.layer >= analysis_.base_layers) {
      (ignored ? measures.user_ignored_bytes : measures.user_wasted_bytes) += bytes;
    } else if (waste.hidden_by >= analysis_.base_layers && !ignored) {
      measures.hidden_base_bytes += bytes;
    }
  }
  for (tree::NodeId node = 0; node < tree_.node_count(); ++node) {
    const Version* version = tree_.Latest(node);
    const bool file = tree::IsPresent(version) && version->state != State::kDirectory;
    measures.file_count += file && version->layer >= first_layer_ ? 1 : 0;
  }
  return measures;
}

RuleResult Judge::Result(const Rule& rule, bool failed, std::string value, std::string complaint,
                         std::vector<Finding> findings) const {
  const RuleInfo& info = InfoOf(rule.kind);
  RuleResult result{.kind = rule.kind,
                    .rule = std::string(info.name),
                    .numbers = rules_.numbers,
                    .verdict = failed ? Verdict::kFail : Verdict::kPass,
                    .value = std::move(value),
                    .threshold = rule.text,
                    .limit = info.form == ValueForm::kRatio ? fmt::to_string(rule.ratio)
                             : info.form == ValueForm::kBytes || info.form == ValueForm::kCount
                                 ? fmt::to_string(rule.number)
                                 : "",
                    .message = failed ? std::move(complaint) : rule.text,
                    .findings = Largest(std::move(findings), options_.most_findings)};
  return result;
}

RuleResult Judge::Paths(const Rule& rule, std::vector<Finding> findings,
                        std::string_view what) const {
  const size_t count = findings.size();
  return Result(rule, count > 0, fmt::to_string(count), fmt::format("{} {}", count, what),
                std::move(findings));
}

RuleResult Judge::Judged(const Rule& rule) const {
  if (!rule.on) {
    RuleResult skipped = Result(rule, false, "", "", {});
    skipped.verdict = Verdict::kSkip;
    skipped.limit = "";
    skipped.message = "disabled";
    return skipped;
  }
  if (rules_.numbers == Numbers::kClassic) {
    return JudgedClassic(rule);
  }
  const Measures& m = measures_;
  const auto highest = [&](uint64_t value, std::string_view complaint, std::string_view name,
                           std::vector<Finding> findings) {
    return Result(rule, value > rule.number, fmt::to_string(value),
                  fmt::format("{} ({}={} > threshold={})", complaint, name, value, rule.text),
                  std::move(findings));
  };
  switch (rule.kind) {
    case RuleKind::kAllowedSetuidPaths:
      return Paths(rule, Setuid(rule), "setuid or setgid files are not in the list");
    case RuleKind::kForbiddenPaths:
      return Paths(rule, Forbidden(rule), "forbidden paths are stored");
    case RuleKind::kForbiddenSecretPaths:
      return Paths(rule, Secrets(), "files that usually are secrets are stored");
    case RuleKind::kHighestFileCount:
      return highest(m.file_count, "too many files", "files", {});
    case RuleKind::kHighestImageBytes:
      return highest(m.stored_bytes, "the layers store too many bytes", "image-bytes", Layers(0));
    case RuleKind::kHighestLayerBytes: {
      auto layers = Layers(rule.number);
      const auto all = Layers(0);
      const uint64_t most =
          all.empty() ? 0 : std::ranges::max_element(all, {}, &Finding::bytes)->bytes;
      return highest(most, "a layer stores too many bytes", "layer-bytes", std::move(layers));
    }
    case RuleKind::kHighestLayerCount:
      return highest(m.layer_count, "too many layers", "layers", {});
    case RuleKind::kHighestUserWastedPercent: {
      const double percent = m.user_wasted_percent();
      return Result(rule, percent > rule.ratio, fmt::format("{:.4f}", percent),
                    fmt::format("too many bytes wasted, relative to the user bytes added "
                                "(%-user-wasted-bytes={:.4f} > threshold={})",
                                percent, rule.text),
                    WastedPaths(analysis_.base_layers));
    }
    case RuleKind::kHighestWastedBytes:
      return highest(m.wasted_bytes, "too many bytes wasted", "wasted-bytes",
                     WastedPaths(first_layer_));
    case RuleKind::kLowestEfficiency:
      return Result(rule, rule.ratio > m.efficiency(), fmt::format("{:.4f}", m.efficiency()),
                    fmt::format("image efficiency is too low (efficiency={:.4f} < threshold={})",
                                m.efficiency(), rule.text),
                    WastedPaths(first_layer_));
  }
  return Result(rule, true, "", "unknown rule", {});
}

// In dive's words.
RuleResult Judge::JudgedClassic(const Rule& rule) const {
  const tree::ClassicNumbers& classic = analysis_.classic;
  const double percent = classic.wasted_user_percent();
  const std::string limit = InfoOf(rule.kind).form == ValueForm::kRatio
                                ? fmt::to_string(rule.ratio)
                                : fmt::to_string(rule.number);
  switch (rule.kind) {
    case RuleKind::kHighestUserWastedPercent:
      return Result(rule, percent > rule.ratio, GoFixed(percent, 4),
                    fmt::format("too many bytes wasted, relative to the user bytes added "
                                "(%-user-wasted-bytes={} > threshold={})",
                                GoFixed(percent, 2), limit),
                    ClassicPaths());
    case RuleKind::kHighestWastedBytes:
      return Result(rule, classic.wasted_bytes > rule.number, fmt::to_string(classic.wasted_bytes),
                    fmt::format("too many bytes wasted (wasted-bytes={} > threshold={})",
                                classic.wasted_bytes, limit),
                    ClassicPaths());
    default:
      return Result(rule, rule.ratio > classic.efficiency, GoFixed(classic.efficiency, 4),
                    fmt::format("image efficiency is too low (efficiency={} < threshold={})",
                                GoFixed(classic.efficiency, 2), limit),
                    ClassicPaths());
  }
}

std::vector<Finding> Judge::WastedPaths(size_t first_layer) const {
  std::vector<Finding> findings;
  for (const tree::Waste& waste : tree_.waste()) {
    const tree::Inode& inode = tree_.inodes()[waste.inode];
    const uint64_t bytes = tree_.size(inode);
    if (bytes > 0 && inode.layer >= first_layer && !ignored_[waste.node]) {
      findings.push_back({.path = tree_.Path(waste.node),
                          .stored_in = inode.layer,
                          .hidden_by = waste.hidden_by,
                          .bytes = bytes,
                          .cause = waste.cause,
                          .why = {}});
    }
  }
  return findings;
}

std::vector<Finding> Judge::Layers(uint64_t more_than) const {
  std::vector<Finding> findings;
  for (size_t layer = first_layer_; layer < tree_.layer_count(); ++layer) {
    if (const uint64_t bytes = tree_.numbers(layer).stored_bytes; bytes > more_than) {
      findings.push_back({.path = {},
                          .stored_in = layer,
                          .hidden_by = {},
                          .bytes = bytes,
                          .cause = {},
                          .why = {}});
    }
  }
  return findings;
}

std::vector<Finding> Judge::Setuid(const Rule& rule) const {
  std::vector<std::string> globs;
  for (const ForbiddenPath& path : rule.paths) {
    globs.push_back(path.glob);
  }
  const std::vector<bool> allowed = Covered(tree_, MustMake(globs));
  constexpr uint16_t kSetuid = 04000;
  constexpr uint16_t kSetgid = 02000;
  std::vector<Finding> findings;
  for (tree::NodeId node = 0; node < tree_.node_count(); ++node) {
    const Version* version = tree_.Latest(node);
    if (allowed[node] || version == nullptr || version->state != State::kFile ||
        version->layer < first_layer_) {
      continue;
    }
    const layer::Entry* entry = tree_.Metadata(*version);
    if (entry == nullptr || (entry->mode & (kSetuid | kSetgid)) == 0) {
      continue;
    }
    findings.push_back({.path = tree_.Path(node),
                        .stored_in = version->layer,
                        .hidden_by = {},
                        .bytes = entry->size,
                        .cause = {},
                        .why = fmt::format("{}, mode {:04o}, owner {}:{}",
                                           (entry->mode & kSetuid) != 0 ? "setuid" : "setgid",
                                           entry->mode, entry->uid, entry->gid)});
  }
  return findings;
}

Finding Judge::FindingOf(const Occurrence& occurrence, std::string why) const {
  Finding finding{.path = tree_.Path(occurrence.node),
                  .stored_in = occurrence.version->layer,
                  .hidden_by = {},
                  .bytes = occurrence.bytes,
                  .cause = {},
                  .why = std::move(why)};
  if (occurrence.next != nullptr) {
    finding.hidden_by = occurrence.next->layer;
    finding.cause = occurrence.cause;
  }
  return finding;
}

std::vector<Finding> Judge::Forbidden(const Rule& rule) const {
  std::vector<std::string> globs;
  for (const ForbiddenPath& path : rule.paths) {
    globs.push_back(path.glob);
  }
  std::vector<Finding> findings;
  const Version* last = nullptr;  // found by an earlier glob
  FindOccurrences(tree_, MustMake(globs), [&](const Occurrence& occurrence, uint32_t glob) {
    const ForbiddenPath& path = rule.paths[glob];
    const bool minded = occurrence.next == nullptr
                            ? path.presence.visible()
                            : path.presence.lost_by(static_cast<size_t>(occurrence.cause));
    if (!minded || ignored_[occurrence.node] || occurrence.version->layer < first_layer_ ||
        occurrence.version == last) {
      return;
    }
    last = occurrence.version;
    findings.push_back(FindingOf(
        occurrence, path.reason.empty() ? fmt::format("matches '{}'", path.glob)
                                        : fmt::format("matches '{}': {}", path.glob, path.reason)));
  });
  return findings;
}

std::vector<Finding> Judge::Secrets() const {
  std::vector<std::string> globs;
  for (const SecretPath& secret : SecretPaths()) {
    globs.emplace_back(secret.glob);
  }
  std::vector<std::string> allowed_globs = rules_.allowed_secret_paths;
  allowed_globs.insert(allowed_globs.end(), HarmlessPaths().begin(), HarmlessPaths().end());
  const std::vector<bool> allowed = Covered(tree_, MustMake(allowed_globs));
  std::vector<Finding> findings;
  const Version* last = nullptr;
  FindOccurrences(tree_, MustMake(globs), [&](const Occurrence& occurrence, uint32_t glob) {
    if (occurrence.bytes == 0 || allowed[occurrence.node] ||
        occurrence.version->layer < first_layer_ || occurrence.version == last) {
      return;
    }
    last = occurrence.version;
    findings.push_back(
        FindingOf(occurrence, fmt::format("is usually {}", SecretPaths()[glob].what)));
  });
  return findings;
}

std::vector<Finding> Judge::ClassicPaths() const {
  std::vector<Finding> findings;
  for (const auto& inefficiency : analysis_.classic.inefficiencies) {
    if (inefficiency.bytes > 0) {
      findings.push_back({.path = inefficiency.path,
                          .stored_in = {},
                          .hidden_by = {},
                          .bytes = inefficiency.bytes,
                          .cause = {},
                          .why = fmt::format("in {} layers", inefficiency.count)});
    }
  }
  return findings;
}

}  // namespace

std::string_view VerdictName(Verdict verdict) {
  constexpr std::string_view kNames[] = {"pass", "fail", "skip"};
  return kNames[static_cast<size_t>(verdict)];
}

std::string_view ScopeName(Scope scope) { return scope == Scope::kImage ? "image" : "userLayers"; }

double Measures::efficiency() const {
  const uint64_t compared = stored_bytes - ignored_bytes;
  return Ratio(compared - wasted_bytes, compared, 1);
}

double Measures::user_wasted_percent() const {
  return Ratio(user_wasted_bytes, user_stored_bytes - user_ignored_bytes, 0);
}

Measures Measure(const RuleSet& rules, const Analysis& analysis, Scope scope) {
  const EvaluateOptions options{.scope = scope};
  return Judge(rules, analysis, options).measures();
}

std::vector<RuleResult> Evaluate(const RuleSet& rules, const Analysis& analysis,
                                 const EvaluateOptions& options) {
  const Judge judge(rules, analysis, options);
  std::vector<RuleResult> results;
  for (const Rule& rule : rules.rules) {
    results.push_back(judge.Judged(rule));
  }
  return results;
}

}  // namespace fathom::gate
