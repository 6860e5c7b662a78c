// Names of files that usually hold secrets. docs/gate.md has the same list.
#pragma once

#include <span>
#include <string>

namespace fathom::gate {

struct SecretPath {
  const char* glob;
  const char* what;  // it usually is
};

// What counts as a secret by its name, and what looks like it and is none.
std::span<const SecretPath> SecretPaths();
std::span<const char* const> HarmlessPaths();

}  // namespace fathom::gate
