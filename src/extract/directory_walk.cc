#include "extract/directory_walk.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

namespace fathom::extract {

bool IsSingleName(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && !name.contains('/') &&
         !name.contains('\0');
}

std::expected<Fd, int> DirectoryWalk::Step(int at, tree::NodeId node, bool make) const {
  const std::string name(tree_.name(node));
  if (!IsSingleName(name)) {
    return std::unexpected(EINVAL);
  }
  constexpr int kFlags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  Fd directory(::openat(at, name.c_str(), kFlags));
  if (!directory.valid() && errno == ENOENT && make) {
    if (::mkdirat(at, name.c_str(), 0777) != 0 && errno != EEXIST) {
      return std::unexpected(errno);
    }
    directory = Fd(::openat(at, name.c_str(), kFlags));
  }
  if (!directory.valid()) {
    return std::unexpected(errno);
  }
  return directory;
}

std::expected<int, int> DirectoryWalk::Go(tree::NodeId directory, bool make) {
  way_.clear();
  for (tree::NodeId node = directory; node != tree::kRoot; node = tree_.parent(node)) {
    way_.push_back(node);
  }
  std::ranges::reverse(way_);

  // What the way shares with the latest one, and of that what is still open.
  size_t shared = 0;
  while (shared < way_.size() && shared < levels_.size() && levels_[shared].node == way_[shared]) {
    ++shared;
  }
  levels_.resize(shared);
  size_t next = shared;
  while (next > 0 && !levels_[next - 1].directory.valid()) {
    --next;
  }

  for (; next < way_.size(); ++next) {
    const int at = next == 0 ? root_ : levels_[next - 1].directory.get();
    auto opened = Step(at, way_[next], make);
    if (!opened) {
      return std::unexpected(opened.error());
    }
    if (next < levels_.size()) {
      levels_[next].directory = std::move(*opened);
    } else {
      levels_.push_back({way_[next], std::move(*opened)});
    }
    if (next >= kNear && (next - kNear) % kEvery != 0) {
      levels_[next - kNear].directory = Fd();
    }
  }
  return levels_.empty() ? root_ : levels_.back().directory.get();
}

}  // namespace fathom::extract
