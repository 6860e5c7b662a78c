// Globs for paths inside an image, as in .gitignore but without negation.
//
//   *.pyc            a name, wherever it is          **/node_modules   the same, written out
//   /var/cache/apt   from the root                   opt/app/*.log     so, too, with a '/' inside
//   {a,b}            either; nothing nested          tmp/**            what is below tmp
//
// The rest is as in base/glob.h. A glob that matches a directory holds for all that is below it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/glob.h"
#include "base/result.h"

namespace fathom::gate {

// Immutable once made; thread-safe then.
class PathGlobs {
 public:
  static constexpr size_t kMostBytes = 4096;    // of one glob
  static constexpr size_t kMostVariants = 256;  // that the braces of one glob may stand for

  // Errors: kInvalidArgument for a glob that is empty, too long, or malformed.
  static Result<PathGlobs> Make(std::span<const std::string> globs);

  // Numbers of the globs that match the path itself, ascending; its components from the root on,
  // at least one.
  void Match(std::span<const std::string_view> path, std::vector<uint32_t>& found) const;
  // False only when Match() would find nothing for any path that ends in this name.
  bool MayMatch(std::string_view name) const;

  bool empty() const { return variants_.empty(); }

 private:
  // One glob, or one of those that its braces stand for.
  struct Variant {
    Glob pattern;
    uint32_t glob;
  };

  Status Add(std::string_view text, uint32_t glob);

  std::vector<Variant> variants_;
  std::unordered_map<std::string, std::vector<uint32_t>> by_last_name_;  // that has no wildcard
  std::vector<uint32_t> others_;
};

}  // namespace fathom::gate
