// Writes a plan below a directory.
//
// Nothing outside that directory is made, written or changed (DirectoryWalk). A file is written
// under a temporary name beside its own, dressed with owner, attributes, mode and time, and takes
// its name when its content is complete and verified; so an interrupted extraction leaves no half
// file under a final name. Directories get mode and time last.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "extract/directory_walk.h"
#include "extract/target.h"

namespace fathom::extract {

struct DirectoryOptions {
  bool overwrite = false;   // replace what is there, but never a directory by something else
  bool keep_owner = false;  // needs root
};

class DirectoryTarget final : public Target {
 public:
  // Opens the directory `path`, or makes it where its parent is there. `tree` must outlive it.
  // Errors: kNotFound, kDenied, kIo.
  static Result<std::unique_ptr<DirectoryTarget>> Open(const tree::FileTree& tree,
                                                       const std::string& path,
                                                       DirectoryOptions options);
  ~DirectoryTarget() override;

  // Looks for what is in the way before anything is written.
  Status Begin(const Plan& plan) override;
  Status MakeDirectory(const Item& item) override;
  Status BeginFile(const Item& item) override;
  Status Write(ByteView data) override;
  Status WriteHole(uint64_t size) override;
  Status EndFile() override;
  Status MakeLink(const Item& item, const Item& existing) override;
  Status MakeSpecial(const Item& item) override;
  Status Finish() override;

  // What was left out or could not be kept, the plan's own losses among it.
  const Losses& losses() const { return losses_; }

 private:
  // A name of its own in a directory, to be given its final name.
  struct Temporary {
    int directory = -1;
    std::string name;
  };

  DirectoryTarget(const tree::FileTree& tree, std::string path, Fd root, bool made,
                  DirectoryOptions options)
      : tree_(tree),
        path_(std::move(path)),
        root_(std::move(root)),
        root_made_(made),
        options_(options),
        walk_(tree, root_.get()),
        link_walk_(tree, root_.get()) {}

  std::string Name(tree::NodeId node) const;
  std::unexpected<Error> Failed(int number, tree::NodeId node) const;
  std::unexpected<Error> InTheWay(tree::NodeId node, std::string_view what) const;

  Status CheckPlace(const Item& item);
  Result<int> ParentOf(tree::NodeId node);
  template <typename Make>
  Status MakeTemporary(tree::NodeId node, Make make);
  Status GiveName(tree::NodeId node);
  void DropTemporary();
  Status Dress(int file, const Facts& facts, tree::NodeId node);
  Status DressByName(const Facts& facts, tree::NodeId node);
  Status DressDirectory(const Item& item);

  const tree::FileTree& tree_;
  std::string path_;
  Fd root_;
  bool root_made_;
  DirectoryOptions options_;
  DirectoryWalk walk_;
  DirectoryWalk link_walk_;  // to what a hard link leads to
  const Plan* plan_ = nullptr;
  Losses losses_;
  std::vector<bool> absent_;          // nodes that were not in the output before
  std::vector<bool> kept_;            // directories that were, and stay as they are
  std::vector<tree::NodeId> denied_;  // devices that could not be made

  // The file that is being written.
  const Item* item_ = nullptr;
  Fd file_;
  Temporary temporary_;
  uint64_t position_ = 0;
  unsigned long names_ = 0;
};

}  // namespace fathom::extract
