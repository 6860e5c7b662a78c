// Writes tar archives in four dialects, so that tests can say exactly which bytes a reader meets.
//
// Nothing here knows how fathom reads. What a dialect cannot say is refused with
// std::invalid_argument, never shortened in silence.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace fathom::testing {

// Keyword and value of one pax record, or name and value of one extended attribute.
using NameValues = std::vector<std::pair<std::string, std::string>>;

// One tar record. `type` is the type flag as it stands in the header. `content` is written whatever
// the type is. The time is mtime + mtime_nanos / 1e9, so -1.5 s is {-2, 500000000}.
struct TarEntry {
  std::string name = {};
  char type = '0';
  std::string content = {};
  std::string link = {};
  uint32_t mode = 0644;
  int64_t uid = 0;
  int64_t gid = 0;
  int64_t mtime = 0;
  uint32_t dev_major = 0;
  uint32_t dev_minor = 0;
  NameValues xattrs = {};
  uint32_t mtime_nanos = 0;

  bool operator==(const TarEntry&) const = default;
};

enum class TarFormat {
  kUstar,  // POSIX 1988: long names are split into prefix and name
  kV7,     // no magic; a directory is a regular record whose name ends in '/'
  kPax,    // ustar, and an 'x' record before each entry that needs one
  kGnu,    // old GNU magic; 'L' and 'K' records, base-256 numbers
};

struct TarOptions {
  TarFormat format = TarFormat::kPax;
  NameValues global_pax = {};  // when there are any: one 'g' record before all entries
  int end_blocks = 2;          // zero blocks at the end
};

std::string WriteTar(std::span<const TarEntry> entries, const TarOptions& options = {});
std::string WriteTar(std::initializer_list<TarEntry> entries, const TarOptions& options = {});

// The blocks that end an archive, for archives glued together by hand.
std::string EndOfArchive(int blocks = 2);

// Entries of the usual kinds, in short.
TarEntry FileEntry(std::string name, std::string content = "", uint32_t mode = 0644);
TarEntry DirEntry(std::string name, uint32_t mode = 0755);
TarEntry SymlinkEntry(std::string name, std::string target);
TarEntry HardLinkEntry(std::string name, std::string target);
TarEntry DeviceEntry(std::string name, char type, uint32_t dev_major, uint32_t dev_minor);
TarEntry WhiteoutEntry(const std::string& path);     // dir/name -> dir/.wh.name
TarEntry OpaqueEntry(const std::string& directory);  // dir -> dir/.wh..wh..opq

// A file with holes: the bytes between its chunks, and after the last up to `real_size`, are zero.
// Chunks must not overlap even when all but the last are rounded up to whole blocks.
struct SparseFile {
  std::string name = {};
  std::vector<std::pair<uint64_t, std::string>> chunks = {};  // (offset, bytes), ascending
  uint64_t real_size = 0;
  uint32_t mode = 0644;
  int64_t uid = 0;
  int64_t gid = 0;
  int64_t mtime = 0;

  // All its bytes, holes filled in.
  std::string Expanded() const;
};

// The raw records of one sparse file, without end blocks: append them to an archive that has none.
std::string SparseGnuEntry(const SparseFile& file);    // type 'S', extension blocks beyond 4 chunks
std::string SparsePax00Entry(const SparseFile& file);  // GNU.sparse.offset and .numbytes, repeated
std::string SparsePax01Entry(const SparseFile& file);  // GNU.sparse.map
std::string SparsePax10Entry(const SparseFile& file);  // the map stands before the data

}  // namespace fathom::testing
