// The four ways in which GNU tar writes a file with holes.
#include <stdexcept>

#include "tests/support/tar_block.h"
#include "tests/support/tar_writer.h"

namespace fathom::testing {
namespace {

struct Extent {
  uint64_t offset;
  uint64_t length;
};

// What stands in the archive: where the data goes, and the data.
struct SparseBody {
  std::vector<Extent> extents;
  std::string data;
};

// GNU tar takes each extent's data from a block of its own, other readers take the next byte; both
// are content when each extent but the last fills whole blocks. So chunks grow over the zeros that
// follow. A hole at the end is marked by an empty extent, as GNU tar does.
SparseBody BodyOf(const SparseFile& file) {
  SparseBody body;
  uint64_t end = 0;
  for (size_t i = 0; i < file.chunks.size(); ++i) {
    const auto& [offset, bytes] = file.chunks[i];
    const bool last = i + 1 == file.chunks.size();
    const std::string stored = last ? bytes : Padded(bytes);
    if (offset < end || offset + stored.size() > file.real_size) {
      throw std::invalid_argument("chunks overlap, rounded up to blocks: " + file.name);
    }
    body.extents.push_back({offset, stored.size()});
    body.data += stored;
    end = offset + stored.size();
  }
  if (end < file.real_size || body.extents.empty()) {
    body.extents.push_back({file.real_size, 0});
  }
  return body;
}

HeaderBlock HeaderOf(const SparseFile& file, const std::string& name, uint64_t stored) {
  HeaderBlock header;
  header.SetText(kName, name);
  header.SetOctal(kMode, file.mode);
  header.SetNumber(kUid, file.uid);
  header.SetNumber(kGid, file.gid);
  header.SetNumber(kSize, static_cast<int64_t>(stored));
  header.SetNumber(kMtime, file.mtime);
  return header;
}

// A pax entry of type '0' with the given records.
std::string PaxSparse(const SparseFile& file, const std::string& name, const std::string& records,
                      const std::string& stored) {
  HeaderBlock header = HeaderOf(file, name, stored.size());
  header.SetByte(kType.offset, '0');
  header.SetText(kMagic, kUstarMagic);
  return PaxHeader('x', file.name, records) + header.Seal() + Padded(stored);
}

// The name that stands in the ustar header where the real one is in GNU.sparse.name.
std::string PlaceholderName(const std::string& name) {
  const size_t base = name.find_last_of('/') + 1;
  return (base == 0 ? "./" : name.substr(0, base)) + "GNUSparseFile.0/" + name.substr(base);
}

constexpr size_t kExtentWidth = 24;

void SetExtent(HeaderBlock& block, size_t at, const Extent& extent) {
  block.SetNumber({at, 12}, static_cast<int64_t>(extent.offset));
  block.SetNumber({at + 12, 12}, static_cast<int64_t>(extent.length));
}

// The blocks that carry the extents from `first` on, 21 in each.
std::string ExtensionBlocks(const std::vector<Extent>& extents, size_t first) {
  constexpr size_t kPerBlock = 21, kMoreFlag = 504;
  std::string out;
  while (first < extents.size()) {
    HeaderBlock block;
    for (size_t i = 0; i < kPerBlock && first < extents.size(); ++i, ++first) {
      SetExtent(block, i * kExtentWidth, extents[first]);
    }
    block.SetByte(kMoreFlag, first < extents.size() ? '\1' : '\0');
    out += block.Raw();
  }
  return out;
}

}  // namespace

std::string SparseFile::Expanded() const {
  std::string all(real_size, '\0');
  for (const auto& [offset, bytes] : chunks) {
    all.replace(offset, bytes.size(), bytes);
  }
  return all;
}

std::string SparseGnuEntry(const SparseFile& file) {
  constexpr size_t kInHeader = 4, kExtents = 386, kMoreFlag = 482, kRealSize = 483;
  const auto [extents, data] = BodyOf(file);
  HeaderBlock header = HeaderOf(file, file.name, data.size());
  header.SetByte(kType.offset, 'S');
  header.SetText(kMagic, kGnuMagic);
  for (size_t i = 0; i < kInHeader && i < extents.size(); ++i) {
    SetExtent(header, kExtents + i * kExtentWidth, extents[i]);
  }
  header.SetByte(kMoreFlag, extents.size() > kInHeader ? '\1' : '\0');
  header.SetNumber({kRealSize, 12}, static_cast<int64_t>(file.real_size));
  return header.Seal() + ExtensionBlocks(extents, kInHeader) + Padded(data);
}

std::string SparsePax00Entry(const SparseFile& file) {
  const auto [extents, data] = BodyOf(file);
  std::string records = PaxRecord("GNU.sparse.size", std::to_string(file.real_size));
  records += PaxRecord("GNU.sparse.numblocks", std::to_string(extents.size()));
  for (const Extent& extent : extents) {
    records += PaxRecord("GNU.sparse.offset", std::to_string(extent.offset));
    records += PaxRecord("GNU.sparse.numbytes", std::to_string(extent.length));
  }
  return PaxSparse(file, file.name, records, data);
}

std::string SparsePax01Entry(const SparseFile& file) {
  const auto [extents, data] = BodyOf(file);
  std::string map;
  for (const Extent& extent : extents) {
    map += (map.empty() ? "" : ",") + std::to_string(extent.offset);
    map += "," + std::to_string(extent.length);
  }
  std::string records = PaxRecord("GNU.sparse.size", std::to_string(file.real_size));
  records += PaxRecord("GNU.sparse.numblocks", std::to_string(extents.size()));
  records += PaxRecord("GNU.sparse.name", file.name);
  records += PaxRecord("GNU.sparse.map", map);
  return PaxSparse(file, PlaceholderName(file.name), records, data);
}

std::string SparsePax10Entry(const SparseFile& file) {
  const auto [extents, data] = BodyOf(file);
  std::string map = std::to_string(extents.size()) + "\n";
  for (const Extent& extent : extents) {
    map += std::to_string(extent.offset) + "\n" + std::to_string(extent.length) + "\n";
  }
  std::string records = PaxRecord("GNU.sparse.major", "1") + PaxRecord("GNU.sparse.minor", "0");
  records += PaxRecord("GNU.sparse.name", file.name);
  records += PaxRecord("GNU.sparse.realsize", std::to_string(file.real_size));
  return PaxSparse(file, PlaceholderName(file.name), records, Padded(map) + data);
}

}  // namespace fathom::testing
