#include "extract/directory_target.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

namespace fathom::extract {
namespace {

constexpr int kDirectoryFlags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

mode_t FileType(EntryType type) {
  switch (type) {
    case EntryType::kCharDevice:
      return S_IFCHR;
    case EntryType::kBlockDevice:
      return S_IFBLK;
    default:
      return S_IFIFO;
  }
}

struct Times {
  explicit Times(int64_t seconds) : both{{seconds, 0}, {seconds, 0}} {}
  timespec both[2];
};

// Renames, but never onto something; 0 or an errno.
int RenameOntoNothing(int directory, const char* from, const char* to) {
  if (::renameat2(directory, from, directory, to, RENAME_NOREPLACE) == 0) {
    return 0;
  }
  if (errno != EINVAL && errno != ENOSYS) {
    return errno;
  }
  // A file system that does not know how.
  if (::linkat(directory, from, directory, to, 0) != 0) {
    return errno;
  }
  ::unlinkat(directory, from, 0);
  return 0;
}

}  // namespace

Result<std::unique_ptr<DirectoryTarget>> DirectoryTarget::Open(const tree::FileTree& tree,
                                                               const std::string& path,
                                                               DirectoryOptions options) {
  const bool made = ::mkdir(path.c_str(), 0777) == 0;
  if (!made && errno != EEXIST) {
    return std::unexpected(SystemError(errno, fmt::format("cannot make '{}'", path)));
  }
  Fd root(::open(path.c_str(), kDirectoryFlags));
  if (!root.valid()) {
    return std::unexpected(SystemError(errno, fmt::format("cannot write below '{}'", path)));
  }
  return std::unique_ptr<DirectoryTarget>(
      new DirectoryTarget(tree, path, std::move(root), made, options));
}

DirectoryTarget::~DirectoryTarget() { DropTemporary(); }

std::string DirectoryTarget::Name(tree::NodeId node) const {
  return node == tree::kRoot ? path_ : path_ + tree_.Path(node);
}

std::unexpected<Error> DirectoryTarget::Failed(int number, tree::NodeId node) const {
  if (number == EEXIST) {
    return InTheWay(node, "is there already; --overwrite replaces it");
  }
  return std::unexpected(SystemError(number, fmt::format("cannot write '{}'", Name(node))));
}

std::unexpected<Error> DirectoryTarget::InTheWay(tree::NodeId node, std::string_view what) const {
  return Fail(Code::kDenied, "'{}' {}", Name(node), what);
}

// ---- What is there already

Status DirectoryTarget::Begin(const Plan& plan) {
  plan_ = &plan;
  losses_ = plan.losses;
  absent_.assign(tree_.node_count(), false);
  kept_.assign(tree_.node_count(), false);
  for (const Item& item : plan.items) {
    if (item.node != tree::kRoot) {
      TRY(CheckPlace(item));
    }
  }
  kept_[tree::kRoot] = !root_made_ && !options_.overwrite;
  return {};
}

Status DirectoryTarget::CheckPlace(const Item& item) {
  const tree::NodeId parent = tree_.parent(item.node);
  if (absent_[parent]) {
    absent_[item.node] = true;
    return {};
  }
  const auto directory = walk_.Open(parent);
  if (!directory && directory.error() == ENOENT) {
    absent_[item.node] = true;
    return {};
  }
  if (!directory && directory.error() == ENOTDIR) {
    return InTheWay(parent, "goes through a link or another file, which is not followed");
  }
  if (!directory) {
    return Failed(directory.error(), parent);
  }
  struct stat found{};
  const std::string name(tree_.name(item.node));
  if (::fstatat(*directory, name.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0) {
    absent_[item.node] = errno == ENOENT;
    return errno == ENOENT ? Status() : Failed(errno, item.node);
  }
  const bool wants_directory = item.version->state == tree::State::kDirectory;
  if (S_ISDIR(found.st_mode)) {
    kept_[item.node] = wants_directory && !options_.overwrite;
    return wants_directory ? Status()
                           : InTheWay(item.node, "is a directory; move it out of the way first");
  }
  if (!options_.overwrite) {
    return Failed(EEXIST, item.node);
  }
  absent_[item.node] = wants_directory;  // what is below it lies elsewhere
  return {};
}

// ---- Directories

Result<int> DirectoryTarget::ParentOf(tree::NodeId node) {
  const tree::NodeId parent = tree_.parent(node);
  if (!IsSingleName(tree_.name(node))) {
    return Failed(EINVAL, node);
  }
  const auto directory = walk_.OpenOrMake(parent);
  return directory ? Result<int>(*directory) : Failed(directory.error(), parent);
}

// Only its owner may enter it until it is complete.
Status DirectoryTarget::MakeDirectory(const Item& item) {
  if (item.node == tree::kRoot) {
    return {};
  }
  TRY_ASSIGN(const int parent, ParentOf(item.node));
  const std::string name(tree_.name(item.node));
  if (::mkdirat(parent, name.c_str(), 0700) == 0) {
    return {};
  }
  struct stat found{};
  if (errno != EEXIST || ::fstatat(parent, name.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0) {
    return Failed(errno, item.node);
  }
  if (S_ISDIR(found.st_mode)) {
    return {};
  }
  if (!options_.overwrite) {
    return Failed(EEXIST, item.node);
  }
  if (::unlinkat(parent, name.c_str(), 0) != 0 || ::mkdirat(parent, name.c_str(), 0700) != 0) {
    return Failed(errno, item.node);
  }
  return {};
}

Status DirectoryTarget::Finish() {
  for (auto item = plan_->items.rbegin(); item != plan_->items.rend(); ++item) {
    if (item->version->state == tree::State::kDirectory && !kept_[item->node]) {
      TRY(DressDirectory(*item));
    }
  }
  return {};
}

Status DirectoryTarget::DressDirectory(const Item& item) {
  const Facts facts = FactsOf(tree_, item, plan_->keep_special, losses_);
  if (item.node == tree::kRoot) {
    return Dress(root_.get(), facts, item.node);
  }
  TRY_ASSIGN(const int parent, ParentOf(item.node));
  const std::string name(tree_.name(item.node));
  const Fd directory(::openat(parent, name.c_str(), kDirectoryFlags | O_NOFOLLOW));
  return directory.valid() ? Dress(directory.get(), facts, item.node) : Failed(errno, item.node);
}

// ---- Files

// Calls make(directory, name) with names that are not taken, until it does not set EEXIST.
template <typename Make>
Status DirectoryTarget::MakeTemporary(tree::NodeId node, Make make) {
  TRY_ASSIGN(const int directory, ParentOf(node));
  while (true) {
    std::string name = fmt::format(".fathom-{}-{}", ::getpid(), names_++);
    if (make(directory, name.c_str())) {
      temporary_ = {directory, std::move(name)};
      return {};
    }
    if (errno != EEXIST) {
      return Failed(errno, node);
    }
  }
}

void DirectoryTarget::DropTemporary() {
  if (!temporary_.name.empty()) {
    ::unlinkat(temporary_.directory, temporary_.name.c_str(), 0);
    temporary_.name.clear();
  }
  file_ = Fd();
}

Status DirectoryTarget::GiveName(tree::NodeId node) {
  const std::string name(tree_.name(node));
  const char* const from = temporary_.name.c_str();
  const int directory = temporary_.directory;
  const int error = !options_.overwrite ? RenameOntoNothing(directory, from, name.c_str())
                    : ::renameat(directory, from, directory, name.c_str()) == 0 ? 0
                                                                                : errno;
  if (error != 0) {
    DropTemporary();
    return Failed(error, node);
  }
  if (options_.overwrite) {
    ::unlinkat(directory, from, 0);  // rename() does nothing between two names of one file
  }
  temporary_.name.clear();
  return {};
}

Status DirectoryTarget::BeginFile(const Item& item) {
  DropTemporary();
  item_ = &item;
  position_ = 0;
  return MakeTemporary(item.node, [this](int directory, const char* name) {
    file_ =
        Fd(::openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    return file_.valid();
  });
}

Status DirectoryTarget::Write(ByteView data) {
  while (!data.empty()) {
    const ssize_t put =
        ::pwrite(file_.get(), data.data(), data.size(), static_cast<off_t>(position_));
    if (put < 0 && errno != EINTR) {
      const int error = errno;
      DropTemporary();
      return Failed(error, item_->node);
    }
    const auto done = static_cast<size_t>(put < 0 ? 0 : put);
    position_ += done;
    data = data.subspan(done);
  }
  return {};
}

Status DirectoryTarget::WriteHole(uint64_t size) {
  position_ += size;
  return {};
}

Status DirectoryTarget::EndFile() {
  // A hole at the end.
  struct stat written{};
  if (::fstat(file_.get(), &written) != 0 ||
      (static_cast<uint64_t>(written.st_size) < position_ &&
       ::ftruncate(file_.get(), static_cast<off_t>(position_)) != 0)) {
    return Failed(errno, item_->node);
  }
  TRY(Dress(file_.get(), FactsOf(tree_, *item_, plan_->keep_special, losses_), item_->node));
  // Some file systems tell only now that there is no room.
  const int descriptor = ::dup(file_.get());
  if (descriptor >= 0 && ::close(descriptor) != 0) {
    return Failed(errno, item_->node);
  }
  file_ = Fd();
  return GiveName(item_->node);
}

Status DirectoryTarget::MakeLink(const Item& item, const Item& existing) {
  if (std::ranges::find(denied_, existing.node) != denied_.end()) {
    ++losses_.devices_denied;
    return {};
  }
  const auto from = link_walk_.Open(tree_.parent(existing.node));
  if (!from) {
    return Failed(from.error(), existing.node);
  }
  const std::string name(tree_.name(existing.node));
  TRY(MakeTemporary(item.node, [&](int directory, const char* temporary) {
    return ::linkat(*from, name.c_str(), directory, temporary, 0) == 0;
  }));
  return GiveName(item.node);
}

Status DirectoryTarget::MakeSpecial(const Item& item) {
  const Facts facts = FactsOf(tree_, item, plan_->keep_special, losses_);
  const std::string target(facts.link);
  bool denied = false;
  Status made = MakeTemporary(item.node, [&](int directory, const char* name) {
    if (facts.type == EntryType::kSymlink) {
      return ::symlinkat(target.c_str(), directory, name) == 0;
    }
    const bool done = ::mknodat(directory, name, FileType(facts.type) | 0600,
                                makedev(facts.major, facts.minor)) == 0;
    denied = !done && errno == EPERM && layer::IsDevice(facts.type);
    return done;
  });
  if (denied) {
    ++losses_.devices_denied;
    denied_.push_back(item.node);
    return {};
  }
  TRY(made);
  TRY(DressByName(facts, item.node));
  return GiveName(item.node);
}

// ---- Owner, attributes, mode and time; in this order, as each may undo the ones after it

Status DirectoryTarget::Dress(int file, const Facts& facts, tree::NodeId node) {
  if (options_.keep_owner && ::fchown(file, facts.uid, facts.gid) != 0) {
    return Wrap(Failed(errno, node).error(), "owner {}:{} (--no-same-owner leaves it)", facts.uid,
                facts.gid);
  }
  for (const auto& [name, value] : facts.xattrs) {
    losses_.xattrs +=
        ::fsetxattr(file, std::string(name).c_str(), value.data(), value.size(), 0) != 0;
  }
  if (::fchmod(file, facts.mode) != 0) {
    return Failed(errno, node);
  }
  if (!facts.implied && ::futimens(file, Times(facts.mtime).both) != 0) {
    return Failed(errno, node);
  }
  return {};
}

Status DirectoryTarget::DressByName(const Facts& facts, tree::NodeId node) {
  const auto& [directory, name] = temporary_;
  const char* const at = name.c_str();
  if (options_.keep_owner &&
      ::fchownat(directory, at, facts.uid, facts.gid, AT_SYMLINK_NOFOLLOW) != 0) {
    return Wrap(Failed(errno, node).error(), "owner {}:{} (--no-same-owner leaves it)", facts.uid,
                facts.gid);
  }
  const std::string path = fmt::format("/proc/self/fd/{}/{}", directory, name);
  for (const auto& [key, value] : facts.xattrs) {
    losses_.xattrs +=
        ::lsetxattr(path.c_str(), std::string(key).c_str(), value.data(), value.size(), 0) != 0;
  }
  if (facts.type != EntryType::kSymlink && ::fchmodat(directory, at, facts.mode, 0) != 0) {
    return Failed(errno, node);
  }
  if (::utimensat(directory, at, Times(facts.mtime).both, AT_SYMLINK_NOFOLLOW) != 0) {
    return Failed(errno, node);
  }
  return {};
}

}  // namespace fathom::extract
