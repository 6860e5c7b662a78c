#include "image/platform.h"

#include <fmt/ranges.h>
#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

namespace fathom::image {
namespace {

struct Machine {
  std::string_view uname;
  std::string_view architecture;
  std::string_view variant;
};

constexpr std::array kMachines = {
    Machine{"x86_64", "amd64", ""},
    Machine{"aarch64", "arm64", ""},
    Machine{"armv8l", "arm", "v7"},
    Machine{"armv7l", "arm", "v7"},
    Machine{"armv6l", "arm", "v6"},
    Machine{"i386", "386", ""},
    Machine{"i686", "386", ""},
    Machine{"ppc64le", "ppc64le", ""},
    Machine{"s390x", "s390x", ""},
    Machine{"riscv64", "riscv64", ""},
    Machine{"loongarch64", "loong64", ""},
    Machine{"mips64", "mips64le", ""},
};

// What an architecture means when it names no variant.
std::string_view UsualVariant(std::string_view architecture) {
  if (architecture == "arm") {
    return "v7";
  }
  if (architecture == "arm64") {
    return "v8";
  }
  return architecture == "amd64" ? "v1" : "";
}

std::string_view VariantOf(const Platform& platform) {
  return platform.variant.empty() ? UsualVariant(platform.architecture) : platform.variant;
}

// "linux/amd64, linux/arm64/v8"
std::string ListOf(std::span<const Platform> platforms) {
  std::set<std::string> names;
  for (const Platform& platform : platforms) {
    const std::string name = platform.ToString();
    names.insert(name.empty() ? "a platform that is not named" : name);
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

std::string Platform::ToString() const {
  std::string text = os;
  for (const std::string& part : {architecture, variant}) {
    if (!part.empty()) {
      text.append(text.empty() ? "" : "/").append(part);
    }
  }
  return text;
}

Platform ThisMachine() {
  utsname names{};
  ::uname(&names);
  const std::string_view machine = names.machine;
  const auto* const known = std::ranges::find(kMachines, machine, &Machine::uname);
  if (known == kMachines.end()) {
    return {"linux", std::string(machine), ""};
  }
  return {"linux", std::string(known->architecture), std::string(known->variant)};
}

int PlatformMatch(const Platform& wanted, const Platform& offered) {
  if (wanted.os != offered.os || wanted.architecture != offered.architecture) {
    return 0;
  }
  if (VariantOf(wanted) == VariantOf(offered)) {
    return 2;
  }
  return wanted.variant.empty() ? 1 : 0;
}

Result<size_t> ChoosePlatform(std::span<const Platform> offered, const Platform& wanted) {
  const bool any = wanted.os.empty();
  const Platform target = any ? ThisMachine() : wanted;
  size_t best = 0;
  int best_match = 0;
  for (size_t i = 0; i < offered.size(); ++i) {
    const int match = PlatformMatch(target, offered[i]);
    if (match > best_match) {
      best = i;
      best_match = match;
    }
  }
  const bool only_one =
      std::ranges::all_of(offered, [&](const Platform& p) { return p == offered[0]; });
  if (best_match > 0 || (any && only_one && !offered.empty())) {
    return best;
  }
  return Fail(Code::kNotFound, "no image for {}; there are: {}; choose one with --platform",
              target.ToString(), ListOf(offered));
}

}  // namespace fathom::image
