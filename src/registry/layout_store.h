// An OCI image layout that images are mirrored into: blobs of all of them side by side, each once.
//
// Source: OCI image layout 1.0.0. Beside it, in `.fathom`, lies what a mirror needs to go on: blobs
// that are not whole yet, and a journal.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/io.h"
#include "base/mutex.h"
#include "image/documents.h"

namespace fathom::registry {

// One process at a time writes into a folder. Thread-safe. A blob that is there under its name is
// whole and verified, whenever the process was killed: it gets its name last. When the machine goes
// down, blobs of the last half minute may be torn; the next Open() finds and removes them.
class LayoutStore {
 public:
  // Makes the folder when it is not there. Errors: kInvalidArgument for a folder that is something
  // else; kUnavailable when another process writes into it; kDenied, kIo.
  static Result<std::unique_ptr<LayoutStore>> Open(const std::string& folder);

  const std::string& folder() const { return folder_; }
  std::string StatePath(std::string_view name) const;  // in `.fathom`

  // Whether the blob is there, with that many bytes.
  bool Has(const Digest& digest, uint64_t size) const;
  // A small blob. kNotFound, kLimit.
  Result<std::string> Read(const Digest& digest, uint64_t most) const;

  // Keeps a document whose digest the caller has computed.
  Status Put(const Digest& digest, std::string_view text);
  // Where a blob is gathered, and the step that makes it one.
  std::string PartialPath(const Digest& digest) const;
  Status Commit(const Digest& digest);
  std::string BlobPath(const Digest& digest) const;

  // Free bytes on the disk.
  Result<uint64_t> FreeBytes() const;

  // Lists an image in index.json under its reference, in place of what had that name.
  void List(image::Descriptor image);
  // What index.json has under the reference; nothing when that is not listed.
  std::optional<image::Descriptor> Listed(const std::string& reference) const;
  Status WriteIndex();
  // Waits until all is on the disk. Not needed at the end: see above.
  Status Sync();

 private:
  explicit LayoutStore(std::string folder) : folder_(std::move(folder)) {}
  Status ReadIndex();
  Status RemoveTorn() const;
  Status RemoveTornSince(int64_t unix_seconds) const;
  Status NoteSynced(int64_t unix_seconds) const;

  const std::string folder_;
  Fd lock_;
  mutable Mutex mutex_;
  std::map<std::string, image::Descriptor> images_ GUARDED_BY(mutex_);  // by reference
  std::vector<image::Descriptor> others_ GUARDED_BY(mutex_);            // without a name
};

}  // namespace fathom::registry
