// What a row of a file tree says of its path, as text.
#pragma once

#include <string>

#include "tree/file_tree.h"

namespace fathom::report {

// Permissions as `ls` writes them behind a letter for the type; "----------" for a directory that
// no entry tells of.
std::string Permissions(const layer::Entry* entry, char type);

// The name, made printable, and where a symbolic or hard link leads: "sh → /bin/dash".
std::string NameAndTarget(const tree::FileTree& tree, tree::NodeId node,
                          const tree::Version& version);

}  // namespace fathom::report
