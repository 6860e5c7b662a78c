// What `fathom IMAGE` and `fathom build` share: dive's flags, and what follows from them.
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/explore.h"
#include "gate/rules.h"

namespace fathom::cli {

// What dive's --source takes; the last is its older name of an archive.
inline const std::vector<std::string> kSourcesOfDive = {"docker", "podman", "docker-archive",
                                                        "docker-tar"};

struct ShowSettings {
  ImageOptions image;
  ExplorerOptions explorer;
  std::string source;  // an engine or a form, as dive names it
  bool ci = false;
  bool ignore_errors = false;
  bool quiet = false;
  int verbosity = 0;
  std::string config;
  std::string json;
  std::string ci_config;
  gate::RuleTexts rules;
};

// All of dive's flags but --source.
void AddDiveOptions(const Commands& commands, CLI::App& command, ShowSettings& settings);

// dive's order: the export, else the gate, else what is to be looked at.
Outcome ShowImage(const ShowSettings& settings);

}  // namespace fathom::cli
