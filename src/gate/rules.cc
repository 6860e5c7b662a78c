#include "gate/rules.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/nearest.h"
#include "base/units.h"
#include "gate/path_globs.h"
#include "tree/file_tree.h"

namespace fathom::gate {
namespace {

constexpr std::string_view kIgnoredPaths = "ignoredPaths";
constexpr std::string_view kAllowedSecretPaths = "allowedSecretPaths";

constexpr std::array kInfos = {
    RuleInfo{RuleKind::kAllowedSetuidPaths, ValueForm::kPaths, "allowedSetuidPaths",
             "only listed files may be setuid or setgid",
             "A setuid or setgid file runs with the rights of its owner or group. Take the bits "
             "away (chmod a-s), or list the path when it is meant to have them."},
    RuleInfo{RuleKind::kForbiddenPaths, ValueForm::kPaths, "forbiddenPaths",
             "no layer may hold these paths",
             "What a layer stores stays in the image even when a later layer removes it. Keep the "
             "path out of the layer: .dockerignore, another build stage, a cache mount, or removal "
             "in the same instruction."},
    RuleInfo{RuleKind::kForbiddenSecretPaths, ValueForm::kSwitch, "forbiddenSecretPaths",
             "no layer may hold files that usually are secrets",
             "Whoever can pull the image can read every layer, removed files too. Revoke the "
             "secret, and give it to the build with RUN --mount=type=secret; or list the path "
             "under allowedSecretPaths when it is none."},
    RuleInfo{RuleKind::kHighestFileCount, ValueForm::kCount, "highestFileCount",
             "most files in the image",
             "Counts the paths of the merged file system that are no directories."},
    RuleInfo{RuleKind::kHighestImageBytes, ValueForm::kBytes, "highestImageBytes",
             "most bytes that all layers store",
             "Counts the content of regular files in every layer, before compression: what a "
             "machine that pulls the image has to keep."},
    RuleInfo{RuleKind::kHighestLayerBytes, ValueForm::kBytes, "highestLayerBytes",
             "most bytes that one layer stores",
             "Large layers are pulled by one connection and change as a whole. Split what changes "
             "often from what does not."},
    RuleInfo{RuleKind::kHighestLayerCount, ValueForm::kCount, "highestLayerCount", "most layers",
             "Counts layers that hold something or nothing; instructions that make no layer do not "
             "count."},
    RuleInfo{RuleKind::kHighestUserWastedPercent, ValueForm::kRatio, "highestUserWastedPercent",
             "most waste as a part of what the user's layers store",
             "The user's layers are those above the base image. Waste is what a layer stores and "
             "a layer hides; remove files in the instruction that makes them."},
    RuleInfo{RuleKind::kHighestWastedBytes, ValueForm::kBytes, "highestWastedBytes",
             "most bytes that are stored and not visible",
             "Waste is what a layer stores and a layer hides by removing, rewriting or changing "
             "its metadata; do that in the instruction that makes the file."},
    RuleInfo{RuleKind::kLowestEfficiency, ValueForm::kRatio, "lowestEfficiency",
             "least part of the stored bytes that is visible",
             "Efficiency is visible bytes divided by stored bytes, from 0 to 1."},
};

constexpr auto kKeys = [] {
  std::array<std::string_view, kInfos.size() + 2> keys;
  std::ranges::transform(kInfos, keys.begin(), &RuleInfo::name);
  keys[kInfos.size()] = kIgnoredPaths;
  keys[kInfos.size() + 1] = kAllowedSecretPaths;
  return keys;
}();

std::string Lowered(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\n");
  const size_t last = text.find_last_not_of(" \t\n");
  std::string word(first == std::string_view::npos ? "" : text.substr(first, last - first + 1));
  std::ranges::transform(word, word.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return word;
}

std::string_view WantedBy(ValueForm form) {
  switch (form) {
    case ValueForm::kRatio:
      return "a number from 0 to 1";
    case ValueForm::kBytes:
      return "bytes with a unit, such as 20MB";
    case ValueForm::kCount:
      return "a whole number";
    case ValueForm::kSwitch:
      return "true";
    case ValueForm::kPaths:
      return "a list of globs";
  }
  return "";
}

bool ReadValue(ValueForm form, const std::string& word, Rule& rule) {
  const auto whole = [&word](auto& number) {
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    return error == std::errc() && end == word.data() + word.size();
  };
  switch (form) {
    case ValueForm::kRatio:
      return whole(rule.ratio) && rule.ratio >= 0 && rule.ratio <= 1;
    case ValueForm::kCount:
      return whole(rule.number);
    case ValueForm::kSwitch:
      return word == "true" || word == "on" || word == "yes";
    case ValueForm::kBytes: {
      const auto bytes = ParseBytes(word);
      rule.number = bytes.value_or(0);
      return bytes.has_value();
    }
    case ValueForm::kPaths:
      break;
  }
  return false;
}

}  // namespace

std::string_view NumbersName(Numbers numbers) {
  return numbers == Numbers::kExact ? "exact" : "classic";
}

std::span<const RuleInfo> RuleInfos() { return kInfos; }

const RuleInfo& InfoOf(RuleKind kind) { return kInfos[static_cast<size_t>(kind)]; }

std::string CamelKey(std::string_view key) {
  std::string camel;
  for (size_t i = 0; i < key.size(); ++i) {
    const bool joint =
        key[i] == '-' && i + 1 < key.size() && key[i + 1] >= 'a' && key[i + 1] <= 'z';
    camel += joint ? static_cast<char>(key[++i] - 'a' + 'A') : key[i];
  }
  return camel;
}

const RuleInfo* FindRule(std::string_view key) {
  const auto* const found = std::ranges::find(kInfos, CamelKey(key), &RuleInfo::name);
  return found == kInfos.end() ? nullptr : found;
}

std::span<const std::string_view> RuleKeys() { return kKeys; }

std::optional<Presence> Presence::Parse(std::string_view word) {
  if (word == "any" || word == "stored") {
    return Any();
  }
  if (word == "visible" || word == "wasted") {
    return Presence(word == "visible" ? 0x20 : 0x1f);
  }
  for (const tree::Cause cause : tree::kCauses) {
    if (word == tree::CauseName(cause)) {
      return Presence(1u << static_cast<unsigned>(cause));
    }
  }
  return std::nullopt;
}

const Rule* RuleSet::Find(RuleKind kind) const {
  const auto found = std::ranges::find(rules, kind, &Rule::kind);
  return found == rules.end() ? nullptr : &*found;
}

void RuleSet::Put(Rule rule) {
  const auto place = std::ranges::lower_bound(rules, rule.kind, {}, &Rule::kind);
  if (place != rules.end() && place->kind == rule.kind) {
    *place = std::move(rule);
  } else {
    rules.insert(place, std::move(rule));
  }
}

bool IsOff(std::string_view text) {
  const std::string word = Lowered(text);
  return word.empty() || word == "disabled" || word == "off" || word == "false";
}

Result<Rule> MakeRule(const RuleInfo& info, std::string_view origin, std::string_view text) {
  Rule rule{.kind = info.kind, .on = !IsOff(text), .text = std::string(text), .paths = {}};
  if (!rule.on) {
    return rule;
  }
  if (info.form == ValueForm::kPaths) {
    rule.paths.push_back({.glob = rule.text, .reason = {}});
    TRY(CheckGlobs(info.name, {&rule.text, 1}));
  } else if (!ReadValue(info.form, Lowered(text), rule)) {
    return Fail(Code::kInvalidArgument, "{}: {} is '{}'; it takes {}, or disabled", origin,
                info.name, text, WantedBy(info.form));
  }
  return rule;
}

Result<RuleSet> MakeRules(Numbers numbers, std::string origin, const RuleTexts& texts) {
  RuleSet rules;
  rules.numbers = numbers;
  rules.origin = std::move(origin);
  for (const auto& [kind, text] :
       {std::pair(RuleKind::kHighestUserWastedPercent, &texts.highest_user_wasted_percent),
        std::pair(RuleKind::kHighestWastedBytes, &texts.highest_wasted_bytes),
        std::pair(RuleKind::kLowestEfficiency, &texts.lowest_efficiency)}) {
    TRY_ASSIGN(Rule rule, MakeRule(InfoOf(kind), rules.origin, *text));
    rules.Put(std::move(rule));
  }
  return rules;
}

Status CheckGlobs(std::string_view key, std::span<const std::string> globs) {
  if (const auto made = PathGlobs::Make(globs); !made) {
    return Wrap(made.error(), "{}", key);
  }
  return {};
}

Status PutOption(RuleSet& rules, std::string_view option, std::vector<std::string>& seen) {
  constexpr std::string_view kOrigin = "--rule";
  const size_t equals = option.find('=');
  if (equals == std::string_view::npos) {
    return Fail(Code::kInvalidArgument, "--rule '{}' is not of the form KEY=VALUE", option);
  }
  const std::string key = CamelKey(option.substr(0, equals));
  const std::string_view value = option.substr(equals + 1);
  const bool again = (std::ranges::find(seen, key) != std::ranges::end(seen));
  seen.push_back(key);
  if (key == kIgnoredPaths || key == kAllowedSecretPaths) {
    auto& globs = key == kIgnoredPaths ? rules.ignored_paths : rules.allowed_secret_paths;
    if (!again) {
      globs.clear();
    }
    if (!IsOff(value)) {
      globs.emplace_back(value);
    }
    return CheckGlobs(fmt::format("--rule {}", key), globs);
  }
  const RuleInfo* const info = FindRule(key);
  if (info == nullptr) {
    return Fail(Code::kInvalidArgument, "--rule: unknown rule '{}'{}", key,
                DidYouMean(key, RuleKeys()));
  }
  TRY_ASSIGN(Rule rule, MakeRule(*info, kOrigin, value));
  if (const Rule* const old = rules.Find(info->kind);
      again && info->form == ValueForm::kPaths && old != nullptr && rule.on) {
    rule.paths.insert(rule.paths.begin(), old->paths.begin(), old->paths.end());
    rule.text = old->text + ", " + rule.text;
  } else if (again && info->form != ValueForm::kPaths) {
    return Fail(Code::kInvalidArgument, "--rule: {} is there twice", key);
  }
  rules.Put(std::move(rule));
  return {};
}

}  // namespace fathom::gate
