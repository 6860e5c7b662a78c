#include "report/extract_report.h"

#include <fmt/format.h>

#include "base/units.h"

namespace fathom::report {
namespace {

std::string Counted(uint64_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

}  // namespace

std::string ExtractSummary(const extract::Plan& plan, const extract::Losses& losses,
                           bool owners_kept) {
  uint64_t directories = 0;
  uint64_t files = 0;
  uint64_t links = 0;
  uint64_t others = 0;
  for (const extract::Item& item : plan.items) {
    ++(item.same_as != extract::Item::kNoItem           ? links
       : item.version->state == tree::State::kDirectory ? directories
       : item.version->state == tree::State::kFile      ? files
                                                        : others);
  }
  std::string out = fmt::format(
      "extracted {} ({}), {}, {}, {}\n", Counted(files, "file", "files"), HumanBytes(plan.bytes),
      Counted(directories, "directory", "directories"), Counted(links, "hard link", "hard links"),
      Counted(others, "symbolic link or special file", "symbolic links and special files"));
  const auto tell = [&out](uint64_t count, std::string_view one, std::string_view many,
                           std::string_view what) {
    if (count > 0) {
      out += fmt::format("{} {}\n", Counted(count, one, many), what);
    }
  };
  constexpr std::string_view kKeep = "left out (--keep-special keeps them)";
  tell(losses.devices, "device", "devices", kKeep);
  tell(losses.fifos, "FIFO", "FIFOs", kKeep);
  tell(losses.setuid, "file or directory", "files and directories",
       "without their setuid and setgid bits (--keep-special keeps them)");
  tell(losses.capabilities, "file", "files", "without capabilities (--keep-special keeps them)");
  tell(losses.devices_denied, "device", "devices", "left out: only root may make them");
  tell(losses.dangling, "hard link", "hard links", "to nothing left out");
  tell(losses.unknown, "entry", "entries", "that no file system can hold left out");
  tell(losses.xattrs, "extended attribute", "extended attributes",
       "could not be kept: the file system or your rights do not allow it");
  if (!owners_kept) {
    out += "everything belongs to you: only root can give files to others\n";
  }
  return out;
}

}  // namespace fathom::report
