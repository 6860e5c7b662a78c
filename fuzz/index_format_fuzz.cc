// Files of the cache: what is accepted can be used without a further check, and written again it is
// the same file. The input is a file without its checksum, which the target puts right, as it does
// the key in the head; else hardly any input would come further than these.
#include "base/content_hash.h"
#include "fuzz/fuzz.h"
#include "layer/index_format.h"
#include "layer/layer_index_builder.h"

namespace fathom::fuzz {
namespace {

// docs/formats/layer-index.md: magic, version, algorithms, diff ID.
constexpr size_t kKeyBytes = 80;

std::string Sealed(std::string file, const std::string& with_key) {
  file.replace(0, kKeyBytes, with_key, 0, kKeyBytes);
  uint8_t checksum[16];
  ContentHasher(ContentAlgorithm::kXxh3_128).HashWhole(AsBytes(file), checksum);
  return file.append(AsText(checksum));
}

void Use(const layer::LayerIndex& index) {
  size_t bytes = 0;
  for (layer::EntryId id = 0; id < index.entry_count(); ++id) {
    const layer::Entry& entry = index.entry(id);
    bytes += index.Path(entry.path).size() + index.link(entry).size() + index.content(id).size();
    FUZZ_CHECK(entry.type <= layer::EntryType::kOther);
    for (const auto& [name, value] : layer::ReadXattrs(index.xattrs(entry))) {
      bytes += name.size() + value.size();
    }
  }
  for (PathId id = 1; id < index.paths().size(); ++id) {
    FUZZ_CHECK(index.paths().parent(id) < id);
    bytes += index.strings()[index.paths().name(id)].size();
  }
  FUZZ_CHECK(bytes < uint64_t{1} << 40);
}

void ReadIndex(const std::string& input, ContentAlgorithm algorithm) {
  const Digest diff_id = DigestOf(AsBytes("fuzz"));
  const Limits limits;
  const std::string empty =
      layer::IndexFormat::Write(diff_id, *layer::LayerIndexBuilder(algorithm, limits).Finish(0));
  const std::string file = Sealed(input, empty);
  const auto index = layer::IndexFormat::Read(diff_id, algorithm, AsBytes(file));
  if (index) {
    Use(**index);
    FUZZ_CHECK(layer::IndexFormat::Write(diff_id, **index) == file);
  }
}

void ReadFacet(const std::string& input) {
  const Digest diff_id = DigestOf(AsBytes("fuzz"));
  const std::string file = Sealed(input, layer::WriteFacet(diff_id, {"file-kind", 1, ""}));
  const auto facet = layer::ReadFacet(diff_id, "file-kind", 1, AsBytes(file));
  if (facet) {
    FUZZ_CHECK(layer::WriteFacet(diff_id, *facet) == file);
  }
}

}  // namespace
}  // namespace fathom::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace fathom;
  const std::string input(AsText({data, size}));
  static_cast<void>(layer::IndexFormat::Read(DigestOf(AsBytes("fuzz")), ContentAlgorithm::kXxh3_128,
                                             AsBytes(input)));
  if (size >= fuzz::kKeyBytes) {
    fuzz::ReadIndex(input, ContentAlgorithm::kXxh3_128);
    fuzz::ReadIndex(input, ContentAlgorithm::kSha256);
    fuzz::ReadFacet(input);
  }
  return 0;
}
