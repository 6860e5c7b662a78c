// Building an image with the program of an engine.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace fathom::engine {

struct BuildResult {
  int exit_code = 0;     // of the program
  std::string image_id;  // "sha256:..."; only when that is 0
};

// "docker", or "podman" where only that is in PATH.
std::string FindBuilder();

// The arguments for `program build`, without --iidfile: where docker is to find a Containerfile
// that it would not look for, -f names it. As in dive, of the folders that are arguments the first
// counts that has one, and in it the first of Containerfile, containerfile, Dockerfile, dockerfile.
std::vector<std::string> BuildArguments(const std::string& program,
                                        std::vector<std::string> arguments);

// The file that the arguments let the program write the ID to; "" when they name none.
std::string IdFileOf(const std::vector<std::string>& arguments);

// Runs the program in front of ours. Errors: kNotFound when there is no such program, kIo, and
// kCorrupt when it says no ID.
Result<BuildResult> BuildImage(const std::string& program,
                               const std::vector<std::string>& arguments);

}  // namespace fathom::engine
