// A file tree in the forms of `fathom tree -o`.
#pragma once

#include <string>
#include <vector>

#include "tree/listing.h"

namespace fathom::report {

enum class TreeMode { kFinal, kChanges, kAggregate };

// With `color`, changed rows have a colour of their own.
std::string TreeTable(const tree::FileTree& tree, const std::vector<tree::Row>& rows, TreeMode mode,
                      bool color = false);
// dive's rows, each behind U, M, A or R. `rows` compared classically.
std::string TreeDive(const tree::FileTree& tree, const std::vector<tree::Row>& rows);
// fathom/tree/v1.
std::string TreeJson(const tree::FileTree& tree, const std::vector<tree::Row>& rows, TreeMode mode,
                     size_t layer);

}  // namespace fathom::report
