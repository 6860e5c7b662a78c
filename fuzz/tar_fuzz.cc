// TarParser: never crashes, its events fit the entry, and feeding it in pieces changes nothing.
#include "archive/tar_reader.h"
#include "fuzz/fuzz.h"
#include "fuzz/tar_events.h"

namespace fathom {
namespace {

using archive::EntryType;
using archive::TarEntry;
using testing::SeenEntry;
using testing::TarEvents;

bool Same(const TarEntry& a, const TarEntry& b) {
  return a.path == b.path && a.link == b.link && a.type == b.type && a.mode == b.mode &&
         a.uid == b.uid && a.gid == b.gid && a.size == b.size && a.mtime == b.mtime &&
         a.dev_major == b.dev_major && a.dev_minor == b.dev_minor && a.sparse == b.sparse &&
         a.xattrs == b.xattrs && a.header_offset == b.header_offset &&
         a.data_offset == b.data_offset && a.stored_bytes == b.stored_bytes;
}

void CheckEntry(const SeenEntry& seen, ByteView archive) {
  const TarEntry& entry = seen.entry;
  const bool has_content = entry.type == EntryType::kFile || entry.type == EntryType::kOther;
  FUZZ_CHECK(seen.data.size() <= entry.stored_bytes);
  FUZZ_CHECK(!entry.path.contains('\0') && !entry.link.contains('\0'));
  FUZZ_CHECK(entry.mode <= 07777);
  FUZZ_CHECK(!entry.sparse || entry.type == EntryType::kFile);
  FUZZ_CHECK(std::ranges::is_sorted(entry.xattrs));
  if (seen.ended) {
    FUZZ_CHECK(seen.data.size() == entry.stored_bytes);
    FUZZ_CHECK(seen.Bytes() == (has_content ? entry.size : 0));
    FUZZ_CHECK(AsText(archive.subspan(entry.data_offset, entry.stored_bytes)) == seen.data);
  }
}

// The entries that a reader meets which passes over all content.
void CheckReader(const TarEvents& seen, ByteView bytes, const Limits& limits) {
  MemorySource source(bytes);
  archive::TarReader reader(source, limits);
  size_t count = 0;
  while (true) {
    const Result<const TarEntry*> entry = reader.Next();
    FUZZ_CHECK(entry);
    if (*entry == nullptr) {
      break;
    }
    FUZZ_CHECK(count < seen.entries.size() && Same(**entry, seen.entries[count].entry));
    ++count;
  }
  FUZZ_CHECK(count == seen.entries.size());
}

}  // namespace
}  // namespace fathom

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace fathom;
  using testing::ReadTarEvents;
  const ByteView archive(data, size);
  Limits limits;
  limits.pax_bytes = 64 << 10;
  const TarEvents whole = ReadTarEvents(archive, limits, [size] { return size; });
  FUZZ_CHECK(whole.error || whole.offset == size);
  for (const SeenEntry& entry : whole.entries) {
    CheckEntry(entry, archive);
    FUZZ_CHECK(whole.error || entry.ended);
  }

  fuzz::Pieces next_size(archive);
  const TarEvents pieces = ReadTarEvents(archive, limits, next_size);
  FUZZ_CHECK(pieces.error.has_value() == whole.error.has_value());
  FUZZ_CHECK(!whole.error || (pieces.error->code == whole.error->code &&
                              pieces.error->message == whole.error->message));
  FUZZ_CHECK(pieces.end_mark == whole.end_mark);
  FUZZ_CHECK(pieces.entries.size() == whole.entries.size());
  for (size_t i = 0; i < whole.entries.size(); ++i) {
    FUZZ_CHECK(Same(whole.entries[i].entry, pieces.entries[i].entry));
    FUZZ_CHECK(whole.entries[i].data == pieces.entries[i].data);
    FUZZ_CHECK(whole.entries[i].extents == pieces.entries[i].extents);
  }
  if (!whole.error) {
    CheckReader(whole, archive, limits);
  }
  return 0;
}
