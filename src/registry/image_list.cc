#include "registry/image_list.h"

#include <algorithm>
#include <iostream>

#include "base/csv.h"

namespace fathom::registry {

Result<ImageList> ImageList::Open(const std::string& path) {
  ImageList list(path);
  if (path != "-") {
    list.file_.open(path);
    if (!list.file_) {
      return Fail(Code::kNotFound, "cannot open the list '{}'", path);
    }
  }
  return list;
}

bool ImageList::TakeHeader(const std::vector<std::string>& cells) {
  const auto column = [&cells](std::string_view name) -> std::optional<size_t> {
    const auto found = std::ranges::find(cells, name);
    return found == cells.end() ? std::nullopt
                                : std::optional(static_cast<size_t>(found - cells.begin()));
  };
  name_column_ = column("reference");
  if (!name_column_) {
    name_column_ = column("name");
    registry_column_ = column("registry");
  }
  return name_column_.has_value();
}

Result<std::optional<ListedImage>> ImageList::Next() {
  std::string line;
  while (std::getline(path_ == "-" ? std::cin : file_, line)) {
    ++line_;
    line.resize(line.find_last_not_of(" \t\r") + 1);
    if (line.empty() || line[0] == '#' || (line_ == 1 && TakeHeader(SplitCsv(line)))) {
      continue;
    }
    auto image = Parse(line);
    if (!image) {
      return Fail(Code::kInvalidArgument, "{}:{}: {}", path_, line_, image.error().message);
    }
    return *std::move(image);
  }
  return std::nullopt;
}

Result<ListedImage> ImageList::Parse(const std::string& line) {
  const std::vector<std::string> cells = SplitCsv(line);
  const size_t column = name_column_.value_or(cells.size() - 1);
  if (column >= cells.size()) {
    return Fail(Code::kInvalidArgument, "it has {} columns, the name is number {}", cells.size(),
                column + 1);
  }
  std::string text = cells[column];
  if (registry_column_ && *registry_column_ < cells.size() && !cells[*registry_column_].empty() &&
      cells[*registry_column_] != kHub) {
    text = cells[*registry_column_] + "/" + text;
  }
  ListedImage image;
  TRY_ASSIGN(image.name, ParseRemoteName(text));
  const size_t slash = text.rfind('/');
  image.tagged =
      text.find_first_of("@:", slash == std::string::npos ? 0 : slash) != std::string::npos;
  return image;
}

}  // namespace fathom::registry
