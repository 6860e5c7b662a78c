// The tar reader: a state machine that is handed bytes and hands back events.
//
// It never asks for input by itself, so the same machine reads a layer that arrives in chunks on
// whichever thread is free and an archive on disk whose contents are passed over with a seek
// (TarReader). It holds one entry's headers and never its content.
//
//   parser.Next(input) until kNeedInput:
//     kEntry, then kData and kHole as its content goes by, then kEntryEnd; kEnd at the end.
//
// Reads ustar, v7, pax (local and global), GNU long names, old GNU sparse, pax sparse 0.0, 0.1 and
// 1.0, base-256 numbers. A missing end-of-archive mark is legal; what follows the mark is ignored.
// Errors: kCorrupt and kLimit, naming entry and offset. After an error the parser is spent.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "archive/tar_entry.h"
#include "base/bytes.h"
#include "base/limits.h"
#include "base/result.h"

namespace fathom::archive {

constexpr size_t kTarBlock = 512;

// A run of stored bytes in a sparse file.
struct SparseRun {
  uint64_t offset;
  uint64_t size;
};

class TarParser {
 public:
  enum class Event { kNeedInput, kEntry, kData, kHole, kEntryEnd, kEnd };

  // `limits` must outlive the parser.
  explicit TarParser(const Limits& limits) : limits_(limits) {}

  // Takes bytes from the front of `input` up to the next event.
  Result<Event> Next(ByteView& input);

  // Says that the archive has no more bytes; an error if that is in the middle of an entry.
  Status Finish() const;

  const TarEntry& entry() const { return entry_; }  // from kEntry to kEntryEnd
  ByteView data() const { return data_; }           // after kData; part of `input`
  uint64_t hole() const { return hole_; }           // after kHole; zero bytes
  uint64_t offset() const { return offset_; }       // bytes taken so far

  // From kEntry on: leaves the rest of this entry's content. Returns how many bytes of input the
  // caller passes over instead of handing them in.
  uint64_t SkipContent();

 private:
  enum class State {
    kHeader,
    kExtension,         // body of an extension header
    kExtensionPadding,  // to its block's end
    kSparseHeader,      // old GNU: more runs in blocks after the header
    kSparseMap,         // pax sparse 1.0: the runs stand in front of the content
    kEntryReady,
    kContent,
    kPadding,
    kDone
  };
  // Values that a header's own fields do not give, collected from extension headers.
  using PaxRecords = std::map<std::string, std::string, std::less<>>;

  bool TakeBlock(ByteView& input);
  bool Pass(uint64_t& count, ByteView& input);
  void StartOver();

  Status OnHeaderBlock();
  Status StartExtension(uint64_t size);
  Status OnExtensionEnd();
  Status TakeExtension(ByteView& input);

  Status ReadHeaderFields();
  Status ReadNumber(const char* field, size_t size, const char* name, int64_t& value);
  Status OnHeaderComplete();

  Status ReadPaxRecords(std::string_view text, bool global);
  const std::string* Pax(std::string_view key) const;
  Status ApplyPax();
  void ApplyXattrs(const PaxRecords& records);
  Status PaxNumber(std::string_view key, int64_t& value, bool fraction = false);
  Status ApplyPaxSparse();

  Status AddGnuRuns(size_t first, size_t count);
  Status OnSparseHeaderBlock();
  Status OnSparseMapBlock();
  Status ParseSparseMap(std::string_view text, char separator);

  Status CheckEntry();
  Status CheckSparse();
  bool HasContent() const;
  Event NextContent(ByteView& input);
  Event EndEntry();
  std::unexpected<Error> Corrupt(std::string_view what) const;
  std::unexpected<Error> Over(uint64_t Limits::* member, std::string_view what) const;

  const Limits& limits_;
  State state_ = State::kHeader;
  uint64_t offset_ = 0;         // bytes taken
  uint64_t header_offset_ = 0;  // of the latest header block
  std::array<uint8_t, kTarBlock> block_{};
  size_t block_filled_ = 0;

  char extension_type_ = 0;  // 'x', 'g', 'L' or 'K'
  uint64_t extension_left_ = 0;
  uint64_t padding_left_ = 0;
  std::string extension_;
  bool extended_ = false;  // extension headers wait for their entry

  PaxRecords global_pax_;
  uint64_t global_pax_bytes_ = 0;
  uint64_t global_xattr_bytes_ = 0;  // of these
  PaxRecords pax_;
  std::string old_sparse_map_;  // pax sparse 0.0 repeats its keys: offset and size in turn
  std::string long_path_;
  std::string long_link_;

  TarEntry entry_;
  char type_ = 0;
  uint64_t data_bytes_ = 0;               // size of the entry's data area, without padding
  std::string sparse_map_;                // pax sparse 1.0, as far as it is in
  uint64_t sparse_lines_ = 0;             // in sparse_map_
  std::optional<uint64_t> sparse_count_;  // its first line: how many runs there are
  std::vector<SparseRun> runs_;
  size_t run_ = 0;
  uint64_t position_ = 0;     // logical position within the content
  uint64_t stored_left_ = 0;  // stored bytes not yet taken
  ByteView data_;
  uint64_t hole_ = 0;
};

}  // namespace fathom::archive
