// Search over the paths of all layers: what matches, and which layers touched it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tree/listing.h"
#include "tree/path_pattern.h"

namespace fathom::tree {

// More than, less than or exactly so many bytes of a regular file.
struct SizeTest {
  enum class Relation { kExactly, kMore, kLess } relation;
  uint64_t bytes;
};

// "+10MB", "-1k", "512". Errors: kInvalidArgument.
Result<SizeTest> ParseSizeTest(std::string_view text);

// Every condition that is given must hold. Those on size, type and mode are asked of the version
// that is shown.
struct Query {
  std::optional<PathPattern> pattern;
  std::vector<SizeTest> sizes;
  std::string types;            // letters of f d l c b p o; "" is any
  uint16_t mode = 0;            // bits that must all be set
  bool setuid = false;          // setuid or setgid, of a regular file
  std::optional<size_t> layer;  // only paths that this layer touched, gone or not
  bool all = false;             // also what is gone in the end
};

// What a layer did to a path.
struct Touch {
  size_t layer;
  Change change;   // unmodified: the layer has the same again
  uint64_t bytes;  // content from then on
};

struct Match {
  NodeId node;
  const Version* shown;        // in the end, or after Query::layer; of what is gone the last it was
  bool visible;                // in the end
  std::vector<Touch> touches;  // base first
};

// In the order of the tree, parents first. The tree must outlive the matches.
std::vector<Match> Find(const FileTree& tree, const Query& query);

// What each layer did to a path, base first. It has a version.
std::vector<Touch> Touches(const FileTree& tree, NodeId node);

// "f", "d", "l", "c", "b", "p", or "o" for a type that no file system has.
char TypeLetter(const FileTree& tree, const Version& version);

// Content that a version holds: of a regular file or a hard link to one, else 0.
uint64_t ContentBytes(const FileTree& tree, const Version& version);

}  // namespace fathom::tree
