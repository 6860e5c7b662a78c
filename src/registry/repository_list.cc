#include "registry/repository_list.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>

#include "base/csv.h"

namespace fathom::registry {
namespace {

constexpr std::string_view kHeader =
    "registry,namespace,name,star_count,pull_count,official,last_updated,found_by,crawled\n";
constexpr std::string_view kTagsHeader = "registry,name,tag,digest,crawled\n";
constexpr size_t kNameColumn = 2;  // of either form
constexpr size_t kFoundByColumn = 7;

std::string Cell(std::optional<uint64_t> number) { return number ? std::to_string(*number) : ""; }

}  // namespace

Result<RepositoryList> RepositoryList::Open(const std::string& path, Columns columns, uint64_t keep,
                                            NameSet& names) {
  Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666));
  if (!file.valid()) {
    return std::unexpected(SystemError(errno, fmt::format("cannot open '{}'", path)));
  }
  struct stat info{};
  if (::fstat(file.get(), &info) != 0 || static_cast<uint64_t>(info.st_size) < keep) {
    return Fail(Code::kCorrupt, "'{}' is shorter than the crawl left it; --restart crawls anew",
                path);
  }
  if (::ftruncate(file.get(), static_cast<off_t>(keep)) != 0) {
    return std::unexpected(SystemError(errno, fmt::format("'{}'", path)));
  }
  RepositoryList list(std::move(file), columns);
  list.bytes_ = keep;
  if (keep == 0 && columns != Columns::kField) {
    list.unwritten_ = columns == Columns::kAll ? kHeader : kTagsHeader;
    list.bytes_ = list.unwritten_.size();
  } else if (keep > 0 && columns != Columns::kTags) {
    TRY(list.ReadNames(path, names));
  }
  return list;
}

Status RepositoryList::ReadNames(const std::string& path, NameSet& names) {
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line)) {
    const auto cells = SplitCsv(line);
    if (cells.size() <= kNameColumn || cells[kNameColumn] == "name") {
      continue;
    }
    const bool listed =
        cells.size() > kFoundByColumn && cells[kFoundByColumn].starts_with("namespace:");
    names.Add(cells[kNameColumn], listed ? NameSet::kSecond : NameSet::kFirst);
  }
  return {};
}

void RepositoryList::Add(const FoundRepository& found, std::string_view registry,
                         std::string_view found_by, std::string_view time) {
  std::string row;
  if (columns_ == Columns::kTags) {
    row = fmt::format("{},{},{},{},{}\n", registry, found.name, found.tag, found.digest, time);
  } else if (columns_ == Columns::kField) {
    row = fmt::format("{},{},{}\n", found.stars.value_or(0), found.pulls.value_or(0), found.name);
  } else {
    row = fmt::format("{},{},{},{},{},{},{},{},{}\n", registry,
                      found.name.substr(0, found.name.rfind('/')), found.name, Cell(found.stars),
                      Cell(found.pulls), found.official ? "true" : "false",
                      CsvField(found.last_updated), CsvField(found_by), time);
  }
  bytes_ += row.size();
  unwritten_ += row;
}

Status RepositoryList::Flush() {
  TRY(WriteAll(file_.get(), AsBytes(unwritten_)));
  unwritten_.clear();
  return {};
}

}  // namespace fathom::registry
