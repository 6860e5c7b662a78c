#include "image/file_set.h"

#include <algorithm>

namespace fathom::image {

std::optional<std::string> CleanName(std::string_view name) {
  std::string clean;
  while (!name.empty()) {
    const size_t end = std::min(name.find('/'), name.size());
    const std::string_view part = name.substr(0, end);
    name.remove_prefix(std::min(end + 1, name.size()));
    if (part.empty() || part == ".") {
      continue;
    }
    if (part == "..") {
      if (clean.empty()) {
        return std::nullopt;
      }
      const size_t slash = clean.rfind('/');
      clean.resize(slash == std::string::npos ? 0 : slash);
      continue;
    }
    clean.append(clean.empty() ? "" : "/").append(part);
  }
  return clean.empty() ? std::nullopt : std::optional(std::move(clean));
}

bool HasFile(const FileSet& files, std::string_view name) {
  const auto info = files.Find(name);
  return info || info.error().code != Code::kNotFound;
}

Result<std::string> ReadDocument(const FileSet& files, std::string_view name, const Limits& limits,
                                 uint64_t Limits::* limit) {
  TRY_ASSIGN(const FileInfo info, files.Find(name));
  if (info.size > limits.*limit) {
    return Wrap(OverLimit(limit, limits, fmt::format("a document of {} bytes", info.size)).error(),
                "'{}'", name);
  }
  TRY_ASSIGN(std::string text, files.Read(name, limits.*limit));
  return text;
}

}  // namespace fathom::image
