#include "tests/support/oracle.h"

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <tuple>

#include "tests/support/blob.h"
#include "tests/support/oracle_tar.h"

namespace fathom::testing {
namespace {

using Path = std::vector<std::string>;  // sorts depth first, by name within a directory

constexpr int kMaxHops = 255;
constexpr std::string_view kWhiteout = ".wh.";
constexpr std::string_view kReserved = ".wh..wh.";
constexpr std::string_view kOpaque = ".wh..wh..opq";

// The bytes that several names may share.
struct Inode {
  uint64_t size;
  std::string sha256;
  int layer;
  int links = 0;
};

struct Node {
  OracleFile file;
  std::shared_ptr<Inode> inode;  // none: directory, symlink, device, link to nothing

  bool IsDirectory() const { return file.type == '5'; }
};

Path Components(const std::string& text) {
  Path parts;
  for (size_t start = 0; start <= text.size();) {
    const size_t end = std::min(text.find('/', start), text.size());
    parts.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return parts;
}

// A name without its '.', '..' and empty components, never above the root.
Path Clean(const std::string& name) {
  Path path;
  for (const std::string& part : Components(name)) {
    if (part == "..") {
      path.resize(path.empty() ? 0 : path.size() - 1);
    } else if (!part.empty() && part != ".") {
      path.push_back(part);
    }
  }
  return path;
}

Path Parent(const Path& path) { return {path.begin(), path.end() - 1}; }

Path Child(Path path, const std::string& name) {
  path.push_back(name);
  return path;
}

std::string ToText(const Path& path) {
  std::string text;
  for (const std::string& part : path) {
    text += "/" + part;
  }
  return text;
}

bool IsUnder(const Path& path, const Path& directory) {
  return path.size() > directory.size() &&
         std::equal(directory.begin(), directory.end(), path.begin());
}

bool IsWhiteoutDevice(const TarEntry& entry) {
  return entry.type == '3' && entry.dev_major == 0 && entry.dev_minor == 0;
}

bool IsRegular(char type) { return type == '0' || type == '7'; }

OracleFile Describe(const TarEntry& entry) {
  OracleFile file;
  file.type = IsRegular(entry.type) || entry.type == '1' ? '0' : entry.type;
  file.mode = entry.mode & 07777;
  file.uid = entry.uid;
  file.gid = entry.gid;
  file.mtime = entry.mtime;
  file.xattrs = entry.xattrs;
  if (entry.type == '2') {
    file.link = entry.link;
  }
  if (entry.type == '3' || entry.type == '4') {
    file.dev_major = entry.dev_major;
    file.dev_minor = entry.dev_minor;
  }
  return file;
}

bool SameMetadata(const OracleFile& a, const OracleFile& b) {
  const auto key = [](const OracleFile& f) {
    return std::tie(f.mode, f.uid, f.gid, f.mtime, f.xattrs);
  };
  return key(a) == key(b);
}

bool Differs(const OracleFile& a, const OracleFile& b) {
  const auto key = [](const OracleFile& f) {
    return std::tie(f.type, f.content_sha256, f.link, f.dev_major, f.dev_minor);
  };
  return key(a) != key(b) || !SameMetadata(a, b);
}

// The order of the list of waste; equal ones stay in the order in which it happened.
bool Precedes(const OracleWaste& a, const OracleWaste& b) {
  return std::tie(a.path, a.stored_in, a.hidden_by) < std::tie(b.path, b.stored_in, b.hidden_by);
}

class FileSystem {
 public:
  void ApplyLayer(const std::string& tar) {
    ++layer_;
    const std::vector<TarEntry> entries = ReadTar(tar);
    numbers_.layers.push_back({.entries = entries.size()});
    ApplyWhiteouts(entries);
    for (const TarEntry& entry : entries) {
      Add(entry);
    }
    const auto before =
        layer_ == 0 ? std::map<std::string, OracleFile>{} : numbers_.state_after_layer.back();
    numbers_.state_after_layer.push_back(Snapshot());
    CountChanges(before, numbers_.state_after_layer.back());
  }

  OracleNumbers Finish();

 private:
  std::optional<Path> Enter(const Path& parent, bool create, const std::set<Path>& not_through);
  void ApplyWhiteouts(const std::vector<TarEntry>& entries);
  void Add(const TarEntry& entry);
  void AddDirectory(const Path& at, const TarEntry& entry);
  Node NewRegular(const TarEntry& entry);
  Node NewHardLink(const TarEntry& entry, const Node* target) const;
  const Node* HardLinkTarget(const std::string& name);
  void Place(const Path& at, Node node);
  void DropBelow(const Path& directory, const std::string& cause);
  void Drop(const Path& at, const std::string& cause);
  void CountChanges(const std::map<std::string, OracleFile>& before,
                    const std::map<std::string, OracleFile>& after);
  std::map<std::string, OracleFile> Snapshot() const;

  const Node* Find(const Path& at) const {
    const auto it = files_.find(at);
    return it == files_.end() ? nullptr : &it->second;
  }

  std::map<Path, Node> files_;  // without the root, which is always there
  int layer_ = -1;
  OracleNumbers numbers_;
};

// The real path of a directory, links followed; nothing when it is absent or links never end.
// `create`: what is missing or in the way becomes an implied directory.
// `not_through`: links that must not be followed.
std::optional<Path> FileSystem::Enter(const Path& parent, bool create,
                                      const std::set<Path>& not_through) {
  Path here;
  std::deque<std::string> todo(parent.begin(), parent.end());
  for (int hops = 0; !todo.empty();) {
    const std::string name = todo.front();
    todo.pop_front();
    if (name.empty() || name == ".") {
      continue;
    }
    if (name == "..") {
      here.resize(here.empty() ? 0 : here.size() - 1);
      continue;
    }
    const Path next = Child(here, name);
    const Node* node = Find(next);
    if (node != nullptr && node->file.type == '2') {
      if (++hops > kMaxHops || not_through.contains(next)) {
        return std::nullopt;
      }
      here = node->file.link.starts_with('/') ? Path{} : here;
      const Path target = Components(node->file.link);
      todo.insert(todo.begin(), target.begin(), target.end());
      continue;
    }
    if (node == nullptr || !node->IsDirectory()) {
      if (!create) {
        return std::nullopt;
      }
      Drop(next, "hidden");
      files_[next].file = {.type = '5', .mode = 0755, .implied = true};
    }
    here = next;
  }
  return here;
}

void FileSystem::ApplyWhiteouts(const std::vector<TarEntry>& entries) {
  std::set<Path> made;  // what this layer itself makes a directory
  for (const TarEntry& entry : entries) {
    if (entry.type == '5') {
      made.insert(Clean(entry.name));
    }
  }
  for (const TarEntry& entry : entries) {
    const Path path = Clean(entry.name);
    const bool marker = !path.empty() && path.back().starts_with(kWhiteout);
    if (path.empty() || (!marker && !IsWhiteoutDevice(entry))) {
      continue;
    }
    const std::optional<Path> parent = Enter(Parent(path), false, made);
    if (!parent) {
      continue;
    }
    if (path.back() == kOpaque) {
      DropBelow(*parent, "hidden");
    } else if (!path.back().starts_with(kReserved)) {
      Drop(Child(*parent, marker ? path.back().substr(kWhiteout.size()) : path.back()), "removed");
    }
  }
}

void FileSystem::Add(const TarEntry& entry) {
  const Path path = Clean(entry.name);
  const bool marked = std::any_of(path.begin(), path.end(), [](const std::string& part) {
    return part.starts_with(kWhiteout);
  });
  if (path.empty() || marked || IsWhiteoutDevice(entry)) {
    return;
  }
  const std::optional<Path> parent = Enter(Parent(path), true, {});
  if (!parent) {
    return;
  }
  const Path at = Child(*parent, path.back());
  if (entry.type == '5') {
    AddDirectory(at, entry);
  } else if (entry.type == '1') {
    const Node* target = HardLinkTarget(entry.link);
    if (target == nullptr || target != Find(at)) {
      Place(at, NewHardLink(entry, target));
    }
  } else {
    Place(at, IsRegular(entry.type) ? NewRegular(entry) : Node{Describe(entry), nullptr});
  }
}

void FileSystem::AddDirectory(const Path& at, const TarEntry& entry) {
  const Node* old = Find(at);
  if (old != nullptr && !old->IsDirectory()) {
    Drop(at, "hidden");
  }
  files_[at].file = Describe(entry);
}

Node FileSystem::NewRegular(const TarEntry& entry) {
  Node node{Describe(entry), nullptr};
  node.file.size = entry.content.size();
  node.file.content_sha256 = Sha256Hex(entry.content);
  node.inode = std::make_shared<Inode>(Inode{node.file.size, node.file.content_sha256, layer_});
  numbers_.layers.back().stored += node.file.size;
  return node;
}

// One more name for the target; without one, a file of no content under its own metadata.
Node FileSystem::NewHardLink(const TarEntry& entry, const Node* target) const {
  return target == nullptr || target->IsDirectory() ? Node{Describe(entry), nullptr} : *target;
}

const Node* FileSystem::HardLinkTarget(const std::string& name) {
  const Path path = Clean(name);
  if (path.empty()) {
    return nullptr;
  }
  const std::optional<Path> parent = Enter(Parent(path), false, {});
  return parent ? Find(Child(*parent, path.back())) : nullptr;
}

// Puts a node that is no directory in place of whatever is there.
void FileSystem::Place(const Path& at, Node node) {
  if (node.inode != nullptr) {
    ++node.inode->links;
  }
  std::string cause = "hidden";
  const Node* old = Find(at);
  if (old != nullptr && old->inode != nullptr && node.inode != nullptr) {
    const bool same_content = old->inode->sha256 == node.inode->sha256;
    const char* same = SameMetadata(old->file, node.file) ? "identical" : "metadata";
    cause = same_content ? same : "rewritten";
  }
  Drop(at, cause);
  files_[at] = std::move(node);
}

void FileSystem::DropBelow(const Path& directory, const std::string& cause) {
  std::vector<Path> below;
  for (auto it = files_.upper_bound(directory); it != files_.end() && IsUnder(it->first, directory);
       ++it) {
    below.push_back(it->first);
  }
  for (const Path& path : below) {
    Drop(path, cause);
  }
}

// Takes a path away with all below it; nothing when it is absent.
void FileSystem::Drop(const Path& at, const std::string& cause) {
  const auto it = files_.find(at);
  if (it == files_.end()) {
    return;
  }
  const Node node = std::move(it->second);
  files_.erase(it);
  if (node.IsDirectory()) {
    DropBelow(at, cause);
  } else if (node.inode != nullptr && --node.inode->links == 0) {
    const OracleWaste waste{ToText(at), node.inode->size, cause, node.inode->layer, layer_};
    std::vector<OracleWaste>& all = numbers_.wasted_paths;
    all.insert(std::upper_bound(all.begin(), all.end(), waste, Precedes), waste);
  }
}

void FileSystem::CountChanges(const std::map<std::string, OracleFile>& before,
                              const std::map<std::string, OracleFile>& after) {
  OracleNumbers::Layer& layer = numbers_.layers.back();
  for (const auto& [path, now] : after) {
    const auto was = before.find(path);
    if (was == before.end()) {
      layer.added += now.type != '5' ? 1 : 0;
    } else if (now.type != '5' || was->second.type != '5') {
      layer.modified += Differs(was->second, now) ? 1 : 0;
    }
  }
  for (const auto& [path, was] : before) {
    layer.removed += was.type != '5' && !after.contains(path) ? 1 : 0;
  }
}

std::map<std::string, OracleFile> FileSystem::Snapshot() const {
  std::map<std::string, OracleFile> files;
  for (const auto& [path, node] : files_) {
    files[ToText(path)] = node.file;
  }
  return files;
}

OracleNumbers FileSystem::Finish() {
  OracleNumbers& n = numbers_;
  std::map<std::shared_ptr<Inode>, int> visible;
  std::map<std::string, uint64_t> seen;
  for (const auto& [path, node] : files_) {
    if (node.inode != nullptr && visible.emplace(node.inode, 0).second) {
      n.visible += node.inode->size;
      n.duplicate += seen[node.inode->sha256]++ > 0 ? node.inode->size : 0;
    }
  }
  for (const char* cause : {"rewritten", "metadata", "identical", "removed", "hidden"}) {
    n.waste_by_cause[cause] = 0;
  }
  std::erase_if(n.wasted_paths, [](const OracleWaste& waste) { return waste.bytes == 0; });
  for (const OracleWaste& waste : n.wasted_paths) {
    n.wasted += waste.bytes;
    n.waste_by_cause[waste.cause] += waste.bytes;
    n.layers[static_cast<size_t>(waste.stored_in)].wasted_here += waste.bytes;
    n.layers[static_cast<size_t>(waste.hidden_by)].hidden_by += waste.bytes;
  }
  for (const OracleNumbers::Layer& layer : n.layers) {
    n.stored += layer.stored;
  }
  n.efficiency = n.stored == 0 ? 1 : static_cast<double>(n.visible) / static_cast<double>(n.stored);
  if (!n.state_after_layer.empty()) {
    n.final_files = n.state_after_layer.back();
  }
  return std::move(numbers_);
}

}  // namespace

OracleNumbers RunOracle(std::span<const std::string> layer_tars) {
  FileSystem files;
  for (const std::string& tar : layer_tars) {
    files.ApplyLayer(tar);
  }
  return files.Finish();
}

}  // namespace fathom::testing
