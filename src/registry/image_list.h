// Lists of images and repositories in files, as crawlers write them and people keep them.
#pragma once

#include <cstdint>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "registry/remote_name.h"

namespace fathom::registry {

// What a line of a list names.
struct ListedImage {
  RemoteName name;
  bool tagged = false;  // a tag or digest is written; else the repository is meant
};

// Reads a list from its front, a line at a time. Forms of lines: a name;
// `star_count,pull_count,name` as docker-remetrics writes it; with a first line that names columns,
// those called `reference`, or `name` with `registry` beside it. Empty lines and those that begin
// with '#' are passed over.
class ImageList {
 public:
  // "-" is standard input. Errors: kNotFound, kDenied.
  static Result<ImageList> Open(const std::string& path);

  // The next one; nothing at the end. Errors: kInvalidArgument with the line, after which Next()
  // goes on behind it.
  Result<std::optional<ListedImage>> Next();

 private:
  explicit ImageList(std::string path) : path_(std::move(path)) {}
  Result<ListedImage> Parse(const std::string& line);
  bool TakeHeader(const std::vector<std::string>& cells);

  std::string path_;
  std::ifstream file_;
  uint64_t line_ = 0;
  std::optional<size_t> name_column_;
  std::optional<size_t> registry_column_;
};

}  // namespace fathom::registry
