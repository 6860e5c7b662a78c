#include "tui/jobs.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "extract/stream_target.h"
#include "extract/write_plan.h"
#include "report/extract_report.h"
#include "tree/path_pattern.h"
#include "tui/loader.h"

namespace fathom::tui {
namespace {

constexpr size_t kMostMatches = 5000;         // that a list keeps
constexpr uint64_t kMostCompared = 16 << 20;  // bytes of a file that is compared line by line

// A name for a file on this machine that still tells a pager what it is.
std::string FileName(std::string_view name) {
  const bool plain = !name.empty() && name.size() <= 100 && name != "." && name != ".." &&
                     std::ranges::all_of(name, [](char c) { return c > ' ' && c < 0x7f; });
  return plain ? std::string(name) : "file";
}

Result<std::string> MakeTemporaryDirectory() {
  const char* folder = std::getenv("TMPDIR");
  std::string path =
      (folder != nullptr && *folder != '\0' ? std::string(folder) : "/tmp") + "/fathom-XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) {
    return std::unexpected(SystemError(errno, "making a temporary directory"));
  }
  return path;
}

std::unexpected<Error> NotYet() {
  return Fail(Code::kUnavailable, "contents can be had once every layer has been read");
}

}  // namespace

void Jobs::SetSource(OpenedSource opened) {
  opened_ = std::move(opened);
  contents_ = std::make_unique<ContentReader>(*opened_.source, *opened_.image, limits_);
}

std::optional<Event> Jobs::Do(const Effect& effect) {
  return std::visit(
      [this](const auto& job) -> std::optional<Event> {
        if constexpr (requires { Make(job); }) {
          return Make(job);
        } else {
          return std::nullopt;
        }
      },
      effect);
}

Event Jobs::Make(const MakeLoneTree& job) {
  const auto indexes = indexes_();
  if (job.layer < indexes.size() && indexes[job.layer] != nullptr) {
    if (auto tree = MakeTree({&indexes[job.layer], 1}, limits_)) {
      return LoneTreeMade{job.ticket, *std::move(tree), job.layer};
    }
  }
  return JobEnded{job.ticket, "", false};
}

Result<ContentWindow> Jobs::Read(const SortedTree& tree, tree::NodeId node, size_t layer,
                                 uint64_t offset) {
  if (contents_ == nullptr) {
    return NotYet();
  }
  const tree::Version* version = tree.tree->VersionAt(node, layer);
  if (version == nullptr || version->inode == tree::kNone) {
    return Fail(Code::kNotFound, "no content after layer {}", layer);
  }
  return contents_->Read(*tree.tree, *version, offset, stop_);
}

Result<std::string> Jobs::ReadWhole(const SortedTree& tree, tree::NodeId node, size_t layer) {
  std::string content;
  uint64_t size = 0;
  do {
    TRY_ASSIGN(const ContentWindow window, Read(tree, node, layer, content.size()));
    size = window.file_bytes;
    if (size > kMostCompared) {
      return Fail(Code::kLimit, "it has {} bytes; files of up to {} are compared", size,
                  kMostCompared);
    }
    const uint64_t have = content.size() - window.offset;
    content.append(*window.bytes, have);
  } while (content.size() < size);
  return content;
}

Event Jobs::Make(const ShowContent& job) {
  return ContentShown{job.ticket, Read(*job.tree, job.node, job.layer, job.offset)};
}

Event Jobs::Make(const CompareContents& job) {
  auto compare = [&]() -> Result<std::vector<DiffLine>> {
    TRY_ASSIGN(const std::string before, ReadWhole(*job.tree, job.node, job.old_layer));
    TRY_ASSIGN(const std::string after, ReadWhole(*job.tree, job.node, job.new_layer));
    return DiffLines(before, after);
  };
  return ContentsCompared{job.ticket, compare()};
}

Event Jobs::Make(const FindPaths& job) {
  PathsFound found{job.ticket, job.tree, {}, false};
  tree::Query query;
  query.all = true;
  const PathFilter::Options options = job.pattern.options();
  const bool regex = options.regex && job.pattern.complaint().empty();
  auto pattern =
      tree::PathPattern::Compile(regex ? job.pattern.text() : QuoteExpression(job.pattern.text()),
                                 {.regex = true, .ignore_case = options.ignore_case});
  if (pattern) {
    query.pattern = *std::move(pattern);
    found.matches = tree::Find(*job.tree->tree, query);
    found.more = found.matches.size() > kMostMatches;
    found.matches.resize(std::min(found.matches.size(), kMostMatches));
  }
  return found;
}

Result<std::string> Jobs::Extract(const ExtractPaths& job) {
  if (contents_ == nullptr) {
    return NotYet();
  }
  const tree::FileTree& tree = *job.tree->tree;
  TRY_ASSIGN(const extract::Plan plan,
             extract::MakePlan(tree, {&job.node, 1}, job.layer, false, limits_));
  const extract::Output output{.place = job.target};
  TRY_ASSIGN(const extract::Losses losses,
             extract::WritePlan(plan, tree, *opened_.source, *opened_.image, limits_, output));
  std::string summary = report::ExtractSummary(plan, losses, true);
  summary.resize(summary.find_last_not_of('\n') + 1);
  for (size_t at = summary.find('\n'); at != std::string::npos; at = summary.find('\n')) {
    summary.replace(at, 1, "; ");
  }
  return fmt::format("to {}: {}", job.target, summary);
}

Event Jobs::Make(const ExtractPaths& job) {
  auto done = Extract(job);
  return done ? JobEnded{job.ticket, *std::move(done), false}
              : JobEnded{job.ticket, done.error().message, true};
}

Event Jobs::Make(const OpenInPager& job) {
  auto write = [&]() -> Result<std::string> {
    if (contents_ == nullptr) {
      return NotYet();
    }
    const tree::FileTree& tree = *job.tree->tree;
    TRY_ASSIGN(const extract::Plan plan,
               extract::MakePlan(tree, {&job.node, 1}, job.layer, false, limits_));
    TRY_ASSIGN(const std::string directory, MakeTemporaryDirectory());
    std::string path = directory + "/" + FileName(tree.name(job.node));
    auto content = [&]() -> Status {
      TRY_ASSIGN(const auto out, extract::OutputFile::Open(path, false));
      extract::ContentTarget target(*out);
      TRY(extract::ReadContents(plan, tree, *opened_.source, *opened_.image, limits_, target));
      return out->Commit();
    }();
    if (!content) {
      std::error_code ignored;
      std::filesystem::remove_all(directory, ignored);
      return std::unexpected(std::move(content).error());
    }
    return path;
  };
  return PagerFileWritten{job.ticket, write()};
}

}  // namespace fathom::tui
