// A path that a person names, followed in the file system after a layer.
#pragma once

#include <string_view>

#include "base/result.h"
#include "tree/file_tree.h"

namespace fathom::tree {

// Whether a symbolic link in the last component is followed; in the others it always is.
enum class LastLink { kFollow, kKeep };

// The node that `path` leads to after `layer`. Links are resolved inside the image, at most
// Stack::kMostLinks of them. Errors: kNotFound, whose message says which layer removed or will add
// what is missing, or which name is near; kInvalidArgument for links in circles.
Result<NodeId> LookUp(const FileTree& tree, std::string_view path, size_t layer, LastLink last);

}  // namespace fathom::tree
