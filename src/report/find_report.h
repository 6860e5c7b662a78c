// What `fathom find` found, in the forms of its -o.
#pragma once

#include <string>
#include <vector>

#include "tree/find.h"

namespace fathom::report {

// With `color`, paths that are gone in the end have a colour of their own.
std::string FindTable(const tree::FileTree& tree, const std::vector<tree::Match>& matches,
                      bool color = false);
// fathom/find/v1.
std::string FindJson(const tree::FileTree& tree, const std::vector<tree::Match>& matches);
// A line for each path and layer that touched it.
std::string FindCsv(const tree::FileTree& tree, const std::vector<tree::Match>& matches);
// Paths as they are, each followed by a NUL byte, for `xargs -0`.
std::string FindNul(const tree::FileTree& tree, const std::vector<tree::Match>& matches);

}  // namespace fathom::report
