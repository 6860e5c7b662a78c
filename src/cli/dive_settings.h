// What dive's own variables and configuration files mean for `fathom IMAGE` and `fathom build`.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cli/settings.h"

namespace fathom::cli {

// A key of dive's configuration and the option that has its meaning here. Its variable is DIVE_
// with the key in capitals, where dots and dashes become underscores.
struct DiveKey {
  const char* key;
  const char* other_key;  // the same in dive's older spelling, or ""
  const char* option;
};

std::span<const DiveKey> DiveKeys();

// dive's file: the one that `named` or DIVE_CONFIG names, else the first that is there of
// .dive.yaml, .dive/config.yaml, ~/.dive.yaml and dive/*.yaml in the folders of the XDG
// specification. All that are looked for are listed, the ones after the first with exists = false.
std::vector<ConfigLocation> DiveLocations(const std::string& named);

}  // namespace fathom::cli
