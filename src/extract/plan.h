// What is to be taken out of an image: chosen paths, everything below them, and what stays behind.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "tree/file_tree.h"

namespace fathom::extract {

using layer::EntryType;
using Xattrs = std::vector<std::pair<std::string_view, std::string_view>>;

// Everything but its content that a file shall have. The views are the layers'.
struct Facts {
  EntryType type = EntryType::kFile;
  bool implied = false;  // a directory that no layer has an entry for
  uint16_t mode = 0755;
  uint32_t uid = 0;
  uint32_t gid = 0;
  int64_t mtime = 0;   // whole seconds
  uint64_t size = 0;   // of a regular file
  uint32_t major = 0;  // of a device
  uint32_t minor = 0;
  std::string_view link;  // of a symbolic link
  Xattrs xattrs;
};

// One path to write.
struct Item {
  static constexpr size_t kNoItem = SIZE_MAX;

  tree::NodeId node;
  const tree::Version* version;
  size_t same_as = kNoItem;  // the first item that is the same file, which this is a hard link to
};

// Content to read from a layer.
struct Want {
  layer::EntryId entry;
  size_t item;
};

// What a plan leaves out, and what writing it could not do.
struct Losses {
  uint64_t setuid = 0;        // files and directories that lost setuid or setgid bits
  uint64_t capabilities = 0;  // files that lost security.capability, which grants the same
  uint64_t devices = 0;
  uint64_t fifos = 0;
  uint64_t unknown = 0;         // entries that no file system has: other types, links to ""
  uint64_t dangling = 0;        // hard links to nothing
  uint64_t xattrs = 0;          // attributes that the system or the format does not take
  uint64_t devices_denied = 0;  // device nodes that only root may make
};

struct Plan {
  bool keep_special = false;
  std::vector<Item> items;                    // in the order of the tree, parents first
  std::map<size_t, std::vector<Want>> wants;  // of each layer, in the order of its entries
  uint64_t bytes = 0;                         // of content
  Losses losses;
};

// Plans to write `tops`, found after `layer`, and what lies below them. Devices, FIFOs, setuid and
// setgid bits and file capabilities stay behind unless `keep_special`.
// Errors: kLimit when the contents are more than a layer may unpack to.
Result<Plan> MakePlan(const tree::FileTree& tree, std::span<const tree::NodeId> tops, size_t layer,
                      bool keep_special, const Limits& limits);

// What an item shall have; counts in `losses` what keep_special would have kept.
Facts FactsOf(const tree::FileTree& tree, const Item& item, bool keep_special, Losses& losses);

// "etc/passwd", "." for the root.
std::string RelativePath(const tree::FileTree& tree, tree::NodeId node);

}  // namespace fathom::extract
