// A whole layer, from stored bytes to an index on disk: BlobPump, decoder, LayerScan, file kinds.
#include "archive/blob_pump.h"
#include "fuzz/fuzz.h"
#include "layer/file_kind.h"
#include "layer/index_format.h"
#include "layer/layer_scan.h"

namespace fathom::fuzz {
namespace {

constexpr auto kAlgorithm = ContentAlgorithm::kSha256;

// Hands everything on, in other pieces.
class Repiecing final : public archive::ChunkSink {
 public:
  Repiecing(ChunkSink& sink, Pieces next_size) : sink_(sink), next_size_(next_size) {}

  Status Consume(ByteView decoded) override {
    while (!decoded.empty()) {
      const size_t size = std::min(decoded.size(), next_size_());
      TRY(sink_.Consume(decoded.first(size)));
      decoded = decoded.subspan(size);
    }
    return {};
  }
  Status Finish() override { return sink_.Finish(); }

 private:
  ChunkSink& sink_;
  Pieces next_size_;
};

struct Outcome {
  Result<archive::BlobFacts> facts;
  layer::ScanResult scan;
};

Outcome Read(ByteView blob, const Limits& limits, bool in_pieces) {
  const layer::FacetKind kinds[] = {layer::FileKindFacet()};
  archive::PumpCrew crew;
  MemorySource source(blob);
  layer::LayerScan scan(kAlgorithm, kinds, limits);
  Repiecing pieces(scan, Pieces(blob));
  archive::ChunkSink& sink = in_pieces ? static_cast<archive::ChunkSink&>(pieces) : scan;
  archive::BlobPump pump(crew, source, sink, limits, {});
  auto facts = pump.Run();
  return {std::move(facts), scan.Take()};
}

void CheckIndex(const layer::LayerIndex& index) {
  for (layer::EntryId id = 0; id < index.entry_count(); ++id) {
    const layer::Entry& entry = index.entry(id);
    FUZZ_CHECK(index.Path(entry.path).starts_with('/'));
    const bool has_content = entry.type == layer::EntryType::kFile;
    FUZZ_CHECK(has_content != AllZero(index.content(id)));
    size_t bytes = 0;
    for (const auto& [name, value] : layer::ReadXattrs(index.xattrs(entry))) {
      bytes += name.size() + 1 + sizeof(uint32_t) + value.size();
    }
    FUZZ_CHECK(bytes == index.xattrs(entry).size());
  }
}

}  // namespace
}  // namespace fathom::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace fathom;
  const ByteView blob(data, size);
  Limits limits;
  limits.layer_bytes = 4 << 20;
  limits.pax_bytes = 64 << 10;
  limits.layer_entries = 10'000;
  limits.zstd_window_bytes = 8 << 20;
  const fuzz::Outcome whole = fuzz::Read(blob, limits, false);
  const fuzz::Outcome pieces = fuzz::Read(blob, limits, true);
  FUZZ_CHECK(whole.facts.has_value() == pieces.facts.has_value());
  if (!whole.facts) {
    FUZZ_CHECK(whole.facts.error().message == pieces.facts.error().message);
    return 0;
  }
  FUZZ_CHECK(whole.facts->blob_digest == DigestOf(blob));
  const layer::LayerIndex& index = *whole.scan.index;
  fuzz::CheckIndex(index);
  FUZZ_CHECK(index.decoded_bytes() == whole.facts->decoded_bytes);
  FUZZ_CHECK(whole.scan.facets[0].bytes.size() == index.entry_count());
  FUZZ_CHECK(whole.scan.facets[0].bytes == pieces.scan.facets[0].bytes);

  const Digest& diff_id = whole.facts->diff_id;
  const std::string file = layer::IndexFormat::Write(diff_id, index);
  FUZZ_CHECK(file == layer::IndexFormat::Write(diff_id, *pieces.scan.index));
  const auto read = layer::IndexFormat::Read(diff_id, fuzz::kAlgorithm, AsBytes(file));
  FUZZ_CHECK(read && layer::IndexFormat::Write(diff_id, **read) == file);
  return 0;
}
