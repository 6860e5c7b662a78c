// A configuration file as a list of keys with their values and lines.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace fathom::cli {

// `analyze: {format: json}` is the key "analyze.format".
struct ConfigEntry {
  std::string key;
  std::vector<std::string> values;  // several only where the file has a list
  size_t line = 0;                  // of the key, from 1
};

struct ConfigFile {
  std::string path;
  std::vector<ConfigEntry> entries;  // in the order of the file

  const ConfigEntry* Find(std::string_view key) const;
};

// What becomes of a key without a value that is a word or a list of words.
enum class OddValues { kError, kPassedOver };

// Reads YAML whose top is a mapping (or nothing at all). Keys in `left_out` belong to other
// readers and are not looked into. Errors: kInvalidArgument, naming path and line, when it is no
// YAML, has a key twice or, with kError, a key with an odd value.
Result<ConfigFile> ReadConfigFile(const std::string& path,
                                  const std::vector<std::string_view>& left_out,
                                  OddValues odd_values);

// The same for text that is already read.
Result<ConfigFile> ParseConfig(const std::string& path, std::string_view text,
                               const std::vector<std::string_view>& left_out, OddValues odd_values);

}  // namespace fathom::cli
