// Plans as a stream of bytes: a tar archive, or bare contents one after another.
#pragma once

#include "archive/tar_entry.h"
#include "extract/output_file.h"
#include "extract/target.h"

namespace fathom::extract {

// A pax archive whose names are relative ("etc/passwd", directories "etc/"). It has no entry for
// the root. Directories come last, from below: tar programs make them as they need them, and a
// directory that may not be written to, or its time, must not be set before it is full. The same
// plan always gives the same bytes; holes are written as zeros. An error leaves the archive without
// the mark of its end.
class TarTarget final : public Target {
 public:
  // Both must outlive the target.
  TarTarget(const tree::FileTree& tree, OutputFile& out) : tree_(tree), out_(out) {}

  Status Begin(const Plan& plan) override;
  Status MakeDirectory(const Item&) override { return {}; }
  Status BeginFile(const Item& item) override;
  Status Write(ByteView data) override { return out_.Write(data); }
  Status WriteHole(uint64_t size) override { return out_.WriteZeros(size); }
  Status EndFile() override;
  Status MakeLink(const Item& item, const Item& existing) override;
  Status MakeSpecial(const Item& item) override { return WriteHeader(item); }
  Status Finish() override;

  const Losses& losses() const { return losses_; }

 private:
  archive::TarEntry EntryOf(const Item& item);
  Status WriteHeader(const Item& item);

  const tree::FileTree& tree_;
  OutputFile& out_;
  const Plan* plan_ = nullptr;
  Losses losses_;
  uint64_t size_ = 0;  // of the current file
};

// Only contents. They are written before they can be verified; an error says so.
class ContentTarget final : public Target {
 public:
  explicit ContentTarget(OutputFile& out) : out_(out) {}

  Status Begin(const Plan&) override { return {}; }
  Status MakeDirectory(const Item&) override { return {}; }
  Status BeginFile(const Item&) override { return {}; }
  Status Write(ByteView data) override { return out_.Write(data); }
  Status WriteHole(uint64_t size) override { return out_.WriteZeros(size); }
  Status EndFile() override { return {}; }
  Status MakeLink(const Item&, const Item&) override { return {}; }
  Status MakeSpecial(const Item&) override { return {}; }
  Status Finish() override { return {}; }

 private:
  OutputFile& out_;
};

}  // namespace fathom::extract
