// The oracle: what an image's layers amount to, found out the slow way.
//
// It reads whole layers into memory, keeps the file system as one flat map from path to file and
// applies entry after entry, whiteouts of a layer first. It shares no code with the program: where
// the two agree, two readings of the rules agree.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "tests/support/tar_writer.h"

namespace fathom::testing {

// What stands at a path. A hard link shows its target's values.
struct OracleFile {
  char type = '0';    // '0' regular, '2' symlink, '5' directory, else as in the tar
  uint32_t mode = 0;  // & 07777
  int64_t uid = 0;
  int64_t gid = 0;
  int64_t mtime = 0;  // whole seconds, rounded down
  uint64_t size = 0;
  std::string content_sha256 = {};  // empty: no content, as for a hard link to nothing
  std::string link = {};            // of a symlink
  uint32_t dev_major = 0;
  uint32_t dev_minor = 0;
  NameValues xattrs = {};  // sorted by name
  bool implied = false;    // a directory that no entry describes

  bool operator==(const OracleFile&) const = default;
};

// Bytes that the final file system does not show. Layers count from 0.
struct OracleWaste {
  std::string path;
  uint64_t bytes = 0;
  std::string cause;  // rewritten, metadata, identical, removed, hidden
  int stored_in = 0;
  int hidden_by = 0;

  auto operator<=>(const OracleWaste&) const = default;
};

struct OracleNumbers {
  struct Layer {
    uint64_t stored = 0;
    uint64_t entries = 0;      // tar records, whiteouts included
    uint64_t wasted_here = 0;  // stored here, hidden here or later
    uint64_t hidden_by = 0;    // hidden by this layer, stored here or earlier
    uint64_t added = 0;
    uint64_t modified = 0;
    uint64_t removed = 0;

    bool operator==(const Layer&) const = default;
  };

  uint64_t stored = 0;
  uint64_t visible = 0;
  uint64_t wasted = 0;
  uint64_t duplicate = 0;
  double efficiency = 1;
  std::map<std::string, uint64_t> waste_by_cause;  // all five causes, zeros too
  std::vector<Layer> layers;
  // Sorted by path, stored_in, hidden_by; equal ones in the order in which it happened (a directory
  // goes depth first, by name). None of 0 bytes.
  std::vector<OracleWaste> wasted_paths;

  // Path ("/etc/passwd") to file, directories too, the root itself not.
  std::map<std::string, OracleFile> final_files;
  std::vector<std::map<std::string, OracleFile>> state_after_layer;
};

// Throws std::runtime_error when a layer is no tar that it can read.
OracleNumbers RunOracle(std::span<const std::string> layer_tars);

}  // namespace fathom::testing
